// SPDX-License-Identifier: Apache-2.0
// Fits trees, then predicts whenever it is told to: the other half of predict.py.
//
//   astrolabe_bench_forest TABLE OUT THREADS [NAME=VALUE ...]
//
// TABLE: int64 rows to fit, rows to predict, features; float32 columns[features][all rows]; float64
// target[rows to fit], 0 or 1. A line "many" on standard input predicts all rows on THREADS threads and
// writes OUT, float64 [rows to predict]; "one" predicts 2,000 rows one by one. The answer is a line of JSON:
// wall and processor seconds, for "one" the median and the 99th percentile of a row in microseconds.
#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <iostream>
#include <string>

#include "benchmarks/bench_input.h"
#include <fmt/format.h>

#include "astrolabe/base/file.h"
#include "astrolabe/learners/trees/trees.h"

namespace astrolabe {
namespace {

constexpr std::size_t kChunkRows = 8192;
constexpr std::size_t kSingleRows = 2000;

struct Tables {
  TrainingData train;
  std::vector<FeatureMatrix> chunks;  // of the rows to predict, as a program reads them: some at a time
  std::size_t rows = 0;
};

FeatureMatrix part_of(const std::vector<std::vector<float>>& columns, std::size_t begin, std::size_t end,
                      const std::shared_ptr<const std::vector<Feature>>& info) {
  FeatureMatrix part;
  part.rows = end - begin;
  part.info = info;
  for (const std::vector<float>& column : columns) {
    FeatureColumn& to = part.columns.emplace_back();
    to.dense.assign(column.begin() + static_cast<std::ptrdiff_t>(begin),
                    column.begin() + static_cast<std::ptrdiff_t>(end));
  }
  return part;
}

Tables read_tables(const std::string& path) {
  const std::string file = read_file(path, "benchmark table");
  std::string_view bytes = file;
  const auto head = take<std::int64_t>(bytes, 3);
  const auto fitted = static_cast<std::size_t>(head[0]);
  Tables tables;
  tables.rows = static_cast<std::size_t>(head[1]);
  std::vector<std::vector<float>> columns;
  std::vector<Feature> features;
  for (std::int64_t j = 0; j < head[2]; ++j) {
    columns.push_back(take<float>(bytes, fitted + tables.rows));
    features.push_back({.name = fmt::format("f{}", j), .source = fmt::format("f{}", j)});
  }
  const auto info = std::make_shared<const std::vector<Feature>>(std::move(features));
  tables.train.features = part_of(columns, 0, fitted, info);
  tables.train.labels = {
      .kind = TaskKind::binary, .classes = 2, .values = take<double>(bytes, fitted), .weights = {}};
  for (std::size_t begin = 0; begin < tables.rows; begin += kChunkRows)
    tables.chunks.push_back(
        part_of(columns, fitted + begin, fitted + std::min(begin + kChunkRows, tables.rows), info));
  return tables;
}

double seconds_since(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

void predict_many(const Model& model, const Tables& tables, ThreadPool& pool, const std::string& out) {
  std::vector<double> predicted(tables.rows);
  const auto begin = std::chrono::steady_clock::now();
  const std::clock_t processor = std::clock();
  pool.for_each(tables.chunks.size(), [&](std::size_t i) {
    model.predict(tables.chunks[i], std::span(predicted).subspan(i * kChunkRows, tables.chunks[i].rows));
  });
  const double wall = seconds_since(begin);
  const double used = static_cast<double>(std::clock() - processor) / CLOCKS_PER_SEC;
  write_file_atomically(out,
                        {reinterpret_cast<const char*>(predicted.data()), predicted.size() * sizeof(double)});
  fmt::print("{{\"wall_s\": {:.4f}, \"processor_s\": {:.4f}}}\n", wall, used);
}

void predict_one_by_one(const Model& model, const Tables& tables) {
  std::vector<FeatureMatrix> rows;
  for (std::uint32_t row = 0; row < kSingleRows; ++row) {
    const std::vector<std::uint32_t> wanted = {row};
    rows.push_back(tables.chunks[0].take_rows(wanted));
  }
  std::vector<double> microseconds;
  double out = 0;
  for (const FeatureMatrix& row : rows) {
    const auto begin = std::chrono::steady_clock::now();
    model.predict(row, std::span(&out, 1));
    microseconds.push_back(1e6 * seconds_since(begin));
  }
  std::sort(microseconds.begin(), microseconds.end());
  fmt::print("{{\"median_us\": {:.3f}, \"p99_us\": {:.3f}}}\n", microseconds[kSingleRows / 2],
             microseconds[kSingleRows * 99 / 100]);
}

int run(int count, char** arguments) {
  if (count < 4) {
    fmt::print(stderr, "usage: astrolabe_bench_forest TABLE OUT THREADS [NAME=VALUE ...]\n");
    return 2;
  }
  const Tables tables = read_tables(arguments[1]);
  const SettingValues settings = settings_of(trees_learner(), std::span(arguments + 4, arguments + count));
  ThreadPool pool(std::strtoul(arguments[3], nullptr, 10));
  const Budget budget;
  const auto model = trees_learner().fit({.train = tables.train,
                                          .settings = settings,
                                          .key = Key::from_seed(1),
                                          .pool = pool,
                                          .budget = budget});
  fmt::print("{{\"model\": \"{}\"}}\n", model->summary());
  std::fflush(stdout);
  for (std::string line; std::getline(std::cin, line);) {
    if (line == "many") predict_many(*model, tables, pool, arguments[2]);
    if (line == "one") predict_one_by_one(*model, tables);
    std::fflush(stdout);
  }
  return 0;
}

}  // namespace
}  // namespace astrolabe

int main(int count, char** arguments) {
  try {
    return astrolabe::run(count, arguments);
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 1;
  }
}
