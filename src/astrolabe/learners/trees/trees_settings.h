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
  double learning_rate = 0;
  std::string growth = "best_first";
  std::int64_t max_leaves = 31;
  std::int64_t max_depth = 0;
  std::int64_t min_rows = 0;
  double min_hessian = 1e-3;
  double min_gain = 0;
  double l1 = 0;
  double l2 = 3;
  bool linear_leaves = false;
  double linear_l2 = 10;
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
  std::int64_t rank_truncation = 30;
  double rank_sigma = 1;
  // Not in the table: nobody chose rounds or learning_rate, so that a fit whose time is short may take larger
  // steps.
  bool may_hurry = false;
};

// rounds * learning_rate of a fit that watches no rows.
inline constexpr double kPlainSteps = 16;

[[nodiscard]] std::span<const Field<TreesSettings>> settings_table();

// `values` over the defaults, for a fit on so many rows that weigh anything; what is 0 for "by the rows"
// (rounds, learning_rate, min_rows) becomes a number, as benchmarks/trees_defaults found them. `watches`:
// rows say when to stop. Throws usage_error as read_settings() does.
[[nodiscard]] TreesSettings settings_for(const SettingValues& values, std::size_t rows, bool watches);

}  // namespace astrolabe::trees
