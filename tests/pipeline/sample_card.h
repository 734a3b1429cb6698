// SPDX-License-Identifier: Apache-2.0
// A card with something in every field.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>

#include "astrolabe/pipeline/card_json.h"

namespace astrolabe::testing {

inline CardSection sample_card() {
  CardSection section;
  ModelCard& card = section.card;
  card.version = "0.1.0";
  card.task = {.kind = TaskKind::binary,
               .target = "y",
               .classes = {"no", "yes, \"so\""},
               .metric = "auc",
               .weight = "w"};
  card.system = "mean of trees and linear";
  card.data_name = "t.csv";
  card.data_hash = 0x00ff00ff00ff00ffU;
  card.rows = 1234;
  card.seed = std::numeric_limits<std::uint64_t>::max();
  card.fitted_on = "rows outside the seal";
  card.validation = Estimate{0.1 + 0.2, std::nan(""), 1, "DeLong"};
  card.sealed_label = "sealed";
  card.calibration = {
      .kind = CalibrationKind::isotonic, .power = 1, .curves = {{{0.1, 1.0 / 3}, {0.2, 0.7}}}};
  card.date_orders = {{"born", DateOrder::day_first}, {"died", DateOrder::month_first}};
  section.members.push_back({.learner = "trees",
                             .settings = {{"whole_as_real", 2.0},
                                          {"rounds", std::int64_t{-7}},
                                          {"flag", true},
                                          {"loss", std::string("auto")}},
                             .weight = 1.0 / 3.0});
  section.members.push_back({.learner = "linear", .settings = {}, .weight = 2.0 / 3.0});
  return section;
}

}  // namespace astrolabe::testing
