// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/features/category_codes.h"

#include <limits>

#include "astrolabe/features/checked_reads.h"
#include "astrolabe/features/encoder_catalog.h"

namespace astrolabe {

CategoryCodesEncoder::CategoryCodesEncoder(const std::string& column, LevelIndex levels,
                                           std::vector<std::uint32_t> code_of_level, bool has_other,
                                           bool missing_is_other)
    : levels_(std::move(levels)),
      code_of_level_(std::move(code_of_level)),
      has_other_(has_other),
      missing_is_other_(missing_is_other) {
  const auto categories = static_cast<std::uint32_t>(levels_.size() + (has_other_ ? 1 : 0));
  features_ = {
      {.name = column, .source = column, .kind = FeatureKind::categorical, .categories = categories}};
}

EncoderKind CategoryCodesEncoder::kind() const {
  return EncoderKind::category_codes;
}

std::vector<FeatureColumn> CategoryCodesEncoder::encode(const Column& column,
                                                        std::span<const RowIndex> rows) const {
  constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();
  const auto other = static_cast<float>(levels_.size());
  const float unseen = has_other_ ? other : kNaN;
  const float missing = missing_is_other_ ? other : kNaN;
  const std::vector<std::int32_t> match = levels_.match(column);
  std::vector<float> of_code(match.size(), unseen);
  for (std::size_t code = 0; code < match.size(); ++code) {
    if (match[code] >= 0) {
      of_code[code] = static_cast<float>(code_of_level_[static_cast<std::size_t>(match[code])]);
    }
  }

  FeatureColumn encoded;
  encoded.dense.reserve(rows.size());
  for (const RowIndex row : rows) {
    const std::int32_t code = column.codes[row];
    encoded.dense.push_back(code < 0 ? missing : of_code[static_cast<std::size_t>(code)]);
  }
  std::vector<FeatureColumn> columns;
  columns.push_back(std::move(encoded));
  return columns;
}

std::vector<std::string> CategoryCodesEncoder::names_of_codes() const {
  std::vector<std::string> names(levels_.size());
  for (std::size_t level = 0; level < levels_.size(); ++level) names[code_of_level_[level]] = levels_[level];
  if (has_other_) names.emplace_back("other levels");
  return names;
}

void CategoryCodesEncoder::save(ArchiveWriter& archive) const {
  levels_.save(archive);
  archive.put_array<std::uint32_t>(code_of_level_);
  archive.put<std::uint8_t>(has_other_ ? 1 : 0);
  archive.put<std::uint8_t>(missing_is_other_ ? 1 : 0);
}

std::unique_ptr<const ColumnEncoder> CategoryCodesEncoder::load(ArchiveReader& archive,
                                                                const WantedColumn& column) {
  LevelIndex levels = LevelIndex::load(archive, kMaxNativeLevels);
  std::vector<std::uint32_t> codes = archive.get_array<std::uint32_t>(kMaxNativeLevels);
  if (codes.size() != levels.size()) ArchiveReader::damaged("the codes of a category");
  std::vector<bool> taken(codes.size(), false);
  for (const std::uint32_t code : codes) {
    if (code >= codes.size() || taken[code]) ArchiveReader::damaged("the codes of a category");
    taken[code] = true;
  }
  const bool has_other = get_flag(archive, "a flag of a category");
  const bool missing_is_other = get_flag(archive, "a flag of a category");
  if ((missing_is_other && !has_other) || (codes.empty() && !has_other)) {
    ArchiveReader::damaged("a category without levels");
  }
  return std::make_unique<CategoryCodesEncoder>(column.name, std::move(levels), std::move(codes), has_other,
                                                missing_is_other);
}

FittedColumn fit_category_codes(const ColumnFit& fit) {
  const LevelCounts counts = count_levels(fit.column, fit.rows);
  const std::vector<std::uint32_t> kept = commonest_levels(fit.column, counts, 2, kMaxNativeLevels);
  std::size_t rare_rows = fit.rows.size() - counts.missing;
  for (const std::uint32_t code : kept) rare_rows -= counts.of_code[code];

  const bool missing_is_other = !fit.needs.native_missing;
  const bool has_other = missing_is_other || rare_rows >= 2;
  const bool tells_missing = counts.missing > 0 && fit.needs.native_missing;
  const std::size_t groups = kept.size() +
                             (rare_rows >= 2 || (missing_is_other && counts.missing > 0) ? 1 : 0) +
                             (tells_missing ? 1 : 0);
  if (groups < 2) return {};

  std::vector<std::string> names;
  for (const std::uint32_t code : kept) names.push_back(fit.column.levels[code]);
  LevelIndex levels(std::move(names));
  const std::vector<std::int32_t> match = levels.match(fit.column);
  std::vector<std::uint32_t> code_of_level(kept.size());
  for (std::size_t rank = 0; rank < kept.size(); ++rank) {
    code_of_level[static_cast<std::size_t>(match[kept[rank]])] = static_cast<std::uint32_t>(rank);
  }
  return encode_fitted(
      fit, std::make_unique<CategoryCodesEncoder>(fit.column.name, std::move(levels),
                                                  std::move(code_of_level), has_other, missing_is_other));
}

}  // namespace astrolabe
