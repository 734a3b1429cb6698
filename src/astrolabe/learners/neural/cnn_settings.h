// SPDX-License-Identifier: Apache-2.0
// The settings of the cnn family: those of mlp, with other defaults and words where pictures ask for them.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "astrolabe/learners/neural/mlp_settings.h"
#include "astrolabe/train/picture_trunk.h"

namespace astrolabe::neural {

struct CnnSettings : MlpSettings {
  CnnSettings();

  std::string augmentation = "auto";

  // What is left open, for so many training pictures: rows of a step, epochs, the rate of the default
  // optimizer.
  void fill_for(std::size_t rows);
};

[[nodiscard]] std::span<const Field<CnnSettings>> cnn_settings_table();

// The text of an architecture as it is printed; of one that nobody chose (it is `by_default`) those pools
// left out that pictures of this size have no room for. Throws usage_error for a text that means nothing.
[[nodiscard]] std::string fitting_architecture(std::string_view text, std::string_view by_default,
                                               const PictureSize& picture);

}  // namespace astrolabe::neural
