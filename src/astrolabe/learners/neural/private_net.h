// SPDX-License-Identifier: Apache-2.0
// What families of nets share of a private fit.
//
//   require_private_net("cnn", settings, values);
//   return fit_net_privately(request, settings, {.texts = texts, .picture = picture});
//
// What a plain fit finds out from rows is fixed here: features come scaled, the outputs' bias begins at 0,
// there is no race for a learning rate, no early stopping, no importance of features and no curve of losses.
#pragma once

#include <string>
#include <string_view>

#include "astrolabe/learners/neural/mlp_design.h"
#include "astrolabe/train/augmentation.h"
#include "astrolabe/train/private_fit.h"

namespace astrolabe::neural {

// What a family decides before a private fit.
struct PrivateNetPlan {
  NetTexts texts;
  PictureInput picture = {};       // by no statistic of rows
  Augmentation augmentation = {};  // not mixup
};

// Throws a usage_error about a setting of that learner which private training cannot have.
[[noreturn]] void refuse_private(std::string_view learner, std::string_view setting, const std::string& found,
                                 const std::string& why);
// What the user told, then what a family begins with privately. A learning rate too, unless another optimizer
// was told: one that suits the default says nothing about another.
[[nodiscard]] SettingValues private_values(const SettingValues& told, SettingValues defaults);
// Throws usage_error for what no private net can have: batch normalization, embeddings of numbers, a clip of
// the whole gradient, patience, stop_after, a teacher, and an optimizer whose learning rate is nobody's
// default. `told`: what the user wrote.
void require_private_net(std::string_view learner, const MlpSettings& settings, const SettingValues& told);

// Settings as of require_private_net. Throws usage_error also for a loss whose answers are exponentials.
[[nodiscard]] PrivateOutcome fit_net_privately(const PrivateFitRequest& request, const MlpSettings& settings,
                                               const PrivateNetPlan& asked);

}  // namespace astrolabe::neural
