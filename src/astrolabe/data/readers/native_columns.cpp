// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/data/readers/native_columns.h"

#include <cmath>
#include <cstdint>
#include <limits>
#include <utility>

#include <arrow/array.h>
#include <arrow/array/concatenate.h>
#include <arrow/compute/cast.h>
#include <arrow/type.h>
#include <fmt/format.h>

#include "astrolabe/data/readers/byte_source.h"

namespace astrolabe::readers {
namespace {

using arrow::Type;

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();
constexpr std::int64_t kExactWhole = std::int64_t{1} << 53U;

void add_text_chunk(std::shared_ptr<arrow::Array> array, const std::filesystem::path& path,
                    RawColumn& column) {
  if (array->length() == 0) return;
  // A slice shares its bitmap with what it was cut from; a copy has its own.
  if (array->offset() != 0 && array->null_count() != 0)
    array = value_or_throw(arrow::Concatenate({array}), path);
  const auto& text = static_cast<const arrow::StringArray&>(*array);
  column.chunks.push_back({reinterpret_cast<const char*>(text.raw_data()), text.raw_value_offsets(),
                           text.null_count() == 0 ? nullptr : text.null_bitmap_data(),
                           static_cast<std::size_t>(text.length()), array});
}

bool is_text_like(const arrow::DataType& type) {
  return arrow::is_base_binary_like(type.id()) || arrow::is_binary_view_like(type.id()) ||
         type.id() == Type::FIXED_SIZE_BINARY;
}

bool is_number_like(const arrow::DataType& type) {
  switch (type.id()) {
    case Type::INTERVAL_MONTHS:
    case Type::INTERVAL_DAY_TIME:
    case Type::INTERVAL_MONTH_DAY_NANO:
      return false;
    default:
      return arrow::is_integer(type.id()) || arrow::is_floating(type.id()) || arrow::is_decimal(type.id()) ||
             arrow::is_temporal(type.id());
  }
}

double seconds_per_unit(arrow::TimeUnit::type unit) {
  switch (unit) {
    case arrow::TimeUnit::SECOND:
      return 1;
    case arrow::TimeUnit::MILLI:
      return 1e-3;
    case arrow::TimeUnit::MICRO:
      return 1e-6;
    case arrow::TimeUnit::NANO:
      return 1e-9;
  }
  return 1;
}

// What Arrow casts to before we take over, what that becomes here, and a factor.
struct Reading {
  std::shared_ptr<arrow::DataType> through;
  ColumnType type = ColumnType::number;
  double factor = 1;
};

Reading reading_of(const arrow::DataType& type) {
  switch (type.id()) {
    case Type::DATE32:
      return {arrow::int32(), ColumnType::datetime, 86400};
    case Type::DATE64:
      return {arrow::int64(), ColumnType::datetime, 1e-3};
    case Type::TIMESTAMP:
      return {arrow::int64(), ColumnType::datetime,
              seconds_per_unit(static_cast<const arrow::TimestampType&>(type).unit())};
    case Type::TIME32:
      return {arrow::int32(), ColumnType::number,
              seconds_per_unit(static_cast<const arrow::Time32Type&>(type).unit())};
    case Type::TIME64:
      return {arrow::int64(), ColumnType::number,
              seconds_per_unit(static_cast<const arrow::Time64Type&>(type).unit())};
    case Type::DURATION:
      return {arrow::int64(), ColumnType::number,
              seconds_per_unit(static_cast<const arrow::DurationType&>(type).unit())};
    default:
      return {nullptr, arrow::is_integer(type.id()) ? ColumnType::whole_number : ColumnType::number, 1};
  }
}

// A whole number that a double cannot hold is an identifier of some kind: such columns stay text.
bool has_long_whole_numbers(const arrow::ChunkedArray& column) {
  if (column.type()->id() != Type::INT64 && column.type()->id() != Type::UINT64) return false;
  for (const std::shared_ptr<arrow::Array>& chunk : column.chunks()) {
    if (chunk->type_id() == Type::UINT64) {
      const auto& values = static_cast<const arrow::UInt64Array&>(*chunk);
      for (std::int64_t i = 0; i < values.length(); ++i)
        if (values.IsValid(i) && values.Value(i) > std::uint64_t{kExactWhole}) return true;
    } else {
      const auto& values = static_cast<const arrow::Int64Array&>(*chunk);
      for (std::int64_t i = 0; i < values.length(); ++i)
        if (values.IsValid(i) && std::abs(values.Value(i)) > kExactWhole) return true;
    }
  }
  return false;
}

std::shared_ptr<arrow::Array> cast(const std::shared_ptr<arrow::Array>& array,
                                   const std::shared_ptr<arrow::DataType>& type,
                                   const std::filesystem::path& path) {
  if (array->type()->Equals(*type)) return array;
  return value_or_throw(arrow::compute::Cast(*array, type, arrow::compute::CastOptions::Unsafe()), path);
}

RawColumn number_column(const std::string& name, const arrow::ChunkedArray& column,
                        const std::filesystem::path& path) {
  const Reading reading = reading_of(*column.type());
  RawColumn raw;
  raw.name = name;
  raw.native = reading.type;
  raw.numbers.reserve(static_cast<std::size_t>(column.length()));
  bool all_whole = true;
  for (std::shared_ptr<arrow::Array> array : column.chunks()) {
    if (reading.through) array = cast(array, reading.through, path);
    array = cast(array, arrow::float64(), path);
    const auto& values = static_cast<const arrow::DoubleArray&>(*array);
    for (std::int64_t i = 0; i < values.length(); ++i) {
      const double value = values.IsValid(i) ? values.Value(i) * reading.factor : kMissing;
      all_whole &=
          std::isnan(value) || (std::floor(value) == value && std::abs(value) <= double{kExactWhole});
      raw.numbers.push_back(value);
    }
  }
  // As in text tables, "3.0" is whole.
  if (raw.native == ColumnType::number && all_whole) raw.native = ColumnType::whole_number;
  return raw;
}

RawColumn boolean_column(const std::string& name, const arrow::ChunkedArray& column,
                         const std::filesystem::path& path) {
  RawColumn raw;
  raw.name = name;
  raw.native = ColumnType::boolean;
  for (const std::shared_ptr<arrow::Array>& array : column.chunks())
    add_text_chunk(cast(array, arrow::utf8(), path), path, raw);
  return raw;
}

}  // namespace

RawColumn text_column(const std::string& name, const arrow::ChunkedArray& column,
                      const std::filesystem::path& path) {
  RawColumn raw;
  raw.name = name;
  for (const std::shared_ptr<arrow::Array>& array : column.chunks())
    add_text_chunk(cast(array, arrow::utf8(), path), path, raw);
  return raw;
}

RawColumn native_column(const std::string& name, const arrow::ChunkedArray& column,
                        const std::filesystem::path& path) {
  const arrow::DataType& type = *column.type();
  if (type.id() == Type::NA) {
    RawColumn raw;
    raw.name = name;
    raw.native = ColumnType::number;
    raw.numbers.assign(static_cast<std::size_t>(column.length()), kMissing);
    return raw;
  }
  if (type.id() == Type::BOOL) return boolean_column(name, column, path);
  if (type.id() == Type::DICTIONARY) {
    arrow::ArrayVector dense;
    const auto& values = static_cast<const arrow::DictionaryType&>(type).value_type();
    for (const std::shared_ptr<arrow::Array>& array : column.chunks())
      dense.push_back(cast(array, values, path));
    return native_column(name, arrow::ChunkedArray(std::move(dense), values), path);
  }
  if (is_number_like(type) && !has_long_whole_numbers(column)) return number_column(name, column, path);
  return text_column(name, column, path);
}

void require_flat(const std::string& name, const arrow::DataType& type, const std::filesystem::path& path) {
  if (type.id() == Type::DICTIONARY)
    return require_flat(name, *static_cast<const arrow::DictionaryType&>(type).value_type(), path);
  if (type.id() == Type::NA || type.id() == Type::BOOL || is_number_like(type) || is_text_like(type)) return;
  throw bad_input({.attempted = attempt(path),
                   .expected = "columns of single values",
                   .found = fmt::format("column \"{}\" of type {}", name, type.ToString()),
                   .remedy = "Flatten the column, or leave it out with --drop."});
}

RawTable native_table(const std::vector<std::string>& names, std::shared_ptr<arrow::Table> table,
                      const std::filesystem::path& path) {
  RawTable raw;
  raw.rows = static_cast<std::size_t>(table->num_rows());
  if (raw.rows == 0)
    throw bad_input({.attempted = attempt(path),
                     .expected = "rows of data",
                     .found = "none",
                     .remedy = "Write the data again."});
  arrow::ChunkedArrayVector columns = table->columns();
  table.reset();
  for (std::size_t i = 0; i < columns.size(); ++i) {
    raw.columns.push_back(native_column(names[i], *columns[i], path));
    columns[i].reset();
  }
  return raw;
}

}  // namespace astrolabe::readers
