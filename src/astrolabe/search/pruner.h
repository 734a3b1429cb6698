// SPDX-License-Identifier: Apache-2.0
// A pruner says whether a running trial should stop, from its costs so far and those that other trials had at
// the same step. Adding one: a file pair, a row in pruner_catalog.cpp, the CMake line, a name in the contract
// suite.
//
//   const std::unique_ptr<const Pruner> pruner = find_pruner("halving")->make({});
//   if (pruner->should_stop(costs, peers)) ...
//
// Pure: the same arguments give the same answer, whatever the order of the peers. Immutable, so thread-safe.
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "astrolabe/model/settings.h"
#include "astrolabe/search/trial.h"

namespace astrolabe {

class Pruner {
 public:
  virtual ~Pruner() = default;
  // `own`: the trial's steps so far, ascending, at least one. `peers`: what every other trial of the study
  // had at the step of own.back(), pruned and running ones too. A trial without peers goes on.
  [[nodiscard]] virtual bool should_stop(std::span<const StepCost> own,
                                         std::span<const StepCost> peers) const = 0;
};

struct PrunerRow {
  std::string_view name;  // "halving"
  std::string_view doc;   // one sentence
  std::span<const SettingField> (*fields)();
  std::unique_ptr<const Pruner> (*make)(const SettingValues& settings);
};

// In the order in which people should see them; the first is the default.
[[nodiscard]] std::span<const PrunerRow> pruner_rows();
[[nodiscard]] const PrunerRow& default_pruner();
[[nodiscard]] const PrunerRow* find_pruner(std::string_view name);  // null when there is none

struct PrunerChoice {
  const PrunerRow* row = nullptr;
  SettingValues settings = {};
};
// "halving", "race(confidence=0.9)"; empty: the default. Throws usage_error that offers the nearest name.
[[nodiscard]] PrunerChoice parse_pruner(std::string_view text);

}  // namespace astrolabe
