// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/learners/neural/warm_start.h"

#include <algorithm>

namespace astrolabe::neural {
namespace {

// Whether every feature enters by the same way at the same place; centres and scales may differ.
bool same_places(const InputPlan& a, const InputPlan& b) {
  const auto same = [](const InputPlan::Route& one, const InputPlan::Route& other) {
    return one.way == other.way && one.codes == other.codes && one.at == other.at && one.sign == other.sign;
  };
  return a.numbers() == b.numbers() && std::ranges::equal(a.routes(), b.routes(), same);
}

bool same_question(const MlpParts& a, const MlpParts& b) {
  return a.outputs == b.outputs && a.picture.size == b.picture.size && a.answer.head == b.answer.head &&
         a.answer.is_logarithmic == b.answer.is_logarithmic;
}

}  // namespace

WarmStart::WarmStart(const Model* start, const NetSpec& net, MlpParts& parts, Initialization initialization,
                     Key key)
    : parent_(start == nullptr ? nullptr : parts_of(*start)) {
  if (parent_ == nullptr || !same_question(*parent_, parts) || !same_places(parent_->plan, parts.plan) ||
      !(parent_->answer.scale > 0))
    return;
  const NetSpec parent_net = make_net(parent_->texts, parent_->plan, parent_->outputs, parent_->picture);
  grown_ = grow_weights(net, {.net = parent_net, .w = parent_->w, .running = parent_->running},
                        initialization, key);
  if (!is_warm()) return;
  parts.plan = parent_->plan;
  parts.bins = parent_->bins;
  parts.picture = parent_->picture;
  parts.answer.centre = parent_->answer.centre;
  parts.answer.scale = parent_->answer.scale;
}

void WarmStart::keep_history(MlpParts& parts) const {
  if (!is_warm() || parts.best_epoch > 0) return;
  parts.epochs = parent_->epochs;
  parts.best_epoch = parent_->best_epoch;
  parts.learning_rate = parent_->learning_rate;
}

}  // namespace astrolabe::neural
