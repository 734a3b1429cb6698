// SPDX-License-Identifier: Apache-2.0
// The settings of the mlp family. Texts that are not choices are read by the rooms that own their language:
// architecture by `train`, the others by `parts`.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "astrolabe/model/settings.h"

namespace astrolabe::neural {

struct MlpSettings {
  std::string architecture = "128-128";
  std::string activation = "silu";
  std::string normalization = "none";
  std::string loss = "auto";
  std::string optimizer = "adam";
  std::string schedule = "cosine";
  std::int64_t batch_size = 0;
  double learning_rate = 0;
  std::int64_t epochs = 0;
  std::int64_t stop_after = 0;
  std::int64_t patience = 40;
  double dropout = 0.2;
  double weight_decay = 0.1;
  double label_smoothing = 0;
  std::string initialization = "he";
  std::string numeric_embedding = "piecewise_linear";
  double clip = 0;
  double distill_temperature = 4;
  double distill_share = 0;
};

[[nodiscard]] std::span<const Field<MlpSettings>> settings_table();

}  // namespace astrolabe::neural
