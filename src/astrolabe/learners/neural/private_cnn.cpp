// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/learners/neural/private_cnn.h"

#include "astrolabe/base/error.h"
#include "astrolabe/learners/neural/cnn_settings.h"
#include "astrolabe/learners/neural/private_net.h"

namespace astrolabe {
namespace {

using neural::CnnSettings;
using neural::PictureInput;

CnnSettings settings_of(const SettingValues& told) {
  return read_settings("cnn", neural::cnn_settings_table(),
                       neural::private_values(told, private_cnn_defaults()));
}

// What is known of a byte without looking at any: it lies between 0 and 255.
PictureInput input_of(const Pixels& pixels) {
  constexpr float kHalf = 127.5F;
  return {.size = {pixels.shape.height, pixels.shape.width, pixels.shape.channels},
          .centre = kHalf,
          .scale = 1 / kHalf};
}

}  // namespace

SettingValues private_cnn_defaults() {
  // Never tuned. Small, since noise is on each parameter; activations that are bounded (Papernot et al.,
  // "Tempered sigmoid activations for deep learning with differential privacy", AAAI 2021).
  return {{"architecture", std::string("conv5x16/2-pool2-conv3x32-pool2-32")},
          {"activation", std::string("tanh")},
          {"augmentation", std::string("none")},
          {"dropout", 0.0},
          {"label_smoothing", 0.0},
          {"normalization", std::string("none")},
          {"optimizer", std::string("momentum")},
          {"schedule", std::string("cosine")},
          {"weight_decay", 0.0}};
}

void require_private_cnn(const SettingValues& values) {
  const CnnSettings settings = settings_of(values);
  neural::require_private_net("cnn", settings, values);
  if (settings.augmentation == "auto")
    neural::refuse_private("cnn", "augmentation", "auto",
                           "It asks the pictures whether a mirror keeps their class: name what you know, as "
                           "shift+flip.");
  if (parse_augmentation(settings.augmentation).mixes)
    neural::refuse_private(
        "cnn", "augmentation", "mixup",
        "It lays two pictures over each other, so that none has a gradient of its own: leave "
        "it out.");
}

PrivateOutcome fit_cnn_privately(const PrivateFitRequest& request) {
  const CnnSettings settings = settings_of(request.settings);
  const Pixels& pixels = request.train.features.pixels;
  ASTROLABE_CHECK(!pixels.empty(), "rows with pictures");
  const std::string architecture = neural::fitting_architecture(
      settings.architecture, std::get<std::string>(private_cnn_defaults().at("architecture")),
      {pixels.shape.height, pixels.shape.width, pixels.shape.channels});
  return neural::fit_net_privately(request, settings,
                                   {.texts = {.architecture = architecture,
                                              .activation = settings.activation,
                                              .normalization = settings.normalization,
                                              .numeric_embedding = settings.numeric_embedding},
                                    .picture = input_of(pixels),
                                    .augmentation = parse_augmentation(settings.augmentation)});
}

}  // namespace astrolabe
