// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/train/net_containment.h"

#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "astrolabe/train/containment.h"
#include "astrolabe/train/picture_grow.h"

namespace astrolabe {
namespace {

Architecture hidden_part(const NetSpec& net) {
  return net.hidden_blocks() == 0 ? Architecture{} : net.architecture;
}

// Without new layers first; with them where they may be.
std::optional<std::vector<std::size_t>> contained_blocks(const Architecture& child,
                                                         const Architecture& parent, bool may_add) {
  auto from = find_contained(child, parent, false);
  return from || !may_add ? from : find_contained(child, parent, true);
}

std::optional<std::vector<std::size_t>> contained_trunk(const PictureTrunk& child, const PictureTrunk& parent,
                                                        bool may_add) {
  auto from = find_contained_trunk(child, parent, false);
  return from || !may_add ? from : find_contained_trunk(child, parent, true);
}

}  // namespace

std::optional<ContainedNet> find_contained(const NetSpec& child, const NetSpec& parent) {
  const bool may_add = child.normalization == Normalization::none &&
                       child.trunk.normalization == PictureNormalization::none &&
                       leaves_its_values_alone(child.activation);
  auto blocks = contained_blocks(hidden_part(child), hidden_part(parent), may_add);
  auto trunk = contained_trunk(child.trunk, parent.trunk, may_add);
  if (!blocks || !trunk) return std::nullopt;
  return ContainedNet{.blocks = std::move(*blocks), .trunk = std::move(*trunk)};
}

std::optional<std::vector<std::size_t>> find_contained(const Architecture& child, const Architecture& parent,
                                                       Normalization normalization,
                                                       const Expression& activation) {
  auto from = find_contained(child, parent, false);
  const bool may_add = !from && normalization == Normalization::none && leaves_its_values_alone(activation);
  return may_add ? find_contained(child, parent, true) : from;
}

std::string why_not_contained(const Architecture& child, const Architecture& parent,
                              Normalization normalization, const Expression& activation) {
  if (find_contained(child, parent, normalization, activation)) return {};
  return fmt::format("{} does not contain {}", architecture_text(child), architecture_text(parent));
}

std::string why_not_contained(const PictureArchitecture& child, const PictureArchitecture& parent,
                              PictureNormalization normalization, const Expression& activation) {
  constexpr PictureSize kLarge{4096, 4096, 3};  // no net pools it away
  const bool may_add = normalization == PictureNormalization::none && leaves_its_values_alone(activation);
  if (contained_blocks(child.dense, parent.dense, may_add) &&
      contained_trunk({.picture = kLarge, .blocks = child.blocks},
                      {.picture = kLarge, .blocks = parent.blocks}, may_add))
    return {};
  return fmt::format("{} does not contain {}", picture_architecture_text(child),
                     picture_architecture_text(parent));
}

bool leaves_its_values_alone(const Expression& activation) {
  if (!activation.trainables.empty()) return false;
  const auto at = [&](double x) { return evaluate_expression(activation, {{"x", x}}); };
  for (int i = -48; i <= 48; ++i) {
    // Both sides of zero, from small to large, none of them a number that somebody would write.
    const double size = 0.0013 * std::pow(1.31, std::abs(i));
    const double value = at(i < 0 ? -size : i > 0 ? size : 0.0);
    if (!std::isfinite(value) || at(value) != value) return false;
  }
  return true;
}

}  // namespace astrolabe
