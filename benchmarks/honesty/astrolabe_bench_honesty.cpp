// SPDX-License-Identifier: Apache-2.0
// How often a proof is wrong, how often it finds what is there, and what its numbers are worth: studies that
// never were, thousands of them, through the very loop that `astrolabe prove` uses.
//
//   astrolabe_bench_honesty [STUDIES]
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <vector>

#include <fmt/format.h>

#include "astrolabe/evidence/proof.h"
#include "astrolabe/stats/interval.h"

namespace astrolabe {
namespace {

// A finding of some effect, in standard deviations of a pair. What the sealed rows say is off by chance once,
// for all of its pairs.
struct Study {
  double effect, row_error;  // in standard deviations of a pair
  Key key;
  double luck_of_rows;
  std::vector<double> pairs = {};

  Study(double of, double error, Key from)
      : effect(of),
        row_error(error),
        key(from),
        luck_of_rows(error * RandomStream(from.split("rows")).normal()) {}

  // Every pair sees the same rows, so their luck is in each of them.
  double draw(std::size_t seed) {
    return effect + luck_of_rows + RandomStream(key.split("pairs").split(seed)).normal();
  }
};

Proof prove(Study& study, std::size_t most_seeds) {
  return prove_findings({.rules = {.most_seeds = most_seeds},
                         .ropes = {0},
                         .retrain = [&](std::size_t, std::size_t seed) -> std::optional<double> {
                           study.pairs.push_back(study.draw(seed));
                           return study.pairs.back();
                         },
                         .compare_rows =
                             [&](std::size_t, double confidence) {
                               const double reach = normal_quantile((1 + confidence) / 2) * study.row_error;
                               double mean = 0;
                               for (const double pair : study.pairs)
                                 mean += pair / static_cast<double>(study.pairs.size());
                               return Estimate{mean, mean - reach, mean + reach, "normal"};
                             }})
      .front();
}

void power(std::size_t studies, double row_error) {
  fmt::print("\nThe sealed rows are off by {} standard deviations of a pair\n\n", row_error);
  fmt::print(
      "| effect | better | 95 % | worse | mean pairs | naive mean of the proved | shrunk | true |\n"
      "| --- | --- | --- | --- | --- | --- | --- | --- |\n");
  for (const double effect : {0.0, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0}) {
    double better = 0, worse = 0, pairs = 0, naive = 0, shrunk = 0;
    for (std::size_t i = 0; i < studies; ++i) {
      Study study(effect, row_error, Key::from_seed(1).split(i));
      const Proof proof = prove(study, 30);
      pairs += static_cast<double>(proof.evidence.pairs());
      worse += proof.verdict == Verdict::worse;
      if (proof.verdict != Verdict::better) continue;
      ++better;
      naive += proof.evidence.mean();
      shrunk += proof.effect();
    }
    const auto n = static_cast<double>(studies);
    const Estimate rate = wilson_interval(better, n);
    fmt::print("| {} | {:.1f} % | {:.1f} to {:.1f} % | {:.1f} % | {:.1f} | {:.3f} | {:.3f} | {} |\n", effect,
               100 * better / n, 100 * rate.low, 100 * rate.high, 100 * worse / n, pairs / n, naive / better,
               shrunk / better, effect);
  }
}

// Whether 95 % intervals hold the truth: of fixed pairs by Student's t, and of all looks by the anytime
// interval.
void coverage(std::size_t studies) {
  double student = 0, anytime = 0;
  for (std::size_t i = 0; i < studies; ++i) {
    RandomStream random(Key::from_seed(2).split(i));
    PairedEvidence evidence;
    std::vector<double> pairs;
    bool holds = true;
    for (int pair = 0; pair < 30; ++pair) {
      pairs.push_back(0.3 + random.normal());
      evidence.add(pairs.back());
      const Estimate interval = evidence.interval(0.05);
      holds = holds && interval.low <= 0.3 && interval.high >= 0.3;
    }
    const Estimate fixed = corrected_resampled_t(pairs, 0);
    student += fixed.low <= 0.3 && fixed.high >= 0.3;
    anytime += holds;
  }
  const auto n = static_cast<double>(studies);
  const double error = std::sqrt(0.95 * 0.05 / n);
  fmt::print(
      "\nOf {} repetitions 95 % intervals hold the truth in {:.2f} % (Student, 30 pairs; 95 +- {:.2f} "
      "expected) and "
      "{:.2f} % (anytime, at all 30 looks; at least 95)\n",
      studies, 100 * student / n, 200 * error, 100 * anytime / n);
}

// What "best validation score" promises when nothing differs: the best of so many equal systems, each
// measured with an error of 1, and what it scores anew.
void selection_bias(std::size_t studies) {
  fmt::print("\n| systems tried | best validation score | the same system anew |\n| --- | --- | --- |\n");
  for (const int systems : {1, 5, 20, 100, 500}) {
    double best_sum = 0, anew = 0;
    for (std::size_t i = 0; i < studies; ++i) {
      RandomStream random(Key::from_seed(3).split(static_cast<std::uint64_t>(systems)).split(i));
      double best = random.normal();
      for (int system = 1; system < systems; ++system) best = std::max(best, random.normal());
      best_sum += best;
      anew += random.normal();
    }
    const auto n = static_cast<double>(studies);
    fmt::print("| {} | {:+.2f} errors | {:+.2f} |\n", systems, best_sum / n, anew / n);
  }
}

}  // namespace
}  // namespace astrolabe

int main(int argc, char** argv) {
  const std::size_t studies = argc > 1 ? static_cast<std::size_t>(std::max(1L, std::atol(argv[1]))) : 2000;
  for (const double row_error : {0.0, 0.1, 0.3}) astrolabe::power(studies, row_error);
  astrolabe::coverage(studies);
  astrolabe::selection_bias(studies);
}
