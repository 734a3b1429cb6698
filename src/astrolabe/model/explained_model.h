// SPDX-License-Identifier: Apache-2.0
// What a model can tell, beside predicting, when it knows how much each feature moved each row.
//
//   if (const auto* explained = dynamic_cast<const ExplainedModel*>(&model)) {
//     std::vector<double> moved(rows * model.outputs() * features.features());
//     explained->explain(features, moved, pool);
//   }
#pragma once

#include <span>
#include <vector>

#include "astrolabe/base/thread_pool.h"
#include "astrolabe/model/feature_matrix.h"

namespace astrolabe {

class ExplainedModel {
 public:
  virtual ~ExplainedModel() = default;
  // False when its file is too old to tell, or it is too large: what follows throws then, and says which.
  [[nodiscard]] virtual bool can_explain() const = 0;
  // Whether what is explained is the prediction itself (a share, a number) and not what a link makes it of.
  [[nodiscard]] virtual bool explains_prediction() const = 0;
  // [outputs] What the model says before its link (log-odds, log of a count, the value itself) when it knows
  // nothing of a row: the mean over the rows that it was trained on.
  [[nodiscard]] virtual std::vector<double> expected_scores() const = 0;
  // out [rows, outputs, features]: exact Shapley values. With the expected score they sum to the row's score.
  // Same bytes for any pool.
  virtual void explain(const FeatureMatrix& features, std::span<double> out, ThreadPool& pool) const = 0;
};

}  // namespace astrolabe
