// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/data/readers/columnar.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include <arrow/io/file.h>
#include <arrow/ipc/reader.h>
#include <arrow/table.h>
#include <arrow/type.h>
#include <parquet/arrow/reader.h>
#include <parquet/arrow/schema.h>
#include <parquet/metadata.h>
#include <parquet/properties.h>

#include "astrolabe/data/readers/column_names.h"
#include "astrolabe/data/readers/line_sample.h"
#include "astrolabe/data/readers/native_columns.h"
#include "astrolabe/data/readers/sampled_batches.h"

namespace astrolabe::readers {
namespace {

constexpr std::int64_t kBatchCells = std::int64_t{1} << 20;
constexpr std::uint64_t kUnpacked = 20;  // a table is at most about so many times its file

// Which fields are read, and under which names.
struct Choice {
  std::vector<int> fields;
  std::vector<std::string> names;
};

Choice choose_fields(const arrow::Schema& schema, const SourceFile& file, const RawRequest& request) {
  std::vector<std::string> names = schema.field_names();
  settle_names(names, file.path);
  const std::vector<bool> flags = request.choose(names);
  Choice choice;
  for (int i = 0; i < schema.num_fields(); ++i) {
    const auto place = static_cast<std::size_t>(i);
    if (!flags[place]) continue;
    require_flat(names[place], *schema.field(i)->type(), file.path);
    choice.fields.push_back(i);
    choice.names.push_back(names[place]);
  }
  return choice;
}

// A file that is open, with what is chosen of it.
struct Columnar {
  Choice choice;
  std::uint64_t rows = 0;
  std::uint64_t bytes = 0;  // of the chosen columns, unpacked
  NextBatch next = {};      // its rows in order
  std::function<std::shared_ptr<arrow::Table>()> whole = {};
};

Columnar open_parquet(const SourceFile& file, const RawRequest& request) {
  parquet::arrow::FileReaderBuilder builder;
  if (const arrow::Status status = builder.OpenFile(file.path.string()); !status.ok())
    throw error_of(status, file.path);
  parquet::ArrowReaderProperties properties(request.threads > 1);
  properties.set_pre_buffer(kUnpacked * file.bytes <= request.memory_bytes);
  builder.properties(properties);
  const std::shared_ptr<parquet::arrow::FileReader> reader = value_or_throw(builder.Build(), file.path);
  std::shared_ptr<arrow::Schema> schema;
  if (const arrow::Status status = reader->GetSchema(&schema); !status.ok())
    throw error_of(status, file.path);
  Columnar open{.choice = choose_fields(*schema, file, request)};
  // Parquet counts leaves; a flat field is one.
  std::vector<int> leaves;
  for (const int field : open.choice.fields)
    leaves.push_back(reader->manifest().schema_fields[static_cast<std::size_t>(field)].column_index);
  const std::shared_ptr<parquet::FileMetaData> facts = reader->parquet_reader()->metadata();
  open.rows = static_cast<std::uint64_t>(std::max<std::int64_t>(0, facts->num_rows()));
  for (int group = 0; group < facts->num_row_groups(); ++group)
    for (const int leaf : leaves)
      open.bytes += static_cast<std::uint64_t>(
          std::max<std::int64_t>(0, facts->RowGroup(group)->ColumnChunk(leaf)->total_uncompressed_size()));
  open.whole = [reader, leaves, path = file.path] { return value_or_throw(reader->ReadTable(leaves), path); };
  open.next = [reader, leaves, path = file.path,
               batches = std::shared_ptr<arrow::RecordBatchReader>()]() mutable {
    if (batches == nullptr) {
      std::vector<int> groups(static_cast<std::size_t>(reader->num_row_groups()));
      std::iota(groups.begin(), groups.end(), 0);
      const auto columns = static_cast<std::int64_t>(std::max<std::size_t>(1, leaves.size()));
      reader->set_batch_size(std::max<std::int64_t>(kBatchCells / columns, 256));
      batches = value_or_throw(reader->GetRecordBatchReader(groups, leaves), path);
    }
    return value_or_throw(batches->Next(), path);
  };
  return open;
}

Columnar open_feather(const SourceFile& file, const RawRequest& request) {
  const std::shared_ptr<arrow::io::ReadableFile> bytes =
      value_or_throw(arrow::io::ReadableFile::Open(file.path.string()), file.path);
  auto options = arrow::ipc::IpcReadOptions::Defaults();
  options.use_threads = request.threads > 1;
  const std::shared_ptr<arrow::Schema> schema =
      value_or_throw(arrow::ipc::RecordBatchFileReader::Open(bytes, options), file.path)->schema();
  Columnar open{.choice = choose_fields(*schema, file, request)};
  options.included_fields = open.choice.fields;
  const std::shared_ptr<arrow::ipc::RecordBatchFileReader> reader =
      value_or_throw(arrow::ipc::RecordBatchFileReader::Open(bytes, options), file.path);
  open.rows =
      static_cast<std::uint64_t>(std::max<std::int64_t>(0, value_or_throw(reader->CountRows(), file.path)));
  // Its columns are as large unpacked as they are in memory, which nothing in the file says.
  open.bytes = std::max(file.bytes, sizeof(double) * open.choice.fields.size() * open.rows);
  open.next = [reader, path = file.path, i = 0]() mutable -> std::shared_ptr<arrow::RecordBatch> {
    if (i >= reader->num_record_batches()) return nullptr;
    return value_or_throw(reader->ReadRecordBatch(i++), path);
  };
  open.whole = [reader, path = file.path] {
    arrow::RecordBatchVector batches;
    for (int i = 0; i < reader->num_record_batches(); ++i)
      batches.push_back(value_or_throw(reader->ReadRecordBatch(i), path));
    return value_or_throw(arrow::Table::FromRecordBatches(reader->schema(), batches), path);
  };
  return open;
}

LineSample sample_of(const Columnar& open, const RawRequest& request) {
  return sample_within(request, open.bytes + kBytesPerCell * open.choice.fields.size() * open.rows,
                       open.rows);
}

// Files are not trusted: offsets, indices and UTF-8 are checked before anything looks at a cell.
RawRead read_columnar(const Columnar& open, const SourceFile& file, const RawRequest& request,
                      std::string_view format) {
  const LineSample sample = sample_of(open, request);
  std::shared_ptr<arrow::Table> table =
      sample.share < 1 ? read_some(open.next, sample, file.path, request.should_stop) : open.whole();
  if (request.should_stop && request.should_stop())
    throw error_of(arrow::Status::Cancelled("asked to stop"), file.path);
  if (const arrow::Status valid = table->ValidateFull(); !valid.ok()) throw error_of(valid, file.path);
  RawRead read;
  read.table = native_table(open.choice.names, std::move(table), file.path);
  read.format = std::string(format);
  read.file_hash = hash_file(file);
  read.file_bytes = file.bytes;
  if (sample.share < 1) {
    read.notes.push_back(words_of(sample, read.table.rows));
    read.line_of_row = [sample](std::size_t row) { return sample.row_in_file(row) + 1; };
  }
  return read;
}

std::unique_ptr<RawBatches> rest_of(Columnar open, const SourceFile& file, const RawRequest& request) {
  LineSample sample = sample_of(open, request);
  if (sample.share >= 1) return nullptr;
  sample.is_rest = true;
  return std::make_unique<RestOfBatches>(std::move(open.next), sample, std::move(open.choice.names),
                                         file.path, request.should_stop);
}

}  // namespace

RawRead read_parquet(const SourceFile& file, const RawRequest& request) {
  return read_columnar(open_parquet(file, request), file, request, "Parquet");
}

RawRead read_feather(const SourceFile& file, const RawRequest& request) {
  return read_columnar(open_feather(file, request), file, request, "Feather");
}

std::unique_ptr<RawBatches> open_rest_of_parquet(const SourceFile& file, const RawRequest& request) {
  return rest_of(open_parquet(file, request), file, request);
}

std::unique_ptr<RawBatches> open_rest_of_feather(const SourceFile& file, const RawRequest& request) {
  return rest_of(open_feather(file, request), file, request);
}

}  // namespace astrolabe::readers
