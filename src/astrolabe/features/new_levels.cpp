// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/features/new_levels.h"

#include <limits>
#include <unordered_map>
#include <unordered_set>

#include <fmt/format.h>

#include "astrolabe/features/category_codes.h"
#include "astrolabe/features/encoder_catalog.h"

namespace astrolabe {

NewLevelsEncoder::NewLevelsEncoder(const std::string& column, std::vector<std::string> levels,
                                   std::uint32_t generation)
    : levels_(std::move(levels)), generation_(generation) {
  features_ = {{.name = column + ".new" + (generation == 0 ? "" : fmt::format("{}", generation + 1)),
                .source = column,
                .kind = FeatureKind::categorical,
                .categories = static_cast<std::uint32_t>(levels_.size())}};
}

EncoderKind NewLevelsEncoder::kind() const {
  return EncoderKind::new_levels;
}

std::vector<FeatureColumn> NewLevelsEncoder::encode(const Column& column,
                                                    std::span<const RowIndex> rows) const {
  std::unordered_map<std::string_view, float> code_of;
  for (std::size_t code = 0; code < levels_.size(); ++code)
    code_of.emplace(levels_[code], static_cast<float>(code));
  std::vector<float> of_level(column.levels.size(), std::numeric_limits<float>::quiet_NaN());
  for (std::size_t level = 0; level < column.levels.size(); ++level)
    if (const auto found = code_of.find(column.levels[level]); found != code_of.end())
      of_level[level] = found->second;
  FeatureColumn encoded;
  encoded.dense.reserve(rows.size());
  for (const RowIndex row : rows) {
    const std::int32_t level = column.codes[row];
    encoded.dense.push_back(level < 0 ? std::numeric_limits<float>::quiet_NaN()
                                      : of_level[static_cast<std::size_t>(level)]);
  }
  std::vector<FeatureColumn> columns;
  columns.push_back(std::move(encoded));
  return columns;
}

void NewLevelsEncoder::save(ArchiveWriter& archive) const {
  archive.put(generation_);
  archive.put(static_cast<std::uint32_t>(levels_.size()));
  for (const std::string& level : levels_) archive.put_text(level);
}

std::unique_ptr<const ColumnEncoder> NewLevelsEncoder::load(ArchiveReader& archive,
                                                            const WantedColumn& column) {
  constexpr std::size_t kShortestText = sizeof(std::uint64_t);
  const auto generation = archive.get_between<std::uint32_t>(0, 1'000'000, "a generation of new levels");
  const auto count = archive.get_between<std::uint32_t>(1, kMaxNativeLevels, "the number of new levels");
  if (count > archive.remaining() / kShortestText) ArchiveReader::damaged("the number of new levels");
  std::vector<std::string> levels;
  std::unordered_set<std::string> names;
  for (std::uint32_t i = 0; i < count; ++i) {
    levels.push_back(archive.get_text(kMaxLevelBytes));
    if (!names.insert(levels.back()).second) ArchiveReader::damaged("two new levels of one name");
  }
  return std::make_unique<NewLevelsEncoder>(column.name, std::move(levels), generation);
}

}  // namespace astrolabe
