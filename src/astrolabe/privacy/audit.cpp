// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/privacy/audit.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include <fmt/format.h>

#include "astrolabe/base/error.h"
#include "astrolabe/stats/exact_proportion.h"

namespace astrolabe {
namespace {

std::uint64_t count_above(std::span<const double> scores, double threshold) {
  return static_cast<std::uint64_t>(
      std::count_if(scores.begin(), scores.end(), [&](double score) { return score > threshold; }));
}

void require_audit(const AttackCounts& counts, double delta, double confidence) {
  const auto refuse = [](const std::string& expected, const std::string& found, const std::string& remedy) {
    throw usage_error(
        {.attempted = "auditing privacy", .expected = expected, .found = found, .remedy = remedy});
  };
  if (!(delta >= 0 && delta < 1))
    refuse("a delta of at least 0 and below 1", fmt::format("{}", delta), "Give the delta of the guarantee.");
  if (!(confidence > 0 && confidence < 1))
    refuse("a confidence between 0 and 1", fmt::format("{}", confidence), "Give 0.95.");
  if (counts.true_positives > counts.members || counts.false_positives > counts.strangers)
    refuse("at most as many positives as trials",
           fmt::format("{} of {} and {} of {}", counts.true_positives, counts.members, counts.false_positives,
                       counts.strangers),
           "Count each trial once.");
}

}  // namespace

AttackCounts count_attack(std::span<const double> member_scores, std::span<const double> stranger_scores,
                          double threshold) {
  return {.members = member_scores.size(),
          .true_positives = count_above(member_scores, threshold),
          .strangers = stranger_scores.size(),
          .false_positives = count_above(stranger_scores, threshold)};
}

double best_threshold(std::span<const double> member_scores, std::span<const double> stranger_scores,
                      double delta, double confidence) {
  std::vector<double> members(member_scores.begin(), member_scores.end());
  std::vector<double> strangers(stranger_scores.begin(), stranger_scores.end());
  std::sort(members.begin(), members.end());
  std::sort(strangers.begin(), strangers.end());
  double best = 0, shown = -1;
  // Between two strangers every threshold has the same false positives: the lowest has the most true ones.
  for (const double threshold : strangers) {
    AttackCounts counts{.members = members.size(), .strangers = strangers.size()};
    counts.true_positives = static_cast<std::uint64_t>(
        members.end() - std::upper_bound(members.begin(), members.end(), threshold));
    counts.false_positives = static_cast<std::uint64_t>(
        strangers.end() - std::upper_bound(strangers.begin(), strangers.end(), threshold));
    const double epsilon = shown_epsilon(counts, delta, confidence);
    if (epsilon <= shown) continue;
    shown = epsilon;
    best = threshold;
  }
  return best;
}

double shown_epsilon(const AttackCounts& counts, double delta, double confidence) {
  require_audit(counts, delta, confidence);
  const double error = (1 - confidence) / 2;
  const double true_low = proportion_at_least(counts.true_positives, counts.members, error);
  const double false_high = proportion_at_most(counts.false_positives, counts.strangers, error);
  double shown = 0;
  if (true_low > delta) shown = std::max(shown, std::log((true_low - delta) / false_high));
  // The same test, read for "did not take part".
  if (1 - false_high > delta) shown = std::max(shown, std::log((1 - false_high - delta) / (1 - true_low)));
  return shown;
}

}  // namespace astrolabe
