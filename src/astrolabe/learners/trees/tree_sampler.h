// SPDX-License-Identifier: Apache-2.0
// Which rows and features a tree sees.
//
//   const TreeSampler sampler(settings, key);
//   if (sampler.samples_rows(all.size())) rows = sampler.rows(round, all, outputs, pairs);
//   const std::vector<std::uint32_t> slots = sampler.slots(round, output, matrix.slots());
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "astrolabe/base/random.h"
#include "astrolabe/learners/trees/fixed_point.h"
#include "astrolabe/learners/trees/trees_settings.h"

namespace astrolabe::trees {

// Choices depend on the key, the round and the row alone. Thread-safe. `settings` must outlive it.
class TreeSampler {
 public:
  TreeSampler(const TreesSettings& settings, Key key) : settings_(settings), key_(key) {}

  // Whether trees see fewer rows than these.
  [[nodiscard]] bool samples_rows(std::size_t rows) const;
  // What the trees of one round see of `all` (ascending), ascending, at least one row. With goss, which
  // begins when the first scores have been learned, `pairs` [outputs, rows of the matrix] of drawn rows are
  // multiplied (goss.h); else they are not asked for. Cost: O(rows).
  [[nodiscard]] std::vector<std::uint32_t> rows(std::uint64_t round, std::span<const std::uint32_t> all,
                                                std::size_t outputs, std::span<GradientPair> pairs) const;
  // The slots of one tree out of `count`, ascending, at least two if there are.
  [[nodiscard]] std::vector<std::uint32_t> slots(std::uint64_t round, std::size_t output,
                                                 std::size_t count) const;

 private:
  [[nodiscard]] std::vector<std::uint32_t> rows_alike(std::uint64_t round,
                                                      std::span<const std::uint32_t> all) const;

  const TreesSettings& settings_;
  Key key_;
};

}  // namespace astrolabe::trees
