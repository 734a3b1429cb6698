// SPDX-License-Identifier: Apache-2.0
// bench_children: what a step of a child costs when several train in one routine, beside one after the other;
// and what building the routine costs. One thread, processor time.
#include <algorithm>
#include <vector>

#include "benchmarks/bench_measures.h"
#include <fmt/format.h>

#include "astrolabe/parts/catalog.h"
#include "astrolabe/train/ensemble.h"
#include "astrolabe/train/initialize.h"

namespace {

using namespace astrolabe;  // NOLINT(google-build-using-namespace): a program of one file

constexpr std::size_t kInputs = 16, kBatch = 64, kRows = 8 * kBatch;
constexpr std::uint64_t kSteps = 400;
constexpr int kRounds = 7;

template <class Work>
double seconds_of(const Work& work) {
  const double begin = processor_seconds();
  work();
  return processor_seconds() - begin;
}

void compare(const std::string& architecture, std::size_t count, const TrainingRows& rows) {
  StepSpec spec;
  spec.net.numbers = kInputs;
  spec.net.outputs = 2;
  spec.net.architecture = parse_architecture(architecture);
  spec.net.activation = resolve_part(Vocabulary::activation, "x*sigmoid(1.5*x)+0.1*sin(x)").expression;
  spec.head = Head::classes;
  spec.loss = resolve_part(Vocabulary::loss, "cross_entropy").expression;
  spec.optimizer = resolve_part(Vocabulary::optimizer, "adam").expression;
  spec.schedule = resolve_part(Vocabulary::schedule, "constant").expression;
  spec.rows = kRows;
  spec.batch = kBatch;
  const ParameterLayout layout = layout_of(spec.net);
  const NetBins bins;
  const Key key = Key::from_seed(1);
  const std::vector<float> w = initial_weights(layout, Initialization::he, {}, key.split("weights"));
  const TrainerSetup setup{.spec = spec,
                           .layout = layout,
                           .rows = rows,
                           .bins = bins,
                           .total_steps = kSteps,
                           .key = key,
                           .options = {.expected_runs = 100 * kSteps}};
  std::vector<ChildNumbers> children(count);
  for (std::size_t i = 0; i < count; ++i)
    children[i].numbers.learning_rate = 1e-3 * static_cast<double>(i + 1);
  Trainer alone(setup);
  std::vector<double> alone_seconds, together_seconds;
  Ensemble first(setup, children);  // compiles what is new
  const double build = seconds_of([&] {
    std::vector<ChildNumbers> others = children;
    others.push_back(children.front());  // the program is another one, its machine code is there
    const Ensemble another(setup, others);
  });
  for (int round = 0; round < kRounds; ++round) {
    alone_seconds.push_back(seconds_of([&] {
      for (const ChildNumbers& child : children) {
        alone.start(w);
        alone.set_learning_rate(child.numbers.learning_rate);
        for (std::uint64_t i = 0; i < kSteps; ++i) (void)alone.step();
      }
    }));
    together_seconds.push_back(seconds_of([&] {
      first.start(w);
      for (std::uint64_t i = 0; i < kSteps; ++i) (void)first.step();
    }));
  }
  std::ranges::sort(alone_seconds);
  std::ranges::sort(together_seconds);
  const double scale = 1e6 / static_cast<double>(kSteps * count);
  const double one = scale * alone_seconds[kRounds / 2], many = scale * together_seconds[kRounds / 2];
  fmt::print(
      "{:>9}, {} children: alone {:6.2f} us a step, together {:6.2f}, ratio {:.2f}; building {:.1f} ms\n",
      architecture, count, one, many, one / many, 1e3 * build);
}

}  // namespace

int main() {
  std::vector<float> x, y;
  RandomStream random(Key::from_seed(7));
  for (std::size_t i = 0; i < kRows * kInputs; ++i) x.push_back(static_cast<float>(random.normal()));
  for (std::size_t i = 0; i < kRows; ++i) y.push_back(static_cast<float>(random.below(2)));
  const TrainingRows rows{.rows = kRows, .x = x, .y = y};
  for (const char* architecture : {"16-16", "16-16-16", "32-32", "64-64"})
    for (const std::size_t count : {2, 4, 7, 8}) compare(architecture, count, rows);
}
