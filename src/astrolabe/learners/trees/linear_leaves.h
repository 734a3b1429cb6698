// SPDX-License-Identifier: Apache-2.0
// Leaves that are straight lines instead of constants (Shi, Li and Li, "GBDT with piece-wise linear trees",
// IJCAI 2019): beside its constant, a leaf adds a slope along some of the columns of numbers on its path.
//
//   double score = tree.leaves[leaf];
//   for (const LinearTerm& term : tree.linear.of(leaf)) score += term.value(row[term.feature]);
//
// A column counts from the mean of the leaf's rows and between the least and the largest of them: a missing
// cell adds nothing, so that a row without any of the columns has the constant leaf, and no row leaves what
// the leaf has seen.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>
#include <vector>

#include "astrolabe/model/archive.h"

namespace astrolabe::trees {

struct LinearTerm {
  std::uint32_t feature = 0;  // as the tree's nodes name theirs
  float low = 0, high = 0;    // of the rows that the leaf was fitted on
  double centre = 0;
  double slope = 0;

  // Infinite cells count as missing.
  [[nodiscard]] double value(float cell) const {
    return std::isfinite(cell) ? slope * (static_cast<double>(std::clamp(cell, low, high)) - centre) : 0.0;
  }
};

struct LinearLeaves {
  std::vector<std::uint32_t> starts;  // [leaves + 1] into terms; empty: no leaf has any
  std::vector<LinearTerm> terms;

  [[nodiscard]] bool empty() const { return terms.empty(); }
  [[nodiscard]] std::span<const LinearTerm> of(std::size_t leaf) const {
    if (terms.empty()) return {};
    return std::span(terms).subspan(starts[leaf], starts[leaf + 1] - starts[leaf]);
  }

  void save(ArchiveWriter& archive) const;
  // Of a tree of so many leaves. Throws bad_input where a number is not finite, a feature not below
  // `features` or a leaf's terms lie outside.
  [[nodiscard]] static LinearLeaves load(ArchiveReader& archive, std::size_t leaves, std::size_t features);
};

}  // namespace astrolabe::trees
