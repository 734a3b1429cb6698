// SPDX-License-Identifier: Apache-2.0
// A fit that goes on from a model: its trees stay, new ones are added to what it scores.
//
//   const Continuation from(request, objective.loss);    // throws unless the model is of these features
//   std::vector<double> scores = from.scores(request.train.features, request.pool);
//   ... boost ...
//   from.prepend(boosted);
#pragma once

#include <vector>

#include "astrolabe/base/thread_pool.h"
#include "astrolabe/learners/trees/booster.h"
#include "astrolabe/learners/trees/constraints.h"
#include "astrolabe/model/learner.h"

namespace astrolabe::trees {

class Continuation {
 public:
  // Of request.start, which is not null; `link` is what the new trees' scores have. Throws usage_error for a
  // model of another family, of other features (their number, numbers in the place of categories), of another
  // task or another link, and for one whose trees break a monotone or interaction constraint of this fit.
  Continuation(const FitRequest& request, Loss link, const TreeConstraints& constraints);

  [[nodiscard]] const std::vector<double>& initial() const { return start_.forest.initial; }
  // [outputs, rows] What the model says before its link.
  [[nodiscard]] std::vector<double> scores(const FeatureMatrix& features, ThreadPool& pool) const;
  // The model's trees, whose features become those of the matrix, before the new ones, its gains beside
  // theirs. Its initial scores are what the new ones begin with.
  void prepend(Boosted& boosted) const;

 private:
  const Boosted& start_;
};

}  // namespace astrolabe::trees
