// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "tests/features/tables.h"
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace astrolabe::testing {
namespace {

// Any bits: subnormal, infinite, missing.
Column any_numbers(const std::string& name, std::size_t rows, ColumnType type) {
  std::vector<double> cells;
  for (const auto bits :
       *rc::gen::container<std::vector<std::uint64_t>>(rows, rc::gen::arbitrary<std::uint64_t>())) {
    cells.push_back(bits % 5 == 0 ? static_cast<double>(bits % 50) : std::bit_cast<double>(bits));
  }
  return numbers(name, std::move(cells), type);
}

Column any_levels(const std::string& name, std::size_t rows, ColumnType type) {
  const int distinct = type == ColumnType::boolean ? 2 : *rc::gen::inRange(1, 12);
  std::vector<std::string> cells;
  for (const int cell : *rc::gen::container<std::vector<int>>(rows, rc::gen::inRange(-1, distinct))) {
    cells.push_back(cell < 0 ? "" : std::string(1, static_cast<char>('a' + cell)));
  }
  return levels(name, cells, type);
}

Column any_texts(const std::string& name, std::size_t rows) {
  return texts(name, *rc::gen::container<std::vector<std::string>>(rows, rc::gen::arbitrary<std::string>()));
}

Table any_table() {
  const auto rows = *rc::gen::inRange<std::size_t>(1, 40);
  return table_of(any_numbers("x", rows, ColumnType::number), any_numbers("d", rows, ColumnType::datetime),
                  any_levels("b", rows, ColumnType::boolean), any_levels("c", rows, ColumnType::category),
                  any_texts("t", rows));
}

EncodingNeeds any_needs() {
  return {*rc::gen::arbitrary<bool>(), *rc::gen::arbitrary<bool>(), *rc::gen::arbitrary<bool>()};
}

void require_sound(const FeatureMatrix& matrix, const EncodingNeeds& needs) {
  RC_ASSERT(matrix.columns.size() == matrix.info->size());
  for (std::size_t i = 0; i < matrix.features(); ++i) {
    const FeatureColumn& column = matrix.columns[i];
    const Feature& info = (*matrix.info)[i];
    RC_ASSERT(column.dense.size() == (column.is_sparse ? 0 : matrix.rows));
    RC_ASSERT(column.sparse_rows.size() == column.sparse_values.size());
    RC_ASSERT(std::is_sorted(column.sparse_rows.begin(), column.sparse_rows.end()));
    RC_ASSERT(std::adjacent_find(column.sparse_rows.begin(), column.sparse_rows.end()) ==
              column.sparse_rows.end());
    RC_ASSERT(std::count(column.sparse_values.begin(), column.sparse_values.end(), 0.0F) == 0);
    for (const float value : values_of(column, matrix.rows)) {
      if (std::isnan(value))
        RC_ASSERT(needs.native_missing);
      else
        RC_ASSERT(std::isfinite(value));
      if (info.kind == FeatureKind::categorical && !std::isnan(value)) {
        RC_ASSERT(value >= 0 && value < static_cast<float>(info.categories) && value == std::floor(value));
      }
    }
  }
}

RC_GTEST_PROP(EncoderProperty, any_table_gives_sound_features, ()) {
  const EncodingNeeds needs = any_needs();
  const FittedEncoding fitted = fit_all(any_table(), needs);
  require_sound(fitted.train, needs);
  require_sound(encode_all(*fitted.encoder, any_table()), needs);
}

RC_GTEST_PROP(EncoderProperty, a_loaded_encoder_encodes_any_table_alike, ()) {
  const FittedEncoding fitted = fit_all(any_table(), any_needs());
  ArchiveWriter writer;
  fitted.encoder->save(writer);
  ArchiveReader reader(writer.bytes());
  const Table other = any_table();
  RC_ASSERT(same_bytes(encode_all(*fitted.encoder, other), encode_all(*Encoder::load(reader), other)));
}

RC_GTEST_PROP(EncoderProperty, a_row_is_encoded_alike_whatever_rows_are_beside_it, ()) {
  const Table table = any_table();
  const FittedEncoding fitted = fit_all(table, any_needs());
  const auto row = *rc::gen::inRange<RowIndex>(0, static_cast<RowIndex>(table.rows()));
  ThreadPool pool(1);
  const std::vector<RowIndex> alone{row};
  const FeatureMatrix one = fitted.encoder->encode(table, alone, pool);
  const FeatureMatrix all = encode_all(*fitted.encoder, table);
  for (std::size_t i = 0; i < one.features(); ++i) {
    const float a = values_of(one.columns[i], 1)[0];
    const float b = values_of(all.columns[i], table.rows())[row];
    RC_ASSERT(std::bit_cast<std::uint32_t>(a) == std::bit_cast<std::uint32_t>(b));
  }
}

}  // namespace
}  // namespace astrolabe::testing
