// SPDX-License-Identifier: Apache-2.0
// Levels of category columns, matched by their text: tables may number them differently.
//
//   const LevelCounts counts = count_levels(column, rows);
//   const LevelIndex index(levels);                            // sorted, distinct
//   const std::vector<std::int32_t> of_code = index.match(other_column);  // -1: a level the index does not
//   know
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "astrolabe/data/column.h"
#include "astrolabe/model/archive.h"

namespace astrolabe {

// What a model file may hold.
inline constexpr std::size_t kMaxLevels = 50'000'000;
inline constexpr std::size_t kMaxLevelBytes = std::size_t{64} << 20;

struct LevelCounts {
  std::vector<std::uint32_t> of_code;  // [column.levels]
  std::uint32_t missing = 0;
};
[[nodiscard]] LevelCounts count_levels(const Column& column, std::span<const RowIndex> rows);

// The codes of the levels that were seen at least `at_least` times, commonest first, ties by text; at most
// `limit` of them.
[[nodiscard]] std::vector<std::uint32_t> commonest_levels(const Column& column, const LevelCounts& counts,
                                                          std::uint32_t at_least, std::size_t limit);

// Sorted, distinct texts. Immutable.
class LevelIndex {
 public:
  LevelIndex() = default;
  // Any order; distinct.
  explicit LevelIndex(std::vector<std::string> levels);

  [[nodiscard]] std::size_t size() const { return levels_.size(); }
  [[nodiscard]] const std::string& operator[](std::size_t index) const { return levels_[index]; }
  // For each level of the column its index here, or -1. Cost: one binary search per level.
  [[nodiscard]] std::vector<std::int32_t> match(const Column& column) const;

  void save(ArchiveWriter& archive) const;
  [[nodiscard]] static LevelIndex load(ArchiveReader& archive, std::size_t max_levels = kMaxLevels);

 private:
  std::vector<std::string> levels_;
};

}  // namespace astrolabe
