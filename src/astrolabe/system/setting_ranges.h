// SPDX-License-Identifier: Apache-2.0
// What a star of a plain setting may become, and which settings of a learner are worth tuning. One table, in
// the words of stars (star.h), narrow on purpose: every range was chosen so that nothing in it is silly.
//
//   star_of_setting("trees", "max_leaves")    // "7..127"
//   tuned_settings("linear")                  // {"l1_ratio"}: those that matter for accuracy
//   write_part_setting(writer, "gamma", *find_part(Vocabulary::loss, "focal"), setting)
//
// Pure; thread-safe.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "astrolabe/model/settings.h"
#include "astrolabe/parts/catalog.h"
#include "astrolabe/system/space_catalog.h"
#include "astrolabe/system/space_writer.h"
#include "astrolabe/system/star.h"

namespace astrolabe {

// A list or a range; nothing where nobody knows what belongs there.
[[nodiscard]] std::optional<std::string_view> star_of_setting(std::string_view learner,
                                                              std::string_view setting);
// In the order in which they matter.
[[nodiscard]] std::vector<std::string_view> tuned_settings(std::string_view learner);

// Whether a learner heeds a setting on such a table: what ranks categories says nothing where there are none.
// Systems that differ in nothing else are twins.
[[nodiscard]] bool has_effect(std::string_view learner, std::string_view setting,
                              const SpaceContext& context);

// What makes a fit of so many rows cheap: a first look at a system with these settings, by which the hopeless
// are told from the rest. Empty for learners that are quick anyway. How well it ranks:
// benchmarks/activation_space.
[[nodiscard]] SettingValues probe_settings(std::string_view learner, const SettingValues& settings,
                                           std::size_t rows);
// How many rows it trains on at most; 0: on all.
[[nodiscard]] std::size_t probe_rows(std::string_view learner);

// The same for a setting of a part; nothing for what must not be searched: quantile's q is the question.
[[nodiscard]] std::optional<StarRange> range_of_part_setting(const PartRow& part, std::string_view setting);
// Its dimension, with the part's default as the preferred value; a setting without a range keeps its default.
[[nodiscard]] PointText write_part_setting(const SpaceWriter& writer, std::string_view name,
                                           const PartRow& part, const PartSetting& setting);

}  // namespace astrolabe
