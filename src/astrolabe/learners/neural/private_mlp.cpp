// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/learners/neural/private_mlp.h"

#include "astrolabe/learners/neural/mlp_settings.h"
#include "astrolabe/learners/neural/private_net.h"

namespace astrolabe {
namespace {

using neural::MlpSettings;

MlpSettings settings_of(const SettingValues& told) {
  return read_settings("mlp", neural::settings_table(), neural::private_values(told, private_mlp_defaults()));
}

}  // namespace

SettingValues private_mlp_defaults() {
  // Fewer parameters drown less in the noise on each; what noise does, dropout need not do as well.
  return {{"architecture", std::string("128")},
          {"activation", std::string("tanh")},
          {"dropout", 0.0},
          {"numeric_embedding", std::string("none")},
          {"optimizer", std::string("momentum")},
          {"weight_decay", 0.0}};
}

void require_private_mlp(const SettingValues& values) {
  neural::require_private_net("mlp", settings_of(values), values);
}

PrivateOutcome fit_mlp_privately(const PrivateFitRequest& request) {
  const MlpSettings settings = settings_of(request.settings);
  return neural::fit_net_privately(
      request, settings,
      {.texts = {.architecture = architecture_text(parse_architecture(settings.architecture)),
                 .activation = settings.activation,
                 .normalization = settings.normalization,
                 .numeric_embedding = settings.numeric_embedding}});
}

}  // namespace astrolabe
