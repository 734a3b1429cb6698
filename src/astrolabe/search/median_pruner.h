// SPDX-License-Identifier: Apache-2.0
// A trial stops when it is worse than the median of the others at the same step.
//
//   const std::unique_ptr<const Pruner> pruner = make_median_pruner({.min_peers = 5});
//
// Source: Golovin et al., "Google Vizier", KDD 2017 (the median stopping rule, of costs as they are).
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "astrolabe/search/pruner.h"

namespace astrolabe {

struct MedianSettings {
  std::int64_t min_peers = 5;
  std::int64_t first_step = 0;
};
[[nodiscard]] std::span<const Field<MedianSettings>> median_settings_table();

[[nodiscard]] std::unique_ptr<const Pruner> make_median_pruner(const MedianSettings& settings);

}  // namespace astrolabe
