// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <vector>

#include "tests/stats/generated.h"
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace astrolabe {
namespace {

double value_of(std::string_view metric, const Scored& scored) {
  return find_metric(metric)->compute(scored);
}

RC_GTEST_PROP(AucProperty, does_not_change_under_a_monotone_map, ()) {
  const Sample sample = generated_binary();
  Sample mapped = sample;
  for (double& p : mapped.prediction) p = std::exp(3 * p) - 7;
  RC_ASSERT(same(value_of("auc", sample.weighted()), value_of("auc", mapped.weighted())));
}

RC_GTEST_PROP(AucProperty, of_swapped_labels_is_its_complement, ()) {
  const Sample sample = generated_binary();
  Sample swapped = sample;
  for (double& y : swapped.truth) y = 1 - y;
  RC_ASSERT(same(value_of("auc", swapped.weighted()), 1 - value_of("auc", sample.weighted())));
}

RC_GTEST_PROP(AucProperty, is_the_share_of_pairs_in_order, ()) {
  const Sample sample = generated_binary();
  double pairs = 0, ordered = 0;
  for (std::size_t i = 0; i < sample.truth.size(); ++i) {
    for (std::size_t j = 0; j < sample.truth.size(); ++j) {
      if (sample.truth[i] != 1 || sample.truth[j] != 0) continue;
      const double weight = sample.weight[i] * sample.weight[j];
      const double rise = sample.prediction[i] - sample.prediction[j];
      pairs += weight;
      ordered += weight * (rise > 0 ? 1 : rise == 0 ? 0.5 : 0);
    }
  }
  RC_ASSERT(same(value_of("auc", sample.weighted()), ordered / pairs));
}

RC_GTEST_PROP(MetricProperty, takes_whole_weights_as_repeated_rows, ()) {
  const Sample sample = *rc::gen::element(generated_binary(), generated_classes(), generated_numbers());
  Sample repeated{.truth = {}, .prediction = {}, .weight = {}, .outputs = sample.outputs};
  for (std::size_t row = 0; row < sample.truth.size(); ++row) {
    for (double copies = 0; copies < sample.weight[row]; ++copies) {
      repeated.truth.push_back(sample.truth[row]);
      for (std::size_t o = 0; o < sample.outputs; ++o) {
        repeated.prediction.push_back(sample.prediction[row * sample.outputs + o]);
      }
    }
  }
  for (const Metric& metric : metrics()) {
    RC_ASSERT(same(metric.compute(sample.weighted()), metric.compute(repeated.unweighted())));
  }
}

RC_GTEST_PROP(MetricProperty, does_not_change_when_all_weights_grow_alike, ()) {
  const Sample sample = *rc::gen::element(generated_binary(), generated_classes(), generated_numbers());
  Sample heavier = sample;
  for (double& weight : heavier.weight) weight *= 5;
  for (const Metric& metric : metrics()) {
    RC_ASSERT(same(metric.compute(sample.weighted()), metric.compute(heavier.weighted())));
  }
}

RC_GTEST_PROP(MetricProperty, does_not_depend_on_the_order_of_rows, ()) {
  const Sample sample = *rc::gen::element(generated_binary(), generated_numbers());
  Sample reversed = sample;
  std::reverse(reversed.truth.begin(), reversed.truth.end());
  std::reverse(reversed.prediction.begin(), reversed.prediction.end());
  std::reverse(reversed.weight.begin(), reversed.weight.end());
  for (const Metric& metric : metrics()) {
    RC_ASSERT(same(metric.compute(sample.weighted()), metric.compute(reversed.weighted())));
  }
}

}  // namespace
}  // namespace astrolabe
