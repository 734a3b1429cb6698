// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/features/extend.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <set>

#include "astrolabe/base/error.h"
#include "astrolabe/features/boolean.h"
#include "astrolabe/features/category_codes.h"
#include "astrolabe/features/encoder_catalog.h"
#include "astrolabe/features/level_index.h"
#include "astrolabe/features/new_levels.h"
#include "astrolabe/features/target_statistics.h"

namespace astrolabe {
namespace {

constexpr std::string_view kNeverSeen = "\x01 no table holds this";

// The same encoder once more: what it saves is all that it is.
std::unique_ptr<const ColumnEncoder> copy_of(const ColumnEncoder& encoder, const WantedColumn& column) {
  ArchiveWriter writer;
  save_column_encoder(encoder, writer);
  ArchiveReader reader(writer.bytes());
  return load_column_encoder(reader, column);
}

bool same_cell(const FeatureColumn& column, std::size_t row, const FeatureColumn& other) {
  const auto cell = [](const FeatureColumn& from, std::size_t at) {
    if (!from.is_sparse) return from.dense[at];
    const auto found = std::ranges::lower_bound(from.sparse_rows, static_cast<std::uint32_t>(at));
    if (found == from.sparse_rows.end() || *found != at) return 0.0F;
    return from.sparse_values[static_cast<std::size_t>(found - from.sparse_rows.begin())];
  };
  const float a = cell(column, row), b = cell(other, 0);
  return a == b || (std::isnan(a) && std::isnan(b));
}

// Whether each level of a column reads as one that nobody ever saw.
std::vector<bool> unknown_levels(const Column& column,
                                 std::span<const std::unique_ptr<const ColumnEncoder>> encoders,
                                 std::span<const std::size_t> own) {
  const std::size_t count = column.levels.size();
  Column each, never;
  each.name = never.name = column.name;
  each.type = never.type = column.type;
  each.levels = column.levels;
  never.levels = {std::string(kNeverSeen)};
  std::vector<RowIndex> rows(count);
  for (std::size_t level = 0; level < count; ++level) {
    each.codes.push_back(static_cast<std::int32_t>(level));
    rows[level] = static_cast<RowIndex>(level);
  }
  never.codes = {0};
  constexpr RowIndex kFirst = 0;
  std::vector<bool> unknown(count, true);
  for (const std::size_t i : own) {
    // What is not yes or no is read as the commoner of the two.
    if (const auto* boolean = dynamic_cast<const BooleanEncoder*>(encoders[i].get())) {
      for (std::size_t level = 0; level < count; ++level)
        if (boolean->knows(column.levels[level])) unknown[level] = false;
      continue;
    }
    const std::vector<FeatureColumn> read = encoders[i]->encode(each, rows);
    const std::vector<FeatureColumn> unseen = encoders[i]->encode(never, std::span(&kFirst, 1));
    for (std::size_t level = 0; level < count; ++level)
      for (std::size_t f = 0; f < read.size(); ++f)
        if (!same_cell(read[f], level, unseen[f])) unknown[level] = false;
  }
  return unknown;
}

class Extension {
 public:
  Extension(const Encoder& old, const EncodingRequest& request, ThreadPool& pool)
      : old_(old), request_(request), pool_(pool) {
    for (std::size_t i = 0; i < old.columns().size(); ++i) places_[old.columns()[i].name].push_back(i);
  }

  ExtendedEncoding extend() {
    keep();
    for (const Column& column : request_.table.columns()) {
      const auto known = places_.find(column.name);
      if (known == places_.end())
        add(column);
      else if (column.has_levels())
        add_levels(column, known->second);
    }
    return assemble();
  }

 private:
  void keep() {
    std::size_t feature = 0;
    extended_.map.missing = {.rows = 1, .info = old_.features(), .columns = {}};
    for (std::size_t i = 0; i < old_.columns().size(); ++i) {
      const WantedColumn& wanted = old_.columns()[i];
      const ColumnEncoder& encoder = *old_.encoders()[i];
      constexpr RowIndex kFirst = 0;
      for (FeatureColumn& column : encoder.encode(missing_column(wanted, 1), std::span(&kFirst, 1)))
        extended_.map.missing.columns.push_back(std::move(column));
      const std::optional<std::size_t> place = request_.table.find(wanted.name);
      const bool is_there = place.has_value();
      for (std::size_t f = 0; f < encoder.features().size(); ++f)
        extended_.map.feature_of.push_back(is_there ? feature++ : StartMap::kGone);
      if (!is_there) continue;
      // Read as this table has it, as models fitted on it from nothing do: whole numbers may have got
      // fractions.
      const ColumnType type = request_.table.column(*place).type;
      columns_.push_back({.name = wanted.name,
                          .type = storage_of(type) == storage_of(wanted.type) ? type : wanted.type,
                          .picture = wanted.picture});
      encoders_.push_back(copy_of(encoder, wanted));
    }
    kept_ = columns_.size();
  }

  void add(const Column& column) {
    if (folds_.empty()) folds_ = deal_folds(request_.labels, request_.key.split("folds"));
    EncodingNeeds needs = request_.needs;
    needs.images = false;  // the pictures that come as bytes are those of the old columns
    FittedColumn fitted = fit_column({.column = column,
                                      .rows = request_.rows,
                                      .labels = request_.labels,
                                      .folds = folds_,
                                      .needs = needs});
    if (fitted.encoder == nullptr) return;
    columns_.push_back({.name = column.name, .type = column.type, .picture = fitted.encoder->picture()});
    encoders_.push_back(std::move(fitted.encoder));
    added_.push_back(std::move(fitted.train));
  }

  void add_levels(const Column& column, std::span<const std::size_t> own) {
    const std::vector<bool> unknown = unknown_levels(column, old_.encoders(), own);
    const LevelCounts counts = count_levels(column, request_.rows);
    std::vector<std::string> levels;
    for (const std::uint32_t code : commonest_levels(column, counts, 2, kMaxNativeLevels))
      if (unknown[code]) levels.push_back(column.levels[code]);
    if (levels.empty()) return;
    std::uint32_t generation = 0;
    for (const std::size_t i : own)
      if (old_.encoders()[i]->kind() == EncoderKind::new_levels) ++generation;
    columns_.push_back({.name = column.name, .type = column.type});
    encoders_.push_back(std::make_unique<NewLevelsEncoder>(column.name, std::move(levels), generation));
    added_.push_back(encoders_.back()->encode(column, request_.rows));
  }

  // The kept columns by their old encoders, which saw none of these rows' targets; new ones as they were
  // fitted.
  ExtendedEncoding assemble() {
    std::vector<WantedColumn> kept_columns(columns_.begin(),
                                           columns_.begin() + static_cast<std::ptrdiff_t>(kept_));
    std::vector<std::unique_ptr<const ColumnEncoder>> kept;
    for (std::size_t i = 0; i < kept_; ++i) kept.push_back(copy_of(*encoders_[i], columns_[i]));
    FeatureMatrix train =
        Encoder(std::move(kept_columns), std::move(kept)).encode(request_.table, request_.rows, pool_);
    extended_.encoder = std::make_shared<const Encoder>(std::move(columns_), std::move(encoders_));
    for (std::vector<FeatureColumn>& of_column : added_)
      for (FeatureColumn& column : of_column) train.columns.push_back(std::move(column));
    train.info = extended_.encoder->features();
    ASTROLABE_CHECK(train.columns.size() == train.info->size(), "a column for every feature");
    extended_.train = std::move(train);
    return std::move(extended_);
  }

  const Encoder& old_;
  const EncodingRequest& request_;
  ThreadPool& pool_;
  std::map<std::string, std::vector<std::size_t>> places_;  // old encoders by column
  std::vector<std::uint8_t> folds_;
  std::vector<WantedColumn> columns_;
  std::vector<std::unique_ptr<const ColumnEncoder>> encoders_;
  std::size_t kept_ = 0;
  std::vector<std::vector<FeatureColumn>> added_;
  ExtendedEncoding extended_;
};

}  // namespace

Column missing_column(const WantedColumn& wanted, std::size_t rows) {
  Column column;
  column.name = wanted.name;
  column.type = wanted.type;
  switch (storage_of(wanted.type)) {
    case ColumnStorage::numbers:
    case ColumnStorage::dates:
      column.numbers.assign(rows, std::nan(""));
      break;
    case ColumnStorage::levels:
      column.codes.assign(rows, -1);
      break;
    case ColumnStorage::text:
      for (std::size_t row = 0; row < rows; ++row) column.text.add_missing();
      break;
    case ColumnStorage::pixels:
      column.pixels.shape = wanted.picture;
      column.pixels.bytes.assign(rows * wanted.picture.size(), 0);
      column.no_picture.assign(rows, true);
  }
  return column;
}

ExtendedEncoding extend_encoder(const Encoder& old, const EncodingRequest& request, ThreadPool& pool) {
  ASTROLABE_CHECK(request.labels.rows() == request.rows.size(), "one label per fitting row");
  return Extension(old, request, pool).extend();
}

ColumnChanges column_changes(const Encoder& old, const Encoder& extended) {
  std::map<std::string, std::size_t> before;
  for (const WantedColumn& column : old.columns()) ++before[column.name];
  ColumnChanges changes;
  std::set<std::string> now;
  std::map<std::string, std::size_t> seen;
  for (std::size_t i = 0; i < extended.columns().size(); ++i) {
    const std::string& name = extended.columns()[i].name;
    const std::size_t nth = ++seen[name];
    const auto known = before.find(name);
    if (now.insert(name).second) (known == before.end() ? changes.added : changes.kept).push_back(name);
    if (known != before.end() && nth > known->second)
      changes.levels.emplace_back(name, extended.encoders()[i]->features()[0].categories);
  }
  for (const auto& [name, count] : before)
    if (!now.contains(name)) changes.gone.push_back(name);
  return changes;
}

}  // namespace astrolabe
