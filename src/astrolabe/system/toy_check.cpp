// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/system/toy_check.h"

#include <fmt/format.h>

#include "astrolabe/parts/catalog.h"
#include "astrolabe/train/toy.h"

namespace astrolabe {
namespace {

// Of what the best constant leaves: any part of the catalogue removes more than half.
constexpr double kLeastLearned = 0.1;

const Expression& known(Vocabulary slot, std::string_view name) {
  static const Expression activation = resolve_part(Vocabulary::activation, "silu").expression;
  static const Expression of_numbers = resolve_part(Vocabulary::loss, "mse").expression;
  static const Expression of_classes = resolve_part(Vocabulary::loss, "cross_entropy").expression;
  static const Expression optimizer = resolve_part(Vocabulary::optimizer, "adam").expression;
  if (slot == Vocabulary::activation) return activation;
  if (slot == Vocabulary::optimizer) return optimizer;
  return name == "mse" ? of_numbers : of_classes;
}

}  // namespace

std::optional<std::string> toy_fault(const Expression& formula, TaskKind kind) {
  const Vocabulary slot = formula.vocabulary;
  if (slot == Vocabulary::schedule) return std::nullopt;
  const bool is_number = kind == TaskKind::regression;
  const Expression& loss = known(Vocabulary::loss, is_number ? "mse" : "cross_entropy");
  const ToyAnswer answer =
      train_toy({.head = is_number ? Head::number : Head::binary,
                 .activation = slot == Vocabulary::activation ? formula : known(Vocabulary::activation, ""),
                 .loss = slot == Vocabulary::loss ? formula : loss,
                 .optimizer = slot == Vocabulary::optimizer ? formula : known(Vocabulary::optimizer, "")});
  if (!answer.is_finite) return "it leaves the finite numbers in a tiny net, at any learning rate";
  if (answer.learned < kLeastLearned)
    return fmt::format("a tiny net learns nothing with it ({:.0f} % of the error is gone after 200 steps)",
                       100 * answer.learned);
  return std::nullopt;
}

}  // namespace astrolabe
