// SPDX-License-Identifier: Apache-2.0
// The encoders there are, in one table, and which of them a column's type gets.
//
//   FittedColumn fitted = fit_column({...});              // by the column's type
//   save_column_encoder(*fitted.encoder, writer);         // a tag byte, then what the family writes
//   auto encoder = load_column_encoder(reader, {"age", ColumnType::number});
#pragma once

#include <cstdint>
#include <memory>

#include "astrolabe/features/column_fit.h"
#include "astrolabe/features/encoder.h"

namespace astrolabe {

// Tags in model files: never renumber.
enum class EncoderKind : std::uint8_t {
  numeric = 1,
  boolean = 2,
  category_codes = 3,
  one_hot = 4,
  stacked = 5,
  target_statistics = 6,
  datetime = 7,
  text = 8,
  bounded_number = 9,
  hashed_category = 10,
  new_levels = 20,
};

// Where a column of a type keeps its cells. Encoders depend on this, not on the type itself.
enum class ColumnStorage : std::uint8_t { numbers, levels, dates, text };
[[nodiscard]] ColumnStorage storage_of(ColumnType type);

[[nodiscard]] FittedColumn fit_column(const ColumnFit& fit);

void save_column_encoder(const ColumnEncoder& encoder, ArchiveWriter& archive);
// Throws bad_input for an unknown tag and for one that does not belong to the column's type.
[[nodiscard]] std::unique_ptr<const ColumnEncoder> load_column_encoder(ArchiveReader& archive,
                                                                       const WantedColumn& column);
// As load_column_encoder, but refuses a stacked encoder, so that stacks cannot nest.
[[nodiscard]] std::unique_ptr<const ColumnEncoder> load_stacked_part(ArchiveReader& archive,
                                                                     const WantedColumn& column);

}  // namespace astrolabe
