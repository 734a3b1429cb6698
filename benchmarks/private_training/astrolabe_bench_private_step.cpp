// SPDX-License-Identifier: Apache-2.0
// What a private step costs beside a plain one: the same net, rows and optimizer, interleaved, by processor
// time. The plain batch has as many rows as the private one expects.
//
//   astrolabe_bench_private_step [ROUNDS]
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "benchmarks/bench_measures.h"

#include "astrolabe/base/random.h"
#include "astrolabe/parts/catalog.h"
#include "astrolabe/train/initialize.h"
#include "astrolabe/train/private_trainer.h"

namespace astrolabe {
namespace {

constexpr std::size_t kRows = 20'000;
constexpr int kSteps = 10;  // of each kind in a round

struct Workload {
  std::string name;
  std::size_t numbers;
  std::string architecture;
  std::size_t outputs;
  std::size_t batch;
  std::string optimizer;
};

template <class Step>
double microseconds(const Step& step) {
  const double begin = processor_seconds();
  for (int i = 0; i < kSteps; ++i) step();
  return 1e6 * (processor_seconds() - begin) / kSteps;
}

void compare(const Workload& workload, int rounds) {
  const NetSpec net{.numbers = workload.numbers,
                    .outputs = workload.outputs,
                    .architecture = parse_architecture(workload.architecture),
                    .activation = resolve_part(Vocabulary::activation, "tanh").expression};
  const ParameterLayout layout = layout_of(net);
  RandomStream random(Key::from_seed(1));
  std::vector<float> x, y;
  for (std::size_t i = 0; i < kRows * workload.numbers; ++i)
    x.push_back(static_cast<float>(random.uniform()));
  for (std::size_t i = 0; i < kRows; ++i) y.push_back(static_cast<float>(random.below(workload.outputs)));
  const TrainingRows rows{.rows = kRows, .x = x, .y = y};
  const StepSpec spec{.net = net,
                      .head = Head::classes,
                      .loss = resolve_part(Vocabulary::loss, "cross_entropy").expression,
                      .optimizer = resolve_part(Vocabulary::optimizer, workload.optimizer).expression,
                      .schedule = resolve_part(Vocabulary::schedule, "cosine").expression,
                      .rows = kRows,
                      .batch = workload.batch};
  const NetBins bins;
  const TrainerSetup setup{.spec = spec,
                           .layout = layout,
                           .rows = rows,
                           .bins = bins,
                           .total_steps = 1'000'000,
                           .key = Key::from_seed(2)};
  const std::vector<float> start = initial_weights(layout, Initialization::he, {}, Key::from_seed(3));
  Trainer plain(setup);
  plain.start(start);
  const PrivatePlan plan{.sampling_rate = static_cast<double>(workload.batch) / kRows,
                         .noise_multiplier = 1,
                         .steps = 1'000'000,
                         .secret = Key::from_seed(4)};
  PrivateTrainer noisy(setup, plan);
  noisy.start(start);
  const auto plain_step = [&] { (void)plain.step(); };
  const auto noisy_step = [&] { noisy.step(); };
  (void)microseconds(plain_step);
  (void)microseconds(noisy_step);
  std::vector<double> a, b, ratio;
  for (int round = 0; round < rounds; ++round) {
    a.push_back(microseconds(plain_step));
    b.push_back(microseconds(noisy_step));
    ratio.push_back(b.back() / a.back());
  }
  std::ranges::sort(ratio);
  const auto at = [&](double share) { return ratio[static_cast<std::size_t>(share * (rounds - 1))]; };
  std::printf("%-28s plain %8.0f us  private %8.0f us  ratio %.2f  [%.2f, %.2f]\n", workload.name.c_str(),
              median(a), median(b), at(0.5), at(0.1), at(0.9));
}

}  // namespace
}  // namespace astrolabe

int main(int argc, char** argv) {
  const int rounds = argc > 1 ? std::atoi(argv[1]) : 20;
  for (const astrolabe::Workload& workload :
       std::vector<astrolabe::Workload>{{"784-128-10, 256 rows", 784, "128", 10, 256, "momentum"},
                                        {"784-128-10, 2048 rows", 784, "128", 10, 2048, "momentum"},
                                        {"784-256-256-10, 1024 rows", 784, "256-256", 10, 1024, "momentum"},
                                        {"20-64-64-2, 1024 rows, adam", 20, "64-64", 2, 1024, "adam"}})
    astrolabe::compare(workload, rounds);
  return 0;
}
