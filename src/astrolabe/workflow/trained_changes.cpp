// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/workflow/trained_changes.h"

#include <numeric>
#include <vector>

namespace astrolabe {
namespace {

constexpr std::size_t kGlances = 2;
constexpr std::size_t kFirstGlance = 1000;  // seed; far from those that are reported

double mean_of(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

}  // namespace

bool TrainedChanges::has_time() const {
  if (budget_.should_stop()) return false;
  return !budget_.has_deadline() || budget_.seconds_used() + 0.7 * last_ < share_ * budget_.seconds_limit();
}

std::optional<TrainedChange> TrainedChanges::compare(const FilledSystem& before, const FilledSystem& after,
                                                     bool as_they_are) {
  if (!has_time()) return std::nullopt;
  const double began = budget_.seconds_used();
  const std::size_t from = fits_.add(before), to = fits_.add(after);
  if (!as_they_are && (!fits_.tune_one(from, rules_.tries) || !fits_.tune_one(to, rules_.tries)))
    return std::nullopt;
  std::vector<double> befores, afters, gains;
  for (std::size_t seed = 0; seed < rules_.pairs; ++seed) {
    const std::optional<double> old = fits_.score_open(from, seed);
    const std::optional<double> changed = old ? fits_.score_open(to, seed) : std::nullopt;
    if (!changed) break;
    befores.push_back(*old);
    afters.push_back(*changed);
    gains.push_back(*changed - *old);
  }
  last_ = budget_.seconds_used() - began;
  if (gains.size() < 2) return std::nullopt;
  return TrainedChange{.what = {},
                       .instead = {},
                       .text = {},
                       .before = sign_ * mean_of(befores),
                       .after = sign_ * mean_of(afters),
                       .gain = corrected_resampled_t(gains, FreshFits::kJudgedForEachFitted),
                       .pairs = gains.size()};
}

std::optional<double> TrainedChanges::glance(const FilledSystem& before, const FilledSystem& after) {
  if (!has_time()) return std::nullopt;
  const std::size_t from = fits_.add(before), to = fits_.add(after);
  double sum = 0;
  for (std::size_t i = 0; i < kGlances; ++i) {
    const std::optional<double> old = fits_.score_open(from, kFirstGlance + i);
    const std::optional<double> changed = old ? fits_.score_open(to, kFirstGlance + i) : std::nullopt;
    if (!changed) return std::nullopt;
    sum += *changed - *old;
  }
  return sum / static_cast<double>(kGlances);
}

}  // namespace astrolabe
