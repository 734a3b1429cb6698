// SPDX-License-Identifier: Apache-2.0
// The settings of the cnn family: those of mlp, with other defaults and words where pictures ask for them.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "astrolabe/learners/neural/mlp_settings.h"

namespace astrolabe::neural {

struct CnnSettings : MlpSettings {
  CnnSettings();

  std::string augmentation = "auto";

  // What is left open, for so many training pictures: rows of a step, epochs, the rate of the default
  // optimizer.
  void fill_for(std::size_t rows);
};

[[nodiscard]] std::span<const Field<CnnSettings>> cnn_settings_table();

}  // namespace astrolabe::neural
