// SPDX-License-Identifier: Apache-2.0
// An encoder that goes on from another one: old columns mean what they meant, new columns and new categories
// are appended, columns that are gone are left out.
//
//   ExtendedEncoding extended = extend_encoder(old, {.table = table, .rows = rows, .labels = labels, ...},
//   pool); extended.encoder->encode(table, rows, pool);    // never asks for a column that is gone
//   extended.map.feature_of                         // where the old features are in it
//
// A level is new where the old encoder cannot tell it from one that it never saw and two of the given rows
// hold it: a rare level of the old rows may be one. It gets a code in a feature of its own (new_levels.h);
// the old feature reads it as before.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "astrolabe/features/encoder.h"
#include "astrolabe/model/start_map.h"

namespace astrolabe {

struct ExtendedEncoding {
  std::shared_ptr<const Encoder> encoder;
  FeatureMatrix train;  // of the given rows; new columns as fit_encoder gives them
  StartMap map;         // of the features: the classes are nobody's here
};
// Reads the table at the given rows only. Throws bad_input where a column of the old encoder is of another
// type now. Cost: that of encoding.
[[nodiscard]] ExtendedEncoding extend_encoder(const Encoder& old, const EncodingRequest& request,
                                              ThreadPool& pool);

// A column whose cells are all missing.
[[nodiscard]] Column missing_column(const WantedColumn& wanted, std::size_t rows);

// What extending an encoder to a table comes to, in words of columns.
struct ColumnChanges {
  std::vector<std::string> kept, gone, added;
  std::vector<std::pair<std::string, std::size_t>> levels;  // of kept columns: so many new ones
};
[[nodiscard]] ColumnChanges column_changes(const Encoder& old, const Encoder& extended);

}  // namespace astrolabe
