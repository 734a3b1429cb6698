// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/features/level_index.h"

#include <algorithm>

namespace astrolabe {

LevelCounts count_levels(const Column& column, std::span<const RowIndex> rows) {
  LevelCounts counts{std::vector<std::uint32_t>(column.levels.size(), 0)};
  for (const RowIndex row : rows) {
    const std::int32_t code = column.codes[row];
    if (code < 0)
      ++counts.missing;
    else
      ++counts.of_code[static_cast<std::size_t>(code)];
  }
  return counts;
}

std::vector<std::uint32_t> commonest_levels(const Column& column, const LevelCounts& counts,
                                            std::uint32_t at_least, std::size_t limit) {
  std::vector<std::uint32_t> codes;
  for (std::size_t code = 0; code < counts.of_code.size(); ++code) {
    if (counts.of_code[code] >= at_least) codes.push_back(static_cast<std::uint32_t>(code));
  }
  std::sort(codes.begin(), codes.end(), [&](std::uint32_t a, std::uint32_t b) {
    if (counts.of_code[a] != counts.of_code[b]) return counts.of_code[a] > counts.of_code[b];
    return column.levels[a] < column.levels[b];
  });
  if (codes.size() > limit) codes.resize(limit);
  return codes;
}

LevelIndex::LevelIndex(std::vector<std::string> levels) : levels_(std::move(levels)) {
  std::sort(levels_.begin(), levels_.end());
}

std::vector<std::int32_t> LevelIndex::match(const Column& column) const {
  std::vector<std::int32_t> of_code(column.levels.size(), -1);
  for (std::size_t code = 0; code < of_code.size(); ++code) {
    const auto at = std::lower_bound(levels_.begin(), levels_.end(), column.levels[code]);
    if (at != levels_.end() && *at == column.levels[code]) {
      of_code[code] = static_cast<std::int32_t>(at - levels_.begin());
    }
  }
  return of_code;
}

void LevelIndex::save(ArchiveWriter& archive) const {
  archive.put<std::uint64_t>(levels_.size());
  for (const std::string& level : levels_) archive.put_text(level);
}

LevelIndex LevelIndex::load(ArchiveReader& archive, std::size_t max_levels) {
  const std::size_t count = archive.get_count(max_levels, sizeof(std::uint64_t), "the levels of a category");
  LevelIndex index;
  for (std::size_t i = 0; i < count; ++i) {
    index.levels_.push_back(archive.get_text(kMaxLevelBytes));
    if (i > 0 && index.levels_[i] <= index.levels_[i - 1]) {
      ArchiveReader::damaged("the levels of a category");
    }
  }
  return index;
}

}  // namespace astrolabe
