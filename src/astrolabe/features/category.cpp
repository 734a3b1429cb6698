// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/features/category.h"

#include <algorithm>

#include "astrolabe/features/category_codes.h"
#include "astrolabe/features/level_index.h"
#include "astrolabe/features/one_hot.h"
#include "astrolabe/features/stacked.h"
#include "astrolabe/features/target_statistics.h"

namespace astrolabe {

FittedColumn fit_category(const ColumnFit& fit) {
  const LevelCounts counts = count_levels(fit.column, fit.rows);
  const auto repeated = static_cast<std::size_t>(std::count_if(
      counts.of_code.begin(), counts.of_code.end(), [](std::uint32_t count) { return count >= 2; }));
  const std::size_t limit =
      fit.needs.native_categories ? kNativeLevelsWithoutStatistics : kOneHotLevelsWithoutStatistics;

  std::vector<FittedColumn> fits;
  fits.push_back(fit.needs.native_categories ? fit_category_codes(fit) : fit_one_hot(fit));
  if (repeated > limit) fits.push_back(fit_target_statistics(fit));
  return stack(std::move(fits));
}

}  // namespace astrolabe
