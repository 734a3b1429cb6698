// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/report/bench_words.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "astrolabe/base/text.h"

namespace astrolabe {

std::string bench_verdict_words(const BenchComparison& comparison) {
  switch (comparison.verdict) {
    case Verdict::better:
      return comparison.is_interaction ? "more together" : "better";
    case Verdict::worse:
      return comparison.is_interaction ? "less together" : "worse";
    case Verdict::tie:
      return comparison.is_interaction ? "no interaction" : "tie";
    case Verdict::undecided:
      break;
  }
  return "not significant";
}

std::string share_words(const Estimate& effect) {
  if (!std::isfinite(effect.value)) return "not known";
  if (!std::isfinite(effect.low) || !std::isfinite(effect.high))
    return fmt::format("{:+.1f} %, no interval", 100 * effect.value);
  return fmt::format("{:+.1f} % [{:+.1f}, {:+.1f}]", 100 * effect.value, 100 * effect.low, 100 * effect.high);
}

std::string protocol_words(const BenchResult& result) {
  const std::string tuning =
      result.tries > 1
          ? fmt::format("{}: the best of {} learning rates for either side", result.mode, result.tries)
          : fmt::format("{}: settings as they are", result.mode);
  return fmt::format("{}; {} seeds, paired; {}", tuning, result.seeds,
                     result.own_draws ? "each part draws weights and batches of its own"
                                      : "both sides share rows, weights and batches where they can");
}

std::string correction_words(const BenchResult& result) {
  const std::size_t count = result.comparisons.size();
  const std::string intervals =
      count == 1 ? fmt::format("the interval holds with {:.4g} %", 100 * result.confidence)
                 : fmt::format(
                       "{} comparisons: each interval holds with {:.4g} % (Bonferroni), so that one wrong "
                       "verdict among all has a chance of at most {:.3g}",
                       count, 100 * result.confidence, result.alpha);
  return intervals + fmt::format(
                         "; of the marks at single tasks at most {:.3g} are wrong on average (Benjamini and "
                         "Hochberg)",
                         result.alpha);
}

std::string ranks_words(const BenchSlot& slot, double alpha) {
  if (slot.tasks < 2) return "One task: ranks over tasks say nothing.";
  std::size_t told_apart = 0;
  for (const RankedPair& pair : slot.pairs) told_apart += pair.adjusted < alpha ? 1 : 0;
  const std::string friedman =
      fmt::format("Friedman's p over {} tasks is {:.2g}", slot.tasks, slot.friedman.p_value);
  // The least p-value of a signed rank test of n tasks is 2 / 2^n, times the pairs by Holm.
  const double least = std::ldexp(2.0, -static_cast<int>(slot.tasks)) *
                       static_cast<double>(std::max<std::size_t>(1, slot.pairs.size()));
  if (least > alpha)
    return fmt::format(
        "{}. So few tasks cannot tell pairs apart beyond these tasks, whatever the scores (the least p "
        "that Wilcoxon and Holm can reach is {:.2g}).",
        friedman, std::min(1.0, least));
  return fmt::format("{}; beyond these tasks {} of {} pairs differ (Wilcoxon, Holm).", friedman, told_apart,
                     slot.pairs.size());
}

std::string ratio_words(double ratio) {
  return std::isfinite(ratio) ? fmt::format("{:.2f}x", ratio) : "-";
}

}  // namespace astrolabe
