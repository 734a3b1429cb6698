// SPDX-License-Identifier: Apache-2.0
// Which encoding a category column gets:
//
//   native categories   codes (category_codes.h); above 250 levels also target statistics
//   otherwise           indicators (one_hot.h); above 100 levels also target statistics
//
// Counted are the levels that the fitting rows hold at least twice. Why both above the limit: indicators
// under a penalty do well on tables of ids, and the statistics carry what a level shares with its like.
#pragma once

#include "astrolabe/features/column_fit.h"

namespace astrolabe {

inline constexpr std::size_t kNativeLevelsWithoutStatistics = 250;
inline constexpr std::size_t kOneHotLevelsWithoutStatistics = 100;

[[nodiscard]] FittedColumn fit_category(const ColumnFit& fit);

}  // namespace astrolabe
