// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "tests/stats/generated.h"
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "astrolabe/stats/curve.h"
#include "astrolabe/stats/interval.h"
#include "astrolabe/stats/ranking.h"

namespace astrolabe {
namespace {

const Key kKey = Key::from_seed(5);

Sample any_sample() {
  return *rc::gen::element(generated_binary(), generated_classes(), generated_numbers());
}

// The same truth and weight, predictions rotated by one row.
Sample rival_of(const Sample& sample) {
  Sample rival = sample;
  if (!rival.truth.empty()) {
    std::rotate(rival.prediction.begin(),
                rival.prediction.begin() + static_cast<std::ptrdiff_t>(rival.outputs),
                rival.prediction.end());
  }
  return rival;
}

RC_GTEST_PROP(EstimateProperty, has_both_bounds_around_the_value_or_none, ()) {
  const Sample sample = any_sample();
  for (const Metric& metric : metrics()) {
    for (const Scored& scored : {sample.weighted(), sample.unweighted()}) {
      const Estimate found = estimate(metric, scored, kKey);
      RC_ASSERT(same(found.value, metric.compute(scored)));
      const bool undefined = std::isnan(found.low) && std::isnan(found.high) && found.method == "undefined";
      RC_ASSERT(undefined || (found.low <= found.value && found.value <= found.high));
    }
  }
}

RC_GTEST_PROP(EstimateProperty, widens_with_the_confidence, ()) {
  const Sample sample = any_sample();
  for (const Metric& metric : metrics()) {
    const Estimate narrow = estimate(metric, sample.unweighted(), kKey, 0.8);
    const Estimate wide = estimate(metric, sample.unweighted(), kKey, 0.99);
    RC_ASSERT(narrow.method == "undefined" || (wide.low <= narrow.low && wide.high >= narrow.high));
  }
}

RC_GTEST_PROP(PairedDifferenceProperty, changes_its_sign_when_the_pair_is_swapped, ()) {
  const Sample sample = any_sample(), rival = rival_of(sample);
  for (const Metric& metric : metrics()) {
    for (const bool weighted : {false, true}) {
      const Scored a = weighted ? sample.weighted() : sample.unweighted();
      const Scored b = weighted ? rival.weighted() : rival.unweighted();
      const Difference forth = paired_difference(metric, a, b, kKey),
                       back = paired_difference(metric, b, a, kKey);
      RC_ASSERT(same(forth.effect.value, -back.effect.value));
      RC_ASSERT(same(forth.effect.low, -back.effect.high));
      RC_ASSERT(same(forth.effect.high, -back.effect.low));
      RC_ASSERT(same(forth.p_value, back.p_value));
      RC_ASSERT(std::isnan(forth.p_value) || (forth.p_value >= 0 && forth.p_value <= 1));
    }
  }
}

// The definition, over all pairs of a positive and a negative.
std::vector<double> placements_by_definition(const Sample& sample) {
  std::vector<double> result;
  for (std::size_t i = 0; i < sample.truth.size(); ++i) {
    double others = 0, right = 0;
    for (std::size_t j = 0; j < sample.truth.size(); ++j) {
      if (sample.truth[i] == sample.truth[j]) continue;
      const double rise = (sample.prediction[i] - sample.prediction[j]) * (sample.truth[i] - sample.truth[j]);
      others += 1;
      right += rise > 0 ? 1 : rise == 0 ? 0.5 : 0;
    }
    result.push_back(right / others);
  }
  return result;
}

RC_GTEST_PROP(PlacementsProperty, are_the_shares_of_pairs_in_order, ()) {
  const Sample sample = generated_binary();
  const std::vector<double> expected = placements_by_definition(sample);
  const std::vector<double> found = placements(rank(sample.unweighted()));
  RC_ASSERT(found.size() == expected.size());
  for (std::size_t row = 0; row < found.size(); ++row) RC_ASSERT(same(found[row], expected[row]));
}

RC_GTEST_PROP(HolmProperty, never_lowers_a_p_value_nor_exceeds_bonferroni, ()) {
  const auto p_values = generated_values(*any_in<std::size_t>(0, 12), 0, 101, 0.01);
  const std::vector<double> adjusted = holm_adjust(p_values);
  for (std::size_t i = 0; i < p_values.size(); ++i) {
    RC_ASSERT(adjusted[i] >= p_values[i]);
    RC_ASSERT(adjusted[i] <= std::min(1.0, p_values[i] * static_cast<double>(p_values.size())) + 1e-15);
  }
}

RC_GTEST_PROP(CurveProperty, counts_all_the_weight_of_known_classes, ()) {
  const Sample sample = *rc::gen::element(generated_binary(), generated_classes());
  double total = 0, counted = 0, binned = 0;
  for (const double weight : sample.weight) total += weight;
  for (const double count : confusion(sample.weighted()).counts) counted += count;
  RC_ASSERT(same(counted, total));
  if (sample.outputs != 1) return;
  for (const CalibrationBin& bin : calibration_curve(sample.weighted())) binned += bin.weight;
  RC_ASSERT(same(binned, total));
}

}  // namespace
}  // namespace astrolabe
