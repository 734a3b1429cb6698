// SPDX-License-Identifier: Apache-2.0
// Which learners can go on from a fitted model (`run --from`), and how: one row for each, so that a new
// family of nets joins by adding its own.
//
//   const GoingOn* how = find_going_on("mlp");      // null: its fits begin with nothing
//   how->extends                                    // reads new columns, categories and classes too
//   how->refusal(settings, old_settings)            // "64 does not contain 128-128", or empty
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "astrolabe/model/learner.h"

namespace astrolabe {

struct GoingOn {
  std::string_view learner;
  // Its fits follow a StartMap: new columns, new categories, columns that are gone, new classes. Otherwise a
  // table must have what the old model reads, and its classes.
  bool extends = false;
  bool grows = false;  // wider and deeper nets are offered by `--grow`
  // Settings that a fit keeps from the model that it goes on from, where nobody sets them.
  std::vector<std::string_view> keeps = {};
  // Why a fit with the settings `now` cannot begin with one that was fitted with `before`; both as found or
  // set, absent ones at their defaults. Null: it always can. Throws usage_error for texts that mean nothing.
  std::string (*refusal)(const Learner& learner, const SettingValues& now,
                         const SettingValues& before) = nullptr;
};

[[nodiscard]] std::span<const GoingOn> going_on_rows();
[[nodiscard]] const GoingOn* find_going_on(std::string_view learner);

// A setting as set, else its default; empty text where the learner has no such setting.
[[nodiscard]] std::string setting_text(const Learner& learner, const SettingValues& settings,
                                       std::string_view name);

}  // namespace astrolabe
