// SPDX-License-Identifier: Apache-2.0
// The settings of the trees family.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "astrolabe/model/settings.h"

namespace astrolabe::trees {

struct TreesSettings {
  std::string loss = "auto";
  std::string class_weights = "none";
  std::int64_t rounds = 0;
  double learning_rate = 0.08;
  std::string growth = "best_first";
  std::int64_t max_leaves = 31;
  std::int64_t max_depth = 0;
  std::int64_t min_rows = 20;
  double min_hessian = 1e-3;
  double min_gain = 0;
  double l1 = 0;
  double l2 = 3;
  double row_sample = 1;
  double column_sample = 0.7;
  std::int64_t max_bins = 255;
  std::int64_t patience = 50;
  double cat_smooth = 10;
  double cat_l2 = 10;
  std::int64_t one_vs_rest = 4;
  std::string monotone;
  std::string interactions;
  std::string boosting = "plain";
  double drop_rate = 0.1;
  double drop_skip = 0.5;
  std::string sampling = "uniform";
  double goss_top = 0.2;
  double goss_rest = 0.1;
};

[[nodiscard]] std::span<const Field<TreesSettings>> settings_table();

}  // namespace astrolabe::trees
