// SPDX-License-Identifier: Apache-2.0
// The settings of the forest family.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "astrolabe/model/settings.h"

namespace astrolabe::trees {

struct ForestSettings {
  std::int64_t trees = 200;
  std::string splits = "random";
  bool bootstrap = false;
  double columns = 0;
  std::int64_t min_rows = 1;
  std::int64_t max_depth = 0;
  double smoothing = 0.02;
  std::string class_weights = "none";
  std::int64_t max_bins = 255;
  double cat_smooth = 10;
  std::int64_t megabytes = 64;
};

[[nodiscard]] std::span<const Field<ForestSettings>> forest_settings_table();

}  // namespace astrolabe::trees
