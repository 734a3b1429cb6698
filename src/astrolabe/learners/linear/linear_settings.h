// SPDX-License-Identifier: Apache-2.0
// What can be chosen about a linear model, and which likelihood that means for some labels.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "astrolabe/model/settings.h"
#include "astrolabe/model/task.h"

namespace astrolabe::linear {

struct LinearSettings {
  std::string family = "auto";
  double penalty = 0;
  double l1_ratio = 0;
  std::int64_t path_length = 25;
  double path_end = 1e-5;
};

[[nodiscard]] std::span<const Field<LinearSettings>> settings_table();

enum class Family : std::uint8_t { gaussian, logistic, multinomial, poisson };
[[nodiscard]] std::string_view family_name(Family family);
// Throws usage_error when the family cannot have such labels.
[[nodiscard]] Family choose_family(const LinearSettings& settings, const Labels& labels);

}  // namespace astrolabe::linear
