// SPDX-License-Identifier: Apache-2.0
// Halving and racing at once: a trial stops when its interval says that it is worse than another, however few
// there are, or when it is outside the best 1 / eta of enough of them.
//
//   const std::unique_ptr<const Pruner> pruner = make_halving_race({.eta = 3});
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "astrolabe/search/pruner.h"

namespace astrolabe {

struct HalvingRaceSettings {
  double eta = 3;
  std::int64_t min_peers = 3;
  std::string rungs = "every_step";
  double width = 1;
};
[[nodiscard]] std::span<const Field<HalvingRaceSettings>> halving_race_settings_table();

[[nodiscard]] std::unique_ptr<const Pruner> make_halving_race(const HalvingRaceSettings& settings);

}  // namespace astrolabe
