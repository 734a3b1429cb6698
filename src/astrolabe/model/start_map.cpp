// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/model/start_map.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "astrolabe/base/error.h"
#include "astrolabe/model/learner.h"

namespace astrolabe {
namespace {

// The one row of a column, again and again.
FeatureColumn spread(const FeatureColumn& one, std::size_t rows) {
  FeatureColumn column{.dense = {}, .sparse_rows = {}, .sparse_values = {}, .is_sparse = one.is_sparse};
  if (!one.is_sparse) {
    column.dense.assign(rows, one.dense[0]);
  } else if (!one.sparse_values.empty()) {
    column.sparse_rows.resize(rows);
    std::iota(column.sparse_rows.begin(), column.sparse_rows.end(), 0U);
    column.sparse_values.assign(rows, one.sparse_values[0]);
  }
  return column;
}

}  // namespace

bool StartMap::has_gone() const {
  return std::ranges::find(feature_of, kGone) != feature_of.end();
}

bool StartMap::keeps_features(std::size_t features) const {
  if (feature_of.size() != features) return false;
  for (std::size_t i = 0; i < feature_of.size(); ++i)
    if (feature_of[i] != i) return false;
  return true;
}

std::vector<double> start_answers(const Model& start, const StartMap& map, const FeatureMatrix& features) {
  FeatureMatrix own{
      .rows = features.rows, .info = map.missing.info, .columns = {}, .pixels = features.pixels};
  for (std::size_t i = 0; i < map.feature_of.size(); ++i)
    own.columns.push_back(map.feature_of[i] == StartMap::kGone ? spread(map.missing.columns[i], features.rows)
                                                               : features.columns[map.feature_of[i]]);
  std::vector<double> answers(features.rows * start.outputs());
  start.predict(own, answers);
  if (map.class_of.empty() && (map.slope != 1 || map.shift != 0))
    for (double& answer : answers) answer = map.shift + map.slope * answer;
  return answers;
}

namespace {

// The probability of each class that the start knows, [classes], of one row.
void shares_of_fit(const double* answer, std::size_t outputs, const StartMap& map, std::vector<double>& out) {
  double total = 0;
  for (std::size_t k = 0; k < map.class_of.size(); ++k) {
    out[k] = outputs == 1 ? (map.class_of[k] == 1 ? answer[0] : 1 - answer[0]) : answer[map.class_of[k]];
    total += out[k];
  }
  // Where no class is new they sum to one already, but for what a division would change.
  if (outputs > map.class_of.size() && total > 0)
    for (double& share : out) share /= total;
}

}  // namespace

double largest_difference(const std::vector<double>& of_start, std::size_t start_outputs,
                          const std::vector<double>& of_fit, std::size_t outputs, const StartMap& map) {
  ASTROLABE_CHECK(of_start.size() * outputs == of_fit.size() * start_outputs, "answers for the same rows");
  const std::size_t rows = of_fit.size() / outputs;
  double largest = 0;
  const auto compare = [&](double before, double now) {
    const double difference = std::abs(before - now);
    largest =
        std::isnan(difference) ? std::numeric_limits<double>::infinity() : std::max(largest, difference);
  };
  std::vector<double> now(map.class_of.size());
  for (std::size_t row = 0; row < rows; ++row) {
    const double* before = of_start.data() + row * start_outputs;
    if (map.class_of.empty()) {
      compare(before[0], of_fit[row]);
      continue;
    }
    shares_of_fit(of_fit.data() + row * outputs, outputs, map, now);
    for (std::size_t k = 0; k < now.size(); ++k)
      compare(start_outputs == 1 ? (k == 1 ? before[0] : 1 - before[0]) : before[k], now[k]);
  }
  return largest;
}

}  // namespace astrolabe
