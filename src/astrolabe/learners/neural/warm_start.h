// SPDX-License-Identifier: Apache-2.0
// A fit that begins with another model of the family.
//
//   const WarmStart start(request.start, net, parts, initialization, key);   // may change plan, answer, bins
//   if (start.is_warm()) trainer.start(start.weights().w);
//
// The child takes over how the parent reads rows (centres, scales, bins) and writes answers, so that it
// begins with the parent's function even where it is fitted on other rows.
#pragma once

#include "astrolabe/learners/neural/mlp_model.h"
#include "astrolabe/train/grow.h"

namespace astrolabe::neural {

class WarmStart {
 public:
  // `parts` are those of the child, with plan, answer and outputs; `net` is the child's. Cold when `start` is
  // null, of another family, read other columns, answers another kind of question, knows nothing or is not
  // contained in the child: then `parts` stay as they are.
  WarmStart(const Model* start, const NetSpec& net, MlpParts& parts, Initialization initialization, Key key);

  [[nodiscard]] bool is_warm() const { return grown_.growth != Growth::none; }
  [[nodiscard]] const Grown& weights() const { return grown_; }
  // What a fit that never got better than its start is: the parent's epochs are how it came to be.
  void keep_history(MlpParts& parts) const;

 private:
  const MlpParts* parent_;
  Grown grown_;
};

}  // namespace astrolabe::neural
