// SPDX-License-Identifier: Apache-2.0
// Fits `kernel` as a regression on rows of a raw file, and predicts the last tenth of them.
//
//   astrolabe_bench_kernel ROWS COLUMNS FILE THREADS COMPONENTS FEATURES BANDWIDTH PENALTY
//
// FILE: ROWS * COLUMNS f32 row-major, then ROWS f32 targets. Prints one JSON object: seconds of the fit by
// the wall and by the processor, RMSE on the last tenth, and the model's summary.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>

#include "benchmarks/bench_measures.h"
#include <fmt/format.h>

#include "astrolabe/learners/kernel/kernel.h"

namespace {

using astrolabe::processor_seconds;
using astrolabe::TrainingData;

TrainingData take(const std::vector<float>& x, const std::vector<float>& y, std::size_t columns,
                  std::size_t begin, std::size_t end) {
  TrainingData data;
  data.features.rows = end - begin;
  data.features.info = std::make_shared<const std::vector<astrolabe::Feature>>(columns);
  data.features.columns.resize(columns);
  for (std::size_t j = 0; j < columns; ++j)
    for (std::size_t row = begin; row < end; ++row)
      data.features.columns[j].dense.push_back(x[row * columns + j]);
  data.labels.values.assign(y.begin() + static_cast<std::ptrdiff_t>(begin),
                            y.begin() + static_cast<std::ptrdiff_t>(end));
  return data;
}

int run(char** arguments) {
  const std::size_t rows = std::strtoull(arguments[1], nullptr, 10);
  const std::size_t columns = std::strtoull(arguments[2], nullptr, 10);
  std::vector<float> x(rows * columns), y(rows);
  std::ifstream file(arguments[3], std::ios::binary);
  file.read(reinterpret_cast<char*>(x.data()), static_cast<std::streamsize>(x.size() * sizeof(float)));
  file.read(reinterpret_cast<char*>(y.data()), static_cast<std::streamsize>(y.size() * sizeof(float)));
  if (!file) return 1;
  const std::size_t fitted = rows / 10 * 9;
  const TrainingData train = take(x, y, columns, 0, fitted), test = take(x, y, columns, fitted, rows);
  astrolabe::ThreadPool pool(std::strtoull(arguments[4], nullptr, 10));
  const astrolabe::Budget budget;
  const astrolabe::SettingValues settings = {{"components", std::int64_t{std::atoll(arguments[5])}},
                                             {"features", std::string(arguments[6])},
                                             {"bandwidth", std::strtod(arguments[7], nullptr)},
                                             {"penalty", std::strtod(arguments[8], nullptr)}};
  const auto start = std::chrono::steady_clock::now();
  const double processor = processor_seconds();
  const auto model = astrolabe::kernel_learner().fit({.train = train,
                                                      .settings = settings,
                                                      .key = astrolabe::Key::from_seed(1),
                                                      .pool = pool,
                                                      .budget = budget});
  const double wall = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  const double used = processor_seconds() - processor;
  std::vector<double> out(test.features.rows);
  model->predict(test.features, out);
  double squares = 0;
  for (std::size_t row = 0; row < out.size(); ++row)
    squares += std::pow(out[row] - test.labels.values[row], 2);
  fmt::print("{{\"wall\": {}, \"processor\": {}, \"rmse\": {}, \"peak_mb\": {}, \"summary\": \"{}\"}}\n",
             wall, used, std::sqrt(squares / static_cast<double>(out.size())),
             astrolabe::peak_resident_memory() >> 20, model->summary());
  return 0;
}

}  // namespace

int main(int count, char** arguments) {
  if (count == 9) return run(arguments);
  std::fputs("astrolabe_bench_kernel ROWS COLUMNS FILE THREADS COMPONENTS FEATURES BANDWIDTH PENALTY\n",
             stderr);
  return 2;
}
