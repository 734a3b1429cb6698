// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/data/readers/parquet_writer.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <memory>
#include <utility>
#include <variant>
#include <vector>

#include <arrow/array/builder_binary.h>
#include <arrow/array/builder_primitive.h>
#include <arrow/buffer.h>
#include <arrow/io/memory.h>
#include <arrow/table.h>
#include <arrow/type.h>
#include <arrow/util/compression.h>
#include <parquet/arrow/writer.h>
#include <parquet/exception.h>

#include "astrolabe/base/error.h"

namespace astrolabe::readers {
namespace {

// Small enough for the 2 GB that one array of texts can hold, large enough to compress.
constexpr std::size_t kGroupRows = 1 << 19;
constexpr std::int64_t kFirstBytes = 1 << 16;

[[noreturn]] void refuse(const std::string& found) {
  throw failure({.attempted = "making a Parquet file",
                 .expected = "",
                 .found = found,
                 .remedy = "Write a .csv file instead."});
}

void require(const arrow::Status& status) {
  if (!status.ok()) refuse(status.message());
}

template <class Value>
Value value_of(arrow::Result<Value> result) {
  require(result.status());
  return std::move(result).ValueUnsafe();
}

std::shared_ptr<arrow::Schema> schema_of(std::span<const OutputColumn> columns) {
  arrow::FieldVector fields;
  for (const OutputColumn& column : columns) {
    const bool is_number = std::holds_alternative<std::vector<double>>(column.cells);
    fields.push_back(arrow::field(column.name, is_number ? arrow::float64() : arrow::utf8()));
  }
  return arrow::schema(std::move(fields));
}

std::shared_ptr<arrow::Array> array_of(std::span<const double> cells) {
  arrow::DoubleBuilder builder;
  require(builder.Reserve(static_cast<std::int64_t>(cells.size())));
  for (const double cell : cells) require(std::isnan(cell) ? builder.AppendNull() : builder.Append(cell));
  return value_of(builder.Finish());
}

std::shared_ptr<arrow::Array> array_of(std::span<const std::string> cells) {
  arrow::StringBuilder builder;
  require(builder.Reserve(static_cast<std::int64_t>(cells.size())));
  for (const std::string& cell : cells) require(builder.Append(cell));
  return value_of(builder.Finish());
}

std::shared_ptr<arrow::Table> rows_of(std::span<const OutputColumn> columns,
                                      const std::shared_ptr<arrow::Schema>& schema, std::size_t begin,
                                      std::size_t count) {
  arrow::ArrayVector arrays;
  for (const OutputColumn& column : columns) {
    arrays.push_back(std::visit(
        [&](const auto& cells) { return array_of(std::span(cells).subspan(begin, count)); }, column.cells));
  }
  return arrow::Table::Make(schema, arrays, static_cast<std::int64_t>(count));
}

std::string encode(std::span<const OutputColumn> columns) {
  const std::shared_ptr<arrow::Schema> schema = schema_of(columns);
  parquet::WriterProperties::Builder properties;
  if (arrow::util::Codec::IsAvailable(arrow::Compression::SNAPPY))
    properties.compression(arrow::Compression::SNAPPY);
  const auto sink = value_of(arrow::io::BufferOutputStream::Create(kFirstBytes));
  const auto writer = value_of(
      parquet::arrow::FileWriter::Open(*schema, arrow::default_memory_pool(), sink, properties.build()));
  const std::size_t rows = columns.empty() ? 0 : columns.front().rows();
  for (std::size_t begin = 0; begin < rows; begin += kGroupRows) {
    const auto count = std::min(kGroupRows, rows - begin);
    require(writer->WriteTable(*rows_of(columns, schema, begin, count), kGroupRows));
  }
  require(writer->Close());
  return value_of(sink->Finish())->ToString();
}

}  // namespace

std::string encode_parquet(std::span<const OutputColumn> columns) {
  try {
    return encode(columns);
  } catch (const parquet::ParquetException& broken) {
    refuse(broken.what());
  }
}

}  // namespace astrolabe::readers
