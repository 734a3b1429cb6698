// SPDX-License-Identifier: Apache-2.0
// The pruners that there are.
#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "astrolabe/search/choice_text.h"
#include "astrolabe/search/halving.h"
#include "astrolabe/search/halving_race.h"
#include "astrolabe/search/median_pruner.h"
#include "astrolabe/search/pruner.h"
#include "astrolabe/search/race.h"

namespace astrolabe {
namespace {

std::span<const SettingField> no_fields() {
  return {};
}

class NoPruner final : public Pruner {
 public:
  [[nodiscard]] bool should_stop(std::span<const StepCost>, std::span<const StepCost>) const override {
    return false;
  }
};

std::unique_ptr<const Pruner> make_none(const SettingValues& values) {
  for (const auto& [name, value] : values) static_cast<void>(require_field("none", {}, name));
  return std::make_unique<NoPruner>();
}

constexpr std::array kRows = {
    PrunerRow{.name = "halving_race",
              .doc = "Stops what its interval says is worse, and what is outside the best third at a step.",
              .fields = described<halving_race_settings_table>,
              .make =
                  [](const SettingValues& values) {
                    return make_halving_race(read_settings<HalvingRaceSettings>(
                        "halving_race", halving_race_settings_table(), values));
                  }},
    PrunerRow{.name = "halving",
              .doc = "Lets the best third at each step go on (asynchronous successive halving).",
              .fields = described<halving_settings_table>,
              .make =
                  [](const SettingValues& values) {
                    return make_halving(
                        read_settings<HalvingSettings>("halving", halving_settings_table(), values));
                  }},
    PrunerRow{.name = "race",
              .doc = "Stops what its interval says is worse than another.",
              .fields = described<race_settings_table>,
              .make =
                  [](const SettingValues& values) {
                    return make_race(read_settings<RaceSettings>("race", race_settings_table(), values));
                  }},
    PrunerRow{.name = "median",
              .doc = "Stops what is worse than the median of the others.",
              .fields = described<median_settings_table>,
              .make =
                  [](const SettingValues& values) {
                    return make_median_pruner(
                        read_settings<MedianSettings>("median", median_settings_table(), values));
                  }},
    PrunerRow{.name = "none", .doc = "Every trial runs to its end.", .fields = no_fields, .make = make_none},
};

}  // namespace

std::span<const PrunerRow> pruner_rows() {
  return kRows;
}

const PrunerRow& default_pruner() {
  return kRows.front();
}

const PrunerRow* find_pruner(std::string_view name) {
  const auto* const row = std::ranges::find(kRows, name, &PrunerRow::name);
  return row == kRows.end() ? nullptr : row;
}

PrunerChoice parse_pruner(std::string_view text) {
  if (text.empty()) return {.row = &default_pruner()};
  const ChoiceText choice = split_choice(text, "--pruner");
  const PrunerRow* row = find_pruner(choice.name);
  if (row == nullptr) {
    std::vector<std::string> names;
    for (const PrunerRow& known : kRows) names.emplace_back(known.name);
    refuse_choice(choice, "--pruner", names);
  }
  return {.row = row, .settings = read_choice_settings(choice, row->fields())};
}

}  // namespace astrolabe
