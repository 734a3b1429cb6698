// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/data/readers/columnar.h"

#include <utility>

#include <arrow/io/file.h>
#include <arrow/ipc/reader.h>
#include <arrow/table.h>
#include <arrow/type.h>
#include <parquet/arrow/reader.h>
#include <parquet/arrow/schema.h>

#include "astrolabe/data/readers/column_names.h"
#include "astrolabe/data/readers/native_columns.h"

namespace astrolabe::readers {
namespace {

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

// Files are not trusted: offsets, indices and UTF-8 are checked before anything looks at a cell.
RawRead finish(std::shared_ptr<arrow::Table> table, const Choice& choice, const SourceFile& file,
               const RawRequest& request, std::string_view format) {
  if (request.should_stop && request.should_stop())
    throw error_of(arrow::Status::Cancelled("asked to stop"), file.path);
  if (const arrow::Status valid = table->ValidateFull(); !valid.ok()) throw error_of(valid, file.path);
  RawRead read;
  read.table = native_table(choice.names, std::move(table), file.path);
  read.format = std::string(format);
  read.file_hash = hash_file(file);
  read.file_bytes = file.bytes;
  return read;
}

}  // namespace

RawRead read_parquet(const SourceFile& file, const RawRequest& request) {
  const std::shared_ptr<arrow::io::ReadableFile> bytes =
      value_or_throw(arrow::io::ReadableFile::Open(file.path.string()), file.path);
  const std::unique_ptr<parquet::arrow::FileReader> reader =
      value_or_throw(parquet::arrow::OpenFile(bytes, arrow::default_memory_pool()), file.path);
  reader->set_use_threads(request.threads > 1);
  std::shared_ptr<arrow::Schema> schema;
  if (const arrow::Status status = reader->GetSchema(&schema); !status.ok())
    throw error_of(status, file.path);
  const Choice choice = choose_fields(*schema, file, request);
  // Parquet counts leaves; a flat field is one.
  std::vector<int> leaves;
  for (const int field : choice.fields)
    leaves.push_back(reader->manifest().schema_fields[static_cast<std::size_t>(field)].column_index);
  return finish(value_or_throw(reader->ReadTable(leaves), file.path), choice, file, request, "Parquet");
}

RawRead read_feather(const SourceFile& file, const RawRequest& request) {
  const std::shared_ptr<arrow::io::ReadableFile> bytes =
      value_or_throw(arrow::io::ReadableFile::Open(file.path.string()), file.path);
  auto options = arrow::ipc::IpcReadOptions::Defaults();
  options.use_threads = request.threads > 1;
  const std::shared_ptr<arrow::Schema> schema =
      value_or_throw(arrow::ipc::RecordBatchFileReader::Open(bytes, options), file.path)->schema();
  const Choice choice = choose_fields(*schema, file, request);
  options.included_fields = choice.fields;
  const std::shared_ptr<arrow::ipc::RecordBatchFileReader> reader =
      value_or_throw(arrow::ipc::RecordBatchFileReader::Open(bytes, options), file.path);
  arrow::RecordBatchVector batches;
  for (int i = 0; i < reader->num_record_batches(); ++i)
    batches.push_back(value_or_throw(reader->ReadRecordBatch(i), file.path));
  return finish(value_or_throw(arrow::Table::FromRecordBatches(reader->schema(), batches), file.path), choice,
                file, request, "Feather");
}

}  // namespace astrolabe::readers
