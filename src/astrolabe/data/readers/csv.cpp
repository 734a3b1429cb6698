// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/data/readers/csv.h"

#include <algorithm>
#include <bit>
#include <utility>

#include <arrow/array.h>
#include <arrow/csv/api.h>
#include <arrow/table.h>
#include <arrow/type.h>
#include <arrow/util/thread_pool.h>
#include <fmt/format.h>

#include "astrolabe/base/text.h"
#include "astrolabe/data/readers/blank_runs.h"
#include "astrolabe/data/readers/csv_diagnosis.h"
#include "astrolabe/data/readers/csv_dialect.h"
#include "astrolabe/data/readers/native_columns.h"

namespace astrolabe::readers {
namespace {

constexpr std::uint64_t kSmallestBlock = std::uint64_t{4} << 20U;
constexpr std::uint64_t kLargestBlock = std::uint64_t{1} << 30U;

// Each block makes one chunk of each column: wide tables get larger blocks, so that chunks stay worth having.
std::uint64_t block_bytes(const SourceFile& file, std::size_t columns) {
  const std::uint64_t wanted = std::clamp<std::uint64_t>(columns << 11U, kSmallestBlock, kLargestBlock / 4);
  if (file.compression != Compression::none) return wanted;
  return std::clamp<std::uint64_t>(file.bytes + 1, 4096, wanted);
}

struct CsvPass {
  const SourceFile& file;
  const RawRequest& request;
  const CsvDialect& dialect;
  const std::vector<std::string>& chosen;
  std::uint64_t block;
  bool quotes;  // some cell may be quoted, and so hold a newline
};

struct PassResult {
  arrow::Status status;
  std::shared_ptr<arrow::Table> table;
  std::uint64_t file_hash = 0;
  std::uint64_t quotes_seen = 0;
};

PassResult run(const CsvPass& pass) {
  auto hash = std::make_shared<StreamingHash>();
  const std::shared_ptr<arrow::io::InputStream> bytes = open_bytes(pass.file, hash);
  auto watched = std::make_shared<WatchedStream>(bytes, pass.dialect.data_begin, pass.request.should_stop,
                                                 pass.quotes ? Quotes::count : Quotes::refuse);
  std::shared_ptr<arrow::io::InputStream> text = watched;
  if (pass.dialect.blanks) text = std::make_shared<BlankRunsStream>(text);

  auto reading = arrow::csv::ReadOptions::Defaults();
  reading.use_threads = pass.request.threads > 1;
  reading.block_size = static_cast<std::int32_t>(pass.block);
  reading.column_names = pass.dialect.names;
  auto parsing = arrow::csv::ParseOptions::Defaults();
  parsing.delimiter = pass.dialect.delimiter;
  parsing.newlines_in_values = pass.quotes;
  auto converting = arrow::csv::ConvertOptions::Defaults();
  for (const std::string& name : pass.chosen) converting.column_types.emplace(name, arrow::utf8());
  converting.include_columns = pass.chosen;

  PassResult result;
  const auto read = [&]() -> arrow::Status {
    ARROW_ASSIGN_OR_RAISE(
        const std::shared_ptr<arrow::csv::TableReader> reader,
        arrow::csv::TableReader::Make(arrow::io::default_io_context(), text, reading, parsing, converting));
    return reader->Read().Value(&result.table);
  };
  result.status = read();
  result.quotes_seen = watched->quotes_seen();
  result.file_hash = hash->value();
  return result;
}

// A header and nothing below it.
Error no_data_rows(const SourceFile& file, const CsvDialect& dialect) {
  return bad_input(
      {.attempted = attempt(file.path),
       .expected = "rows of data",
       .found = fmt::format("a header of {} and nothing below it",
                            dialect.names.size() == 1 ? std::string("one name")
                                                      : format_count(dialect.names.size()) + " names"),
       .remedy = "Write the data again; if the first row is no header, say --no-header."});
}

void check_field_sizes(const SourceFile& file, const CsvDialect& dialect, const RawTable& table) {
  for (const RawColumn& column : table.columns)
    for (const TextChunk& chunk : column.chunks) {
      if (chunk.rows == 0 || chunk.offsets[chunk.rows] - chunk.offsets[0] <= std::int64_t{kLargestField})
        continue;
      for (std::size_t row = 0; row < chunk.rows; ++row)
        if (chunk.cell(row).size() > kLargestField) static_cast<void>(diagnose(file, dialect));
    }
}

// Arrow takes a quote that is never closed for one cell up to the end. Then quotes are odd in number, or the
// last cell spans lines; both may also be right, and the diagnosis tells.
bool may_be_open(const PassResult& result) {
  if (result.quotes_seen % 2 != 0) return true;
  if (result.quotes_seen == 0 || result.table->num_rows() == 0) return false;
  const arrow::ChunkedArray& last = *result.table->column(result.table->num_columns() - 1);
  const auto& cells = static_cast<const arrow::StringArray&>(*last.chunk(last.num_chunks() - 1));
  return cells.length() != 0 && cells.GetView(cells.length() - 1).find('\n') != std::string_view::npos;
}

PassResult read_until_it_fits(CsvPass pass) {
  while (true) {
    PassResult result = run(pass);
    if (result.status.ok()) {
      if (may_be_open(result)) static_cast<void>(diagnose(pass.file, pass.dialect));
      return result;
    }
    if (result.status.IsCancelled() || result.status.IsOutOfMemory())
      throw error_of(result.status, pass.file.path);
    if (!pass.quotes && result.quotes_seen != 0) {
      pass.quotes = true;
      continue;
    }
    // Either the file is broken, and the diagnosis throws, or a row is longer than a block.
    const std::uint64_t needed = 2 * diagnose(pass.file, pass.dialect);
    if (needed <= pass.block || needed > kLargestBlock) throw error_of(result.status, pass.file.path);
    pass.block = std::bit_ceil(needed);
  }
}

void note_dialect(const CsvDialect& dialect, const RawRequest& request, std::vector<std::string>& notes) {
  if (request.header == Header::detect)
    notes.emplace_back(dialect.header
                           ? "The first row was read as the header; --no-header says that it is data."
                           : "No header was found, so columns are named 1, 2, ...; --header says that "
                             "the first row is one.");
  if (dialect.renamed != 0)
    notes.push_back(fmt::format("{} {} no name and {} named by position.", format_count(dialect.renamed),
                                dialect.renamed == 1 ? "column had" : "columns had",
                                dialect.renamed == 1 ? "was" : "were"));
}

}  // namespace

RawRead read_csv(const SourceFile& file, const RawRequest& request) {
  const CsvDialect dialect = find_dialect(file, request);
  if (!dialect.has_data) throw no_data_rows(file, dialect);
  const std::vector<bool> flags = request.choose(dialect.names);
  std::vector<std::string> chosen;
  for (std::size_t i = 0; i < flags.size(); ++i)
    if (flags[i]) chosen.push_back(dialect.names[i]);

  PassResult pass = read_until_it_fits(
      {file, request, dialect, chosen, block_bytes(file, dialect.names.size()), dialect.quotes});
  RawRead read;
  read.table.rows = static_cast<std::size_t>(pass.table->num_rows());
  if (read.table.rows == 0) throw no_data_rows(file, dialect);
  for (std::size_t i = 0; i < chosen.size(); ++i)
    read.table.columns.push_back(text_column(chosen[i], *pass.table->column(static_cast<int>(i)), file.path));
  pass.table.reset();
  check_field_sizes(file, dialect, read.table);
  read.format = dialect.describe() + std::string(compression_suffix(file.compression));
  read.file_hash = pass.file_hash;
  read.file_bytes = file.bytes;
  note_dialect(dialect, request, read.notes);
  read.line_of_row = [file, dialect](std::size_t row) { return find_line(file, dialect, row); };
  return read;
}

}  // namespace astrolabe::readers
