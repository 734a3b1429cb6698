// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/features/one_hot.h"

#include <algorithm>

#include "astrolabe/features/checked_reads.h"
#include "astrolabe/features/encoder_catalog.h"
#include "astrolabe/features/scaling.h"

namespace astrolabe {

OneHotEncoder::OneHotEncoder(const std::string& column, LevelIndex levels, bool has_other, bool has_missing,
                             std::vector<std::uint8_t> is_sparse)
    : levels_(std::move(levels)),
      has_other_(has_other),
      has_missing_(has_missing),
      is_sparse_(std::move(is_sparse)) {
  for (std::size_t i = 0; i < levels_.size(); ++i) {
    features_.push_back({.name = column + "=" + levels_[i], .source = column});
  }
  if (has_other_) features_.push_back({.name = column + ".other", .source = column});
  if (has_missing_) features_.push_back({.name = column + ".missing", .source = column});
}

EncoderKind OneHotEncoder::kind() const {
  return EncoderKind::one_hot;
}

std::vector<FeatureColumn> OneHotEncoder::encode(const Column& column, std::span<const RowIndex> rows) const {
  const auto other = has_other_ ? static_cast<std::int32_t>(levels_.size()) : -1;
  const auto missing = has_missing_ ? static_cast<std::int32_t>(features_.size() - 1) : -1;
  std::vector<std::int32_t> feature_of_code = levels_.match(column);
  for (std::int32_t& feature : feature_of_code) {
    if (feature < 0) feature = other;
  }
  const auto feature_of_row = [&](RowIndex row) {
    const std::int32_t code = column.codes[row];
    return code < 0 ? missing : feature_of_code[static_cast<std::size_t>(code)];
  };

  std::vector<std::size_t> counts(features_.size(), 0);
  for (const RowIndex row : rows) {
    const std::int32_t feature = feature_of_row(row);
    if (feature >= 0) ++counts[static_cast<std::size_t>(feature)];
  }
  std::vector<FeatureColumn> columns(features_.size());
  for (std::size_t i = 0; i < columns.size(); ++i) {
    columns[i].is_sparse = is_sparse_[i] != 0;
    if (columns[i].is_sparse) {
      columns[i].sparse_rows.reserve(counts[i]);
      columns[i].sparse_values.assign(counts[i], 1.0F);
    } else {
      columns[i].dense.assign(rows.size(), 0.0F);
    }
  }
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const std::int32_t feature = feature_of_row(rows[i]);
    if (feature < 0) continue;
    FeatureColumn& encoded = columns[static_cast<std::size_t>(feature)];
    if (encoded.is_sparse)
      encoded.sparse_rows.push_back(static_cast<std::uint32_t>(i));
    else
      encoded.dense[i] = 1.0F;
  }
  return columns;
}

void OneHotEncoder::save(ArchiveWriter& archive) const {
  levels_.save(archive);
  archive.put<std::uint8_t>(has_other_ ? 1 : 0);
  archive.put<std::uint8_t>(has_missing_ ? 1 : 0);
  archive.put_array<std::uint8_t>(is_sparse_);
}

std::unique_ptr<const ColumnEncoder> OneHotEncoder::load(ArchiveReader& archive, const WantedColumn& column) {
  LevelIndex levels = LevelIndex::load(archive, kMaxOneHotLevels);
  const bool has_other = get_flag(archive, "a flag of a category");
  const bool has_missing = get_flag(archive, "a flag of a category");
  std::vector<std::uint8_t> is_sparse = archive.get_array<std::uint8_t>(kMaxOneHotLevels + 2);
  const std::size_t features = levels.size() + (has_other ? 1 : 0) + (has_missing ? 1 : 0);
  if (features == 0 || is_sparse.size() != features) ArchiveReader::damaged("the indicators of a category");
  for (const std::uint8_t flag : is_sparse) {
    if (flag > 1) ArchiveReader::damaged("the indicators of a category");
  }
  return std::make_unique<OneHotEncoder>(column.name, std::move(levels), has_other, has_missing,
                                         std::move(is_sparse));
}

FittedColumn fit_one_hot(const ColumnFit& fit) {
  const LevelCounts counts = count_levels(fit.column, fit.rows);
  std::vector<std::uint32_t> kept = commonest_levels(fit.column, counts, 2, kMaxOneHotLevels);
  std::size_t rare_rows = fit.rows.size() - counts.missing;
  for (const std::uint32_t code : kept) rare_rows -= counts.of_code[code];

  bool has_other = rare_rows >= 2;
  bool has_missing = counts.missing >= 2;
  const std::size_t groups = kept.size() + (has_other ? 1 : 0) + (has_missing ? 1 : 0);
  if (groups < 2) return {};
  if (groups == 2 && kept.size() == 2) {
    kept.erase(kept.begin());
  } else if (groups == 2 && kept.size() == 1) {
    const std::size_t extra = has_other ? rare_rows : counts.missing;
    if (counts.of_code[kept[0]] <= extra)
      has_other = has_missing = false;
    else
      kept.clear();
  } else if (groups == 2) {
    (rare_rows <= counts.missing ? has_missing : has_other) = false;
  }

  // By text, as the index orders them.
  std::sort(kept.begin(), kept.end(),
            [&](std::uint32_t a, std::uint32_t b) { return fit.column.levels[a] < fit.column.levels[b]; });
  std::vector<std::string> names;
  std::vector<std::uint8_t> is_sparse;
  const auto sparse_when = [&](std::size_t ones) {
    const auto rows = static_cast<double>(fit.rows.size());
    is_sparse.push_back(rows - static_cast<double>(ones) > kSparseShare * rows ? 1 : 0);
  };
  for (const std::uint32_t code : kept) {
    names.push_back(fit.column.levels[code]);
    sparse_when(counts.of_code[code]);
  }
  if (has_other) sparse_when(rare_rows);
  if (has_missing) sparse_when(counts.missing);
  return encode_fitted(fit, std::make_unique<OneHotEncoder>(fit.column.name, LevelIndex(std::move(names)),
                                                            has_other, has_missing, std::move(is_sparse)));
}

}  // namespace astrolabe
