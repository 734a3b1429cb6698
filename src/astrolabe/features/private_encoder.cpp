// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/features/private_encoder.h"

#include "astrolabe/base/error.h"
#include "astrolabe/features/encoder_catalog.h"

namespace astrolabe {
namespace {

// Identifiers lie with texts, dates by themselves.
bool is_used(const Column& column) {
  const ColumnStorage storage = storage_of(column.type);
  return storage == ColumnStorage::numbers || storage == ColumnStorage::levels;
}

}  // namespace

std::vector<const Column*> number_columns(const Table& table) {
  std::vector<const Column*> numbers;
  for (const Column& column : table.columns())
    if (storage_of(column.type) == ColumnStorage::numbers) numbers.push_back(&column);
  return numbers;
}

std::vector<std::string> left_out_columns(const Table& table) {
  std::vector<std::string> names;
  for (const Column& column : table.columns())
    if (!is_used(column)) names.push_back(column.name);
  return names;
}

std::shared_ptr<const Encoder> private_encoder(const Table& table, std::span<const NumberScale> scales,
                                               const CategoryHashing& hashing) {
  ASTROLABE_CHECK(scales.size() == number_columns(table).size(), "a scale for each number");
  std::vector<WantedColumn> columns;
  std::vector<std::unique_ptr<const ColumnEncoder>> encoders;
  std::size_t number = 0;
  for (const Column& column : table.columns()) {
    if (!is_used(column)) continue;
    columns.push_back({column.name, column.type});
    if (storage_of(column.type) == ColumnStorage::numbers)
      encoders.push_back(std::make_unique<BoundedNumberEncoder>(column.name, scales[number++]));
    else
      encoders.push_back(std::make_unique<HashedCategoryEncoder>(column.name, hashing.buckets, hashing.form));
  }
  return std::make_shared<const Encoder>(std::move(columns), std::move(encoders));
}

}  // namespace astrolabe
