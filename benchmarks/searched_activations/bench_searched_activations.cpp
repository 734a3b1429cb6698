// SPDX-License-Identifier: Apache-2.0
// bench_searched_activations TEXTS [STEPS]: trains one small net per activation, on every core, and says how
// long that took. What torch_rival.py beside it does, with Astrolabe.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "benchmarks/bench_measures.h"
#include <fmt/format.h>

#include "astrolabe/parts/catalog.h"
#include "astrolabe/runtime/routine_cache.h"
#include "astrolabe/train/initialize.h"
#include "astrolabe/train/trainer.h"

namespace {

using namespace astrolabe;  // NOLINT(google-build-using-namespace): a program of one file

constexpr std::size_t kInputs = 16, kBatch = 64, kRows = 8 * kBatch;

struct Data {
  std::vector<float> x, y;

  explicit Data(Key key) {
    RandomStream random(key);
    for (std::size_t i = 0; i < kRows * kInputs; ++i) x.push_back(static_cast<float>(random.normal()));
    for (std::size_t i = 0; i < kRows; ++i) y.push_back(static_cast<float>(random.below(2)));
  }
};

// The last loss of MLP 16-64-64-2 with this activation: softmax over two classes, Adam. All begin with the
// same weights, drawn by the first, as the rival's do.
float train(const std::string& text, const Data& data, std::uint64_t steps) {
  StepSpec spec;
  spec.net.numbers = kInputs;
  spec.net.outputs = 2;
  spec.net.architecture = parse_architecture("64-64");
  spec.net.activation = resolve_part(Vocabulary::activation, text).expression;
  spec.head = Head::classes;
  spec.loss = resolve_part(Vocabulary::loss, "cross_entropy").expression;
  spec.optimizer = resolve_part(Vocabulary::optimizer, "adam").expression;
  spec.schedule = resolve_part(Vocabulary::schedule, "constant").expression;
  spec.rows = kRows;
  spec.batch = kBatch;
  const ParameterLayout layout = layout_of(spec.net);
  const TrainingRows rows{.rows = kRows, .x = data.x, .y = data.y};
  const NetBins bins;
  const Key key = Key::from_seed(1);
  Trainer trainer({.spec = spec,
                   .layout = layout,
                   .rows = rows,
                   .bins = bins,
                   .numbers = {.learning_rate = 1e-3},
                   .total_steps = steps,
                   .key = key,
                   .options = {.expected_runs = steps}});
  static const std::vector<float> kWeights =
      initial_weights(layout, Initialization::he, {}, key.split("weights"));
  trainer.start(kWeights);
  float loss = 0;
  for (std::uint64_t step = 0; step < steps; ++step) loss = trainer.step();
  return loss;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    fmt::print(stderr, "bench_searched_activations TEXTS [STEPS]\n");
    return 2;
  }
  std::ifstream file(argv[1]);
  std::vector<std::string> texts;
  for (std::string line; std::getline(file, line);) texts.push_back(line);
  const std::uint64_t steps = argc > 2 ? std::stoull(argv[2]) : 500;
  const Data data(Key::from_seed(7));
  (void)train("relu", data, 20);

  std::atomic<std::size_t> next{0}, finite{0};
  const auto work = [&] {
    for (std::size_t i = next++; i < texts.size(); i = next++)
      if (std::isfinite(train(texts[i], data, steps))) ++finite;
  };
  const unsigned threads = std::max(1U, std::thread::hardware_concurrency());
  const double processor_before = processor_seconds();
  const auto begin = std::chrono::steady_clock::now();
  std::vector<std::thread> team;
  for (unsigned i = 0; i < threads; ++i) team.emplace_back(work);
  for (std::thread& thread : team) thread.join();
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  const double processor = processor_seconds() - processor_before;

  const auto count = static_cast<double>(texts.size());
  const RoutineCache::Counts cache = routine_cache().counts();
  fmt::print("trained {} activations, {} steps each, {} threads; {} ended finite\n", texts.size(), steps,
             threads, finite.load());
  fmt::print("wall      {:.2f} s, {:.1f} activations a second\n", seconds, count / seconds);
  fmt::print(
      "processor {:.1f} us a step, compiling included; {:.1f} activations a second, had nothing else run\n",
      1e6 * processor / (count * static_cast<double>(steps)), threads * count / processor);
  fmt::print("nests compiled {}, found {} times\n", cache.misses, cache.hits);
  return 0;
}
