// SPDX-License-Identifier: Apache-2.0
// One fit of `cnn` on a set of pictures with a test part of its own, and how right it is there:
//
//   bench_pictures FOLDER SECONDS THREADS [rows=N] [held_out=N] [SETTING=VALUE]...
//
// rows: the first so many of the training part. held_out: so many of these, evenly over them, are not fitted
// on and judged in place of the test part, for who compares settings. FOLDER holds IDX files
// (train-images-idx3-ubyte.gz and so on) or CIFAR records (train.bin.gz, test.bin.gz). SECONDS is a budget as
// a run gives one, 0 for none; the deadline is told to the fit four times as long, since a fit alone has all
// of the time that a run would share. Prints the epochs on the way, then one line.
#include <chrono>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <iostream>

#include "benchmarks/bench_input.h"
#include "benchmarks/idx_input.h"
#include <fmt/format.h>

#include "astrolabe/learners/neural/cnn.h"

namespace astrolabe {
namespace {

// Planes of red, green and blue become channels last.
void add_cifar(const std::string& path, TrainingData& data) {
  constexpr std::size_t kPlane = 32 * 32, kRecord = 1 + 3 * kPlane;
  const std::string bytes = unzipped(path);
  data.features.pixels.shape = {32, 32, 3};
  for (std::size_t at = 0; at + kRecord <= bytes.size(); at += kRecord) {
    data.labels.values.push_back(bytes[at]);
    for (std::size_t i = 0; i < kPlane; ++i)
      for (std::size_t channel = 0; channel < 3; ++channel)
        data.features.pixels.bytes.push_back(static_cast<std::uint8_t>(bytes[at + 1 + channel * kPlane + i]));
  }
}

TrainingData read(const std::string& folder, bool is_test) {
  TrainingData data;
  if (std::filesystem::exists(folder + "/train.bin.gz"))
    add_cifar(folder + (is_test ? "/test.bin.gz" : "/train.bin.gz"), data);
  else
    add_idx(folder + (is_test ? "/t10k" : "/train"), data);
  finish_pictures(data);
  return data;
}

double cpu_seconds() {
  return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
}

double share_right(const Model& model, const TrainingData& test) {
  std::vector<double> p(test.features.rows * 10);
  model.predict(test.features, p);
  std::size_t right = 0;
  for (std::size_t row = 0; row < test.features.rows; ++row) {
    const auto begin = p.begin() + static_cast<std::ptrdiff_t>(row * 10);
    right +=
        std::max_element(begin, begin + 10) - begin == static_cast<std::ptrdiff_t>(test.labels.values[row]);
  }
  return static_cast<double>(right) / static_cast<double>(test.features.rows);
}

TrainingData taken(const TrainingData& data, const std::vector<std::uint32_t>& rows) {
  TrainingData some{.features = data.features.take_rows(rows), .labels = data.labels};
  some.labels.values.clear();
  for (const std::uint32_t row : rows) some.labels.values.push_back(data.labels.values[row]);
  return some;
}

// Takes "name=N" out of the arguments; `otherwise` where it is not among them.
std::size_t take_number(std::vector<char*>& arguments, const std::string& name, std::size_t otherwise) {
  const auto found = std::ranges::find_if(
      arguments, [&](const char* argument) { return std::string_view(argument).starts_with(name + "="); });
  if (found == arguments.end()) return otherwise;
  const std::size_t number = std::stoul(std::string(*found).substr(name.size() + 1));
  arguments.erase(found);
  return number;
}

int bench(int count, char** all) {
  std::vector<char*> arguments(all, all + count);
  TrainingData train = read(arguments[1], false);
  const std::size_t rows = std::min(take_number(arguments, "rows", train.features.rows), train.features.rows);
  const std::size_t held_out = take_number(arguments, "held_out", 0);
  std::vector<std::uint32_t> fitted, judged;
  for (std::uint32_t row = 0; row < rows; ++row)
    (row * held_out / rows != (row + 1) * held_out / rows ? judged : fitted).push_back(row);
  const TrainingData test = held_out > 0 ? taken(train, judged) : read(arguments[1], true);
  train = taken(train, fitted);
  const double seconds = std::stod(arguments[2]);
  ThreadPool pool(std::stoul(arguments[3]));
  const SettingValues settings = settings_of(cnn_learner(), std::span(arguments).subspan(4));
  const Budget budget = seconds > 0 ? Budget({.seconds = 4 * seconds}) : Budget();
  const auto begin = std::chrono::steady_clock::now();
  const double cpu = cpu_seconds();
  const auto told = [&](std::string_view words) {
    fmt::print("{:7.1f} s cpu  {}\n", cpu_seconds() - cpu, words);
    std::fflush(stdout);
  };
  const auto model = cnn_learner().fit({.train = train,
                                        .settings = settings,
                                        .key = Key::from_seed(1),
                                        .pool = pool,
                                        .budget = budget,
                                        .tell = told});
  const double wall = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  const double used = cpu_seconds() - cpu;
  fmt::print("accuracy {:.4f}, {:.0f} s, {:.0f} s of processors; {}\n", share_right(*model, test), wall, used,
             model->summary());
  return 0;
}

}  // namespace
}  // namespace astrolabe

int main(int count, char** arguments) {
  if (count < 4) {
    std::cerr << "bench_pictures FOLDER SECONDS THREADS [rows=N] [held_out=N] [SETTING=VALUE]...\n";
    return 2;
  }
  return astrolabe::bench(count, arguments);
}
