// SPDX-License-Identifier: Apache-2.0
// Fitted encoders: a typed table in, the features a learner needs out. Missing values, categories, dates,
// text.
//
//   FittedEncoding fitted = fit_encoder({.table = table, .rows = fold.train, .labels = labels, .needs =
//   learner.needs(),
//                                        .key = key}, pool);
//   model = learner.fit({.train = {fitted.train, labels}, ...});
//   FeatureMatrix valid = fitted.encoder->encode(table, fold.valid, pool);
//
// Only the given rows are read while fitting. Unseen categories, reordered levels and extra columns are fine.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "astrolabe/base/random.h"
#include "astrolabe/base/thread_pool.h"
#include "astrolabe/data/reader.h"
#include "astrolabe/data/table.h"
#include "astrolabe/model/archive.h"
#include "astrolabe/model/feature_matrix.h"
#include "astrolabe/model/learner.h"

namespace astrolabe {

enum class EncoderKind : std::uint8_t;  // encoder_catalog.h

// One table column's encoder. Immutable.
class ColumnEncoder {
 public:
  virtual ~ColumnEncoder() = default;
  [[nodiscard]] virtual EncoderKind kind() const = 0;
  [[nodiscard]] virtual const std::vector<Feature>& features() const = 0;
  // One FeatureColumn per feature, for the given rows of `column` (same name and type as at fit time; levels
  // may differ).
  [[nodiscard]] virtual std::vector<FeatureColumn> encode(const Column& column,
                                                          std::span<const RowIndex> rows) const = 0;
  // Of an encoder that gives pictures as bytes: those of the rows. Others give none.
  [[nodiscard]] virtual Pixels encode_pixels(const Column& /*column*/,
                                             std::span<const RowIndex> /*rows*/) const {
    return {};
  }
  // The shape that its pictures had at fit time; others are resized to it. Empty for other columns.
  [[nodiscard]] virtual ImageShape picture() const { return {}; }
  virtual void save(ArchiveWriter& archive) const = 0;
  // Of its categorical feature, by code: what people call them. Empty where it has none.
  [[nodiscard]] virtual std::vector<std::string> names_of_codes() const { return {}; }
};

// All columns. Immutable; thread-safe.
class Encoder {
 public:
  Encoder(std::vector<WantedColumn> columns, std::vector<std::unique_ptr<const ColumnEncoder>> encoders);

  // What a table must have (reader.h reads files so). Columns that give no feature (constant, identifier) are
  // not in it.
  [[nodiscard]] const std::vector<WantedColumn>& columns() const { return columns_; }
  [[nodiscard]] const std::shared_ptr<const std::vector<Feature>>& features() const { return info_; }
  // Of each of the columns.
  [[nodiscard]] std::span<const std::unique_ptr<const ColumnEncoder>> encoders() const { return encoders_; }
  // [rows.size(), features]. Throws bad_input when a column is absent or has another type. Number and
  // whole_number stand for each other, and so do boolean and category.
  [[nodiscard]] FeatureMatrix encode(const Table& table, std::span<const RowIndex> rows,
                                     ThreadPool& pool) const;

  // [features] What people call the codes of each, by code; empty for those that are numbers.
  [[nodiscard]] std::vector<std::vector<std::string>> names_of_codes() const;

  void save(ArchiveWriter& archive) const;
  [[nodiscard]] static std::shared_ptr<const Encoder> load(ArchiveReader& archive);

 private:
  std::vector<WantedColumn> columns_;
  std::vector<std::unique_ptr<const ColumnEncoder>> encoders_;
  std::shared_ptr<const std::vector<Feature>> info_;
};

struct EncodingRequest {
  const Table& table;              // feature columns only: no target, no weight, no split column
  std::span<const RowIndex> rows;  // the rows to fit on
  const Labels& labels;            // of those rows, in their order: target statistics need them
  EncodingNeeds needs;
  Key key;
};

struct FittedEncoding {
  std::shared_ptr<const Encoder> encoder;
  // The fitting rows, encoded. Differs from encoder->encode() where a feature is made of targets: there each
  // row's value comes from other rows only (out of fold), so that training sees what predicting will see.
  FeatureMatrix train;
};
[[nodiscard]] FittedEncoding fit_encoder(const EncodingRequest& request, ThreadPool& pool);

}  // namespace astrolabe
