// SPDX-License-Identifier: Apache-2.0
// The table of named parts: activations, losses, optimizers and schedules, written in the expression
// language.
//
//   find_part(Vocabulary::loss, "focal")->body              // "-(1-p)^gamma*y*log(p)"
//   resolve_part(Vocabulary::loss, "focal(3)").expression   // gamma is 3
//   resolve_part(Vocabulary::activation, "0.5*gelu(x)+0.5*relu(x)").row   // null: an expression
//   resolve_part(Vocabulary::activation, "gelux")           // usage_error: did you mean gelu?
//
// Inside expressions an activation is a function of its argument and then its settings, leaky_relu(x, 0.2); x
// alone may be left out. The other parts are their settings only: 0.9*cross_entropy+0.1*focal(2). Where the
// whole text is an activation with numbers in parentheses, leaky_relu(0.2), the numbers are its settings.
// Thread-safe.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "astrolabe/graph/expression.h"

namespace astrolabe {

struct PartSetting {
  std::string_view name;
  double default_value;
};

// What a prediction is, given the raw output z of a loss for numbers.
enum class Link : std::uint8_t { identity, exponential };
// Which targets a loss for numbers takes.
enum class TargetDomain : std::uint8_t { any, not_negative, positive };

struct PartRow {
  Vocabulary slot;
  std::string_view name;
  std::vector<PartSetting> settings;
  std::string_view body;  // in the settings and the variables of the slot
  std::string_view doc;   // one sentence
  // Losses: where they make sense. A loss of classes is summed over the classes of a row, y being 1 for the
  // true one and 0 for others. Two classes are two: with one output z, class 0 has 1-y, -z and 1-p in the
  // place of y, z and p.
  bool for_regression = false;
  bool for_classes = false;
  Link link = Link::identity;
  TargetDomain domain = TargetDomain::any;
  // Optimizers: where training of a small net on standardized columns may begin.
  double learning_rate = 0;
};

// In the order in which people should see them.
[[nodiscard]] std::span<const PartRow> parts_of(Vocabulary slot);
[[nodiscard]] const PartRow* find_part(Vocabulary slot, std::string_view name);  // null when there is none

struct ResolvedPart {
  Expression expression;
  const PartRow* row = nullptr;  // null: a free expression, whose learning rate, say, is nobody's default
};

// A name, a name with settings, or an expression. Throws usage_error, also what check_part throws of a free
// expression.
[[nodiscard]] ResolvedPart resolve_part(Vocabulary slot, std::string_view text);

// Whether a loss makes sense for numbers, or for classes: by its row, and as an expression by whether it asks
// for the probability of a class, which numbers do not have.
[[nodiscard]] bool suits_numbers(const ResolvedPart& loss);
[[nodiscard]] bool suits_classes(const ResolvedPart& loss);

// Throws usage_error of an activation that is constant or finite nowhere in [-8, 8], a loss that has no slope
// in the model's output, an optimizer that does not look at the gradient, a schedule that is nowhere positive
// or somewhere not finite. Cost: below a millisecond.
void check_part(const Expression& expression);

}  // namespace astrolabe
