// SPDX-License-Identifier: Apache-2.0
// What schedules gain over the plain rules that products ran by before there were schedules: the analytic
// default of today, and the winner of a measured search; of convolutions the winner over the default. Equal
// bytes first (the search checks every schedule that it times); then the two take turns in bursts of
// processor time.
//
//   bench_schedules shapes.txt [--seconds 6] [--rounds 41] [--seed 1] [--set avx2]
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "astrolabe/base/text.h"
#include "astrolabe/runtime/convolve_class.h"
#include "astrolabe/runtime/convolve_runner.h"
#include "astrolabe/runtime/machine_key.h"
#include "astrolabe/runtime/tune_convolution.h"
#include "astrolabe/runtime/tune_product.h"

namespace astrolabe {
namespace {

// Says nothing that a kernel listens to, but is not the default: the plain rules alone.
constexpr GemmSchedule kPlainRules{.order = TileOrder::columns};

struct Mean {
  double sum = 0;
  int count = 0;
  void add(double ratio) { sum += std::log(ratio), ++count; }
  [[nodiscard]] double value() const { return std::exp(sum / count); }
};

struct Shapes {
  std::vector<GemmShape> products;
  std::vector<ConvolveStep> convolutions;
};

Shapes read_shapes(const std::string& path) {
  Shapes shapes;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    const std::string_view text = trim(std::string_view(line).substr(0, line.find('#')));
    if (const auto shape = parse_shape(text)) shapes.products.push_back(*shape);
    if (const auto step = parse_convolve_class(text)) shapes.convolutions.push_back(*step);
  }
  return shapes;
}

std::string gain_text(const Estimate& gain) {
  return fmt::format("{:.3f} [{:.3f}, {:.3f}]", gain.value, gain.low, gain.high);
}

void tune_convolutions(const std::vector<ConvolveStep>& steps, const TuneEffort& effort, std::size_t rounds) {
  fmt::print("\n| convolution | default, GFLOP/s | tuned | gain | schedule |\n|---|---|---|---|---|\n");
  Mean gain, low;
  for (const ConvolveStep& step : steps) {
    const TunedConvolution tuned = tune_convolution(step, effort);
    const PairedTimes best = compare_convolve_schedules(step, effort, {}, tuned.schedule, rounds);
    const double work = 2e-9 * convolve_work(step);
    fmt::print("| {} | {:.1f} | {:.1f} | {} | {} |\n", convolve_class(step), work / best.before,
               work / best.after, gain_text(best.gain), convolve_schedule_in_words(tuned.schedule));
    std::fflush(stdout);
    gain.add(best.gain.value);
    low.add(best.gain.low);
  }
  fmt::print("\nGeometric means over {} convolutions: tuned / default {:.3f} (of the low ends {:.3f})\n",
             gain.count, gain.value(), low.value());
}

void tune_products(const std::vector<GemmShape>& shapes, const TuneEffort& effort, std::size_t rounds) {
  fmt::print(
      "| shape | plain rules, GFLOP/s | default | gain | tuned | gain | schedule "
      "|\n|---|---|---|---|---|---|---|\n");
  Mean by_default, tuned_over_default, tuned_over_plain, low;
  for (const GemmShape& shape : shapes) {
    const TunedProduct tuned = tune_product(shape, effort);
    const PairedTimes now = compare_schedules(shape, effort, kPlainRules, {}, rounds);
    const PairedTimes best = compare_schedules(shape, effort, kPlainRules, tuned.schedule, rounds);
    const PairedTimes more = compare_schedules(shape, effort, {}, tuned.schedule, rounds);
    const double work =
        2e-9 * static_cast<double>(shape.m) * static_cast<double>(shape.n) * static_cast<double>(shape.k);
    fmt::print("| {} | {:.1f} | {:.1f} | {} | {:.1f} | {} | {} |\n", shape_text(shape), work / now.before,
               work / now.after, gain_text(now.gain), work / best.after, gain_text(best.gain),
               schedule_in_words(tuned.schedule));
    std::fflush(stdout);
    by_default.add(now.gain.value);
    tuned_over_plain.add(best.gain.value);
    low.add(best.gain.low);
    tuned_over_default.add(more.gain.value);
  }
  fmt::print(
      "\nGeometric means over {} shapes: default / plain rules {:.3f}, tuned / plain rules {:.3f} (of the "
      "low ends "
      "{:.3f}), tuned / default {:.3f}\n",
      low.count, by_default.value(), tuned_over_plain.value(), low.value(), tuned_over_default.value());
}

int run(const std::string& path, const TuneEffort& effort, std::size_t rounds) {
  fmt::print("{}\n\n", machine_key(effort.set));
  const Shapes shapes = read_shapes(path);
  if (!shapes.products.empty()) tune_products(shapes.products, effort, rounds);
  if (!shapes.convolutions.empty()) tune_convolutions(shapes.convolutions, effort, rounds);
  return 0;
}

}  // namespace
}  // namespace astrolabe

int main(int count, char** arguments) {
  if (count < 2) return 2;
  astrolabe::TuneEffort effort{.seconds = 6, .key = astrolabe::Key::from_seed(1)};
  std::size_t rounds = 41;
  for (int i = 2; i + 1 < count; i += 2) {
    const std::string_view name = arguments[i];
    if (name == "--seconds") effort.seconds = std::atof(arguments[i + 1]);
    if (name == "--rounds") rounds = std::strtoul(arguments[i + 1], nullptr, 10);
    if (name == "--set" && std::string_view(arguments[i + 1]) == "avx2")
      effort.set = astrolabe::InstructionSet::avx2;
    if (name == "--seed") effort.key = astrolabe::Key::from_seed(std::strtoul(arguments[i + 1], nullptr, 10));
  }
  return astrolabe::run(arguments[1], effort, rounds);
}
