// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/learners/trees/leaf_scores.h"

#include <algorithm>

namespace astrolabe::trees {
namespace {

constexpr std::size_t kManyRows = 65'536;                // fewer scores stay in the second cache anyway
constexpr std::size_t kPartRows = std::size_t{1} << 18;  // whose leaves' numbers do
constexpr std::size_t kMostLeaves = std::size_t{1} << 16;

// Calls visit(leaf, row) for the tree's rows in [first, last).
template <class Visit>
void for_each_row_between(const GrownTree& grown, std::uint32_t first, std::uint32_t last, Visit visit) {
  for (std::size_t leaf = 0; leaf < grown.tree.leaves.size(); ++leaf) {
    const std::span<const std::uint32_t> rows =
        std::span(grown.rows)
            .subspan(grown.leaf_starts[leaf], grown.leaf_starts[leaf + 1] - grown.leaf_starts[leaf]);
    const auto begin = std::ranges::lower_bound(rows, first);
    const auto end = std::lower_bound(begin, rows.end(), last);
    for (auto row = begin; row != end; ++row) visit(leaf, *row);
  }
}

}  // namespace

void LeafScores::add(const GrownTree& grown, std::span<const std::uint32_t> rows, std::span<double> scores,
                     ThreadPool& pool) {
  const std::vector<double>& values = grown.tree.leaves;
  const bool is_small = rows.size() < kManyRows || values.size() > kMostLeaves;
  if (!is_small)
    leaf_of_row_.resize(std::max<std::size_t>(leaf_of_row_.size(), rows.back() + std::size_t{1}));
  // By parts of the rows, not by leaves: threads then write to memory far apart.
  const std::size_t parts = is_small ? 1 : std::max(pool.size(), rows.size() / kPartRows);
  pool.for_each(parts, [&](std::size_t part) {
    const auto own = rows.subspan(rows.size() * part / parts,
                                  rows.size() * (part + 1) / parts - rows.size() * part / parts);
    if (own.empty()) return;
    const std::uint32_t first = own.front();
    const std::uint32_t last = own.back() + 1;
    if (is_small) {
      for_each_row_between(grown, first, last,
                           [&](std::size_t leaf, std::uint32_t row) { scores[row] += values[leaf]; });
      return;
    }
    for_each_row_between(grown, first, last, [&](std::size_t leaf, std::uint32_t row) {
      leaf_of_row_[row] = static_cast<std::uint16_t>(leaf);
    });
    for (const std::uint32_t row : own) scores[row] += values[leaf_of_row_[row]];
  });
}

}  // namespace astrolabe::trees
