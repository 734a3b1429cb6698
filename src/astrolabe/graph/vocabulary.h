// SPDX-License-Identifier: Apache-2.0
// The words of the expression language that are not functions: which variable means what, and where.
//
//   find_variable("z")->meaning                      // "the model's raw output"
//   has_meaning(*find_variable("z"), Vocabulary::activation)   // false
//   written_in(Vocabulary::schedule)                 // "a schedule is written in t and k"
#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>

#include "astrolabe/graph/expression.h"

namespace astrolabe {

struct VariableRow {
  std::string_view name;
  std::string_view meaning;
  // Where it has one, by the numbers of Vocabulary.
  std::array<bool, 4> vocabularies;
};

[[nodiscard]] std::span<const VariableRow> variable_rows();
[[nodiscard]] const VariableRow* find_variable(std::string_view name);  // null when there is none
[[nodiscard]] bool has_meaning(const VariableRow& variable, Vocabulary vocabulary);

// alpha, beta, gamma: numbers of an activation that are trained along.
[[nodiscard]] bool is_trainable(std::string_view name);
inline constexpr std::array<std::string_view, 3> kTrainableNames{"alpha", "beta", "gamma"};

[[nodiscard]] std::string written_in(Vocabulary vocabulary);
[[nodiscard]] std::string_view with_article(Vocabulary vocabulary);  // "an activation"

}  // namespace astrolabe
