// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/workflow/out_of_fold.h"

#include <algorithm>
#include <iterator>

namespace astrolabe {

JudgedRows judge(std::span<const RowIndex> rows, std::span<const double> prediction, const Labels& labels) {
  JudgedRows judged{.truth = {},
                    .prediction = {prediction.begin(), prediction.end()},
                    .weight = {},
                    .outputs = labels.outputs()};
  judged.truth.reserve(rows.size());
  for (const RowIndex row : rows) judged.truth.push_back(labels.values[row]);
  if (!labels.weights.empty()) {
    for (const RowIndex row : rows) judged.weight.push_back(labels.weights[row]);
  }
  if (!labels.groups.empty()) {
    for (const RowIndex row : rows) judged.groups.push_back(labels.groups[row]);
  }
  return judged;
}

double score_rows(const Metric& metric, std::span<const RowIndex> rows, std::span<const double> prediction,
                  const Labels& labels) {
  return metric.compute(judge(rows, prediction, labels).scored());
}

std::vector<RowIndex> common_rows(std::span<const RowIndex> a, std::span<const RowIndex> b) {
  std::vector<RowIndex> both;
  std::set_intersection(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(both));
  return both;
}

JudgedRows judge_some(const CrossValidation& validation, std::span<const RowIndex> some,
                      const Labels& labels) {
  const std::size_t outputs = labels.outputs();
  std::vector<double> predictions;
  predictions.reserve(some.size() * outputs);
  std::size_t at = 0;
  for (const RowIndex row : some) {
    while (validation.rows[at] != row) ++at;
    const auto* begin = validation.out_of_fold.data() + at * outputs;
    predictions.insert(predictions.end(), begin, begin + outputs);
  }
  return judge(some, predictions, labels);
}

bool beats(const Metric& metric, const CrossValidation& challenger, const CrossValidation& champion,
           const Labels& labels) {
  const std::vector<RowIndex> both = common_rows(challenger.rows, champion.rows);
  if (both.empty()) return false;
  const JudgedRows a = judge_some(challenger, both, labels);
  const JudgedRows b = judge_some(champion, both, labels);
  if (!metric.better(metric.compute(a.scored()), metric.compute(b.scored()))) return false;
  if (challenger.rows.size() >= champion.rows.size()) return true;
  const Difference difference = paired_difference(metric, a.scored(), b.scored(), Key::from_seed(0));
  return difference.effect.low > 0 || difference.effect.high < 0;
}

}  // namespace astrolabe
