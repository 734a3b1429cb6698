// SPDX-License-Identifier: Apache-2.0
// Trees on a table on disk, read whole or in blocks.
//
//   astrolabe_bench_out_of_core write FILE ROWS
//   astrolabe_bench_out_of_core memory FILE THREADS [NAME=VALUE ...]
//   astrolabe_bench_out_of_core streamed FILE THREADS CAP_MB [NAME=VALUE ...]
//
// FILE holds blocks of rows: float32 columns[kColumns][rows of the block], then float32 target[rows of the
// block]. Prints one JSON object: wall and processor seconds to fit (reading a whole table is apart, reading
// blocks is not), nanoseconds a row and round, the most memory that the process ever held, a hash of the
// model's bytes.
#include <algorithm>
#include <cmath>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <string>

#include "benchmarks/bench_input.h"
#include <fmt/format.h>

#include "astrolabe/base/budget.h"
#include "astrolabe/base/hash.h"
#include "astrolabe/learners/trees/streamed_fit.h"
#include "astrolabe/learners/trees/trees.h"
#include "astrolabe/model/block_source.h"

namespace astrolabe {
namespace {

constexpr std::size_t kColumns = 28;
constexpr std::size_t kBlockRows = 65'536;

// A score of a few columns that interact, and noise; some columns are skewed, some know nothing.
void write_table(const std::string& path, std::size_t rows) {
  std::ofstream out(path, std::ios::binary);
  const Key key = Key::from_seed(1);
  for (std::size_t begin = 0; begin < rows; begin += kBlockRows) {
    const std::size_t count = std::min(kBlockRows, rows - begin);
    std::vector<float> block((kColumns + 1) * count);
    RandomStream random(key.split(begin));
    for (std::size_t i = 0; i < count; ++i) {
      double x[kColumns];
      for (std::size_t j = 0; j < kColumns; ++j) {
        x[j] = random.normal();
        const double cell = j % 3 == 1 ? std::exp(x[j]) : x[j];
        block[j * count + i] = static_cast<float>(cell);
      }
      const double score = x[0] * x[1] + std::sin(2 * x[2]) + 0.5 * x[3] * std::abs(x[4]) + 0.4 * x[5] -
                           0.3 * x[6] * x[6] + 0.3 * x[7];
      block[kColumns * count + i] = score + random.normal() > 0 ? 1.0F : 0.0F;
    }
    out.write(reinterpret_cast<const char*>(block.data()),
              static_cast<std::streamsize>(block.size() * sizeof(float)));
  }
  ASTROLABE_CHECK(out.good(), "the disk takes the table");
}

class FileBlocks : public BlockSource {
 public:
  explicit FileBlocks(const std::string& path)
      : file_(path, std::ios::binary),
        rows_(std::filesystem::file_size(path) / ((kColumns + 1) * sizeof(float))) {
    std::vector<Feature> infos;
    for (std::size_t j = 0; j < kColumns; ++j)
      infos.push_back({.name = fmt::format("f{}", j), .source = fmt::format("f{}", j)});
    info_ = std::make_shared<const std::vector<Feature>>(std::move(infos));
  }
  [[nodiscard]] std::size_t rows() const override { return rows_; }
  [[nodiscard]] std::shared_ptr<const std::vector<Feature>> info() const override { return info_; }
  void rewind() override {
    file_.clear();
    file_.seekg(0);
    next_ = 0;
  }
  [[nodiscard]] bool next(TrainingData& block) override {
    const std::size_t count = std::min(kBlockRows, rows_ - next_);
    if (count == 0) return false;
    block.features.rows = count;
    block.features.info = info_;
    block.features.columns.resize(kColumns);
    for (FeatureColumn& column : block.features.columns) read(column.dense, count);
    read(targets_, count);
    block.labels.kind = TaskKind::binary;
    block.labels.classes = 2;
    block.labels.values.assign(targets_.begin(), targets_.end());
    next_ += count;
    return true;
  }

 private:
  void read(std::vector<float>& to, std::size_t count) {
    to.resize(count);
    file_.read(reinterpret_cast<char*>(to.data()), static_cast<std::streamsize>(count * sizeof(float)));
    ASTROLABE_CHECK(file_.good(), "the table is whole");
  }

  std::ifstream file_;
  std::size_t rows_;
  std::shared_ptr<const std::vector<Feature>> info_;
  std::size_t next_ = 0;
  std::vector<float> targets_;
};

TrainingData read_whole(FileBlocks& blocks) {
  TrainingData all, block;
  while (blocks.next(block)) {
    all.labels.kind = block.labels.kind;
    all.labels.classes = block.labels.classes;
    all.features.info = block.features.info;
    all.features.columns.resize(kColumns);
    all.features.rows += block.features.rows;
    for (std::size_t j = 0; j < kColumns; ++j) {
      std::vector<float>& column = all.features.columns[j].dense;
      column.reserve(blocks.rows());
      column.insert(column.end(), block.features.columns[j].dense.begin(),
                    block.features.columns[j].dense.end());
    }
    all.labels.values.insert(all.labels.values.end(), block.labels.values.begin(), block.labels.values.end());
  }
  return all;
}

void report(const Model& model, std::size_t rows, double wall, double processor) {
  ArchiveWriter archive;
  model.save(archive);
  const auto rounds = static_cast<double>(std::get<std::int64_t>(model.settings_found().at("rounds")));
  fmt::print(
      "{{\"rows\": {}, \"rounds\": {}, \"wall_s\": {:.2f}, \"cpu_s\": {:.2f}, \"ns_per_row_and_round\": "
      "{:.1f}, \"peak_mb\": {}, \"model\": \"{:016x}\"}}\n",
      rows, rounds, wall, processor, 1e9 * wall / (static_cast<double>(rows) * rounds),
      peak_resident_memory() >> 20U, hash_text(archive.bytes()));
}

int run(int count, char** arguments) {
  const std::string mode = count > 3 ? arguments[1] : "";
  if (mode == "write") {
    write_table(arguments[2], std::strtoul(arguments[3], nullptr, 10));
    return 0;
  }
  const bool is_streamed = mode == "streamed";
  if ((!is_streamed && mode != "memory") || (is_streamed && count < 5)) {
    fmt::print(stderr, "usage: astrolabe_bench_out_of_core write|memory|streamed FILE ROWS|THREADS ...\n");
    return 2;
  }
  FileBlocks blocks(arguments[2]);
  ThreadPool pool(std::strtoul(arguments[3], nullptr, 10));
  const std::uint64_t cap = is_streamed ? std::strtoull(arguments[4], nullptr, 10) << 20U : 0;
  const SettingValues settings =
      settings_of(trees_learner(), std::span(arguments + (is_streamed ? 5 : 4), arguments + count));
  TrainingData all;
  if (!is_streamed) all = read_whole(blocks);
  const Budget budget;
  const std::clock_t begin = std::clock();
  const Key key = Key::from_seed(1);
  const std::unique_ptr<const Model> model =
      is_streamed ? trees::fit_streamed({.rows = blocks,
                                         .settings = settings,
                                         .key = key,
                                         .pool = pool,
                                         .budget = budget,
                                         .folder = std::filesystem::temp_directory_path(),
                                         .memory_bytes = cap - std::min(cap, resident_memory())})
                  : trees_learner().fit(
                        {.train = all, .settings = settings, .key = key, .pool = pool, .budget = budget});
  report(*model, blocks.rows(), budget.seconds_used(),
         static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC);
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
