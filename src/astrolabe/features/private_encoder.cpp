// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/features/private_encoder.h"

#include <algorithm>

#include "astrolabe/base/error.h"
#include "astrolabe/features/encoder_catalog.h"
#include "astrolabe/features/image_bytes.h"

namespace astrolabe {
namespace {

// Identifiers lie with texts, dates by themselves. A net reads one picture a row.
bool is_used(const Table& table, const Column& column, bool takes_pictures) {
  const ColumnStorage storage = storage_of(column.type);
  if (storage == ColumnStorage::pixels)
    return takes_pictures && &column == &*std::ranges::find_if(table.columns(), &Column::is_image);
  return storage == ColumnStorage::numbers || storage == ColumnStorage::levels;
}

std::unique_ptr<const ColumnEncoder> encoder_of(const Column& column, const CategoryHashing& hashing) {
  if (column.is_image()) return std::make_unique<ImageBytesEncoder>(column.pixels.shape);
  return std::make_unique<HashedCategoryEncoder>(column.name, hashing.buckets, hashing.form);
}

}  // namespace

std::vector<const Column*> number_columns(const Table& table) {
  std::vector<const Column*> numbers;
  for (const Column& column : table.columns())
    if (storage_of(column.type) == ColumnStorage::numbers) numbers.push_back(&column);
  return numbers;
}

std::vector<std::string> left_out_columns(const Table& table, bool takes_pictures) {
  std::vector<std::string> names;
  for (const Column& column : table.columns())
    if (!is_used(table, column, takes_pictures)) names.push_back(column.name);
  return names;
}

std::shared_ptr<const Encoder> private_encoder(const Table& table, std::span<const NumberScale> scales,
                                               const CategoryHashing& hashing) {
  ASTROLABE_CHECK(scales.size() == number_columns(table).size(), "a scale for each number");
  std::vector<WantedColumn> columns;
  std::vector<std::unique_ptr<const ColumnEncoder>> encoders;
  std::size_t number = 0;
  for (const Column& column : table.columns()) {
    if (!is_used(table, column, hashing.takes_pictures)) continue;
    columns.push_back({.name = column.name, .type = column.type, .picture = column.pixels.shape});
    if (storage_of(column.type) == ColumnStorage::numbers)
      encoders.push_back(std::make_unique<BoundedNumberEncoder>(column.name, scales[number++]));
    else
      encoders.push_back(encoder_of(column, hashing));
  }
  return std::make_shared<const Encoder>(std::move(columns), std::move(encoders));
}

}  // namespace astrolabe
