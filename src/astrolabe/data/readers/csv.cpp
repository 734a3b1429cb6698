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
#include "astrolabe/data/readers/line_sample.h"
#include "astrolabe/data/readers/native_columns.h"

namespace astrolabe::readers {
namespace {

constexpr std::uint64_t kSmallestBlock = std::uint64_t{4} << 20U;
constexpr std::uint64_t kLargestBlock = std::uint64_t{1} << 30U;
constexpr std::size_t kBeginning = std::size_t{4} << 20U;

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
  LineSample sample;
};

struct PassResult {
  arrow::Status status;
  std::shared_ptr<arrow::Table> table;
  std::uint64_t file_hash = 0;
  std::uint64_t quotes_seen = 0;
};

// How Arrow is asked to read.
struct ArrowOptions {
  arrow::csv::ReadOptions reading = arrow::csv::ReadOptions::Defaults();
  arrow::csv::ParseOptions parsing = arrow::csv::ParseOptions::Defaults();
  arrow::csv::ConvertOptions converting = arrow::csv::ConvertOptions::Defaults();

  explicit ArrowOptions(const CsvPass& pass) {
    reading.use_threads = pass.request.threads > 1;
    reading.block_size = static_cast<std::int32_t>(pass.block);
    reading.column_names = pass.dialect.names;
    parsing.delimiter = pass.dialect.delimiter;
    parsing.newlines_in_values = pass.quotes;
    for (const std::string& name : pass.chosen) converting.column_types.emplace(name, arrow::utf8());
    converting.include_columns = pass.chosen;
  }
};

std::shared_ptr<arrow::io::InputStream> text_of(const CsvPass& pass, std::shared_ptr<WatchedStream> watched) {
  std::shared_ptr<arrow::io::InputStream> text = std::move(watched);
  if (pass.sample.share < 1) text = std::make_shared<LineSampleStream>(text, pass.sample, pass.quotes);
  if (pass.dialect.blanks) text = std::make_shared<BlankRunsStream>(text);
  return text;
}

PassResult run(const CsvPass& pass) {
  auto hash = std::make_shared<StreamingHash>();
  auto watched =
      std::make_shared<WatchedStream>(open_bytes(pass.file, hash), pass.dialect.data_begin,
                                      pass.request.should_stop, pass.quotes ? Quotes::count : Quotes::refuse);
  const std::shared_ptr<arrow::io::InputStream> text = text_of(pass, watched);
  const ArrowOptions options(pass);

  PassResult result;
  const auto read = [&]() -> arrow::Status {
    ARROW_ASSIGN_OR_RAISE(
        const std::shared_ptr<arrow::csv::TableReader> reader,
        arrow::csv::TableReader::Make(arrow::io::default_io_context(), text, options.reading, options.parsing,
                                      options.converting));
    return reader->Read().Value(&result.table);
  };
  result.status = read();
  result.quotes_seen = watched->quotes_seen();
  result.file_hash = hash->value();
  return result;
}

// Bytes of the text, without looking at more of it than needed: a packed one is unpacked once.
std::uint64_t text_bytes(const SourceFile& file) {
  if (file.compression == Compression::none) return file.bytes;
  std::uint64_t bytes = 0;
  for_each_piece(file, [&](std::string_view piece) {
    bytes += piece.size();
    return true;
  });
  return bytes;
}

// All rows, or so many that the table and the work on it fit under the cap. `bytes_of_rows`: of its
// beginning.
LineSample sample_within_memory(const SourceFile& file, const RawRequest& request, std::size_t columns) {
  // Packed text is at most some twenty times its size on disk.
  const std::uint64_t most = file.compression == Compression::none ? file.bytes : 20 * file.bytes;
  const auto needed = [&](std::uint64_t bytes, std::uint64_t rows) {
    return bytes + kBytesPerCell * columns * rows;
  };
  if (needed(most, most / (2 * columns)) <= request.memory_bytes) return sample_within(request, 0, 0);
  const std::string beginning = read_beginning(file, kBeginning);
  const auto lines = static_cast<std::uint64_t>(std::ranges::count(beginning, '\n'));
  const std::uint64_t bytes = text_bytes(file);
  const std::uint64_t rows = bytes / (beginning.size() / std::max<std::uint64_t>(1, lines));
  return sample_within(request, needed(bytes, rows), rows);
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

// One batch after the other, on one thread: a block of text and its cells are all that it holds.
class RestOfCsv : public RawBatches {
 public:
  RestOfCsv(SourceFile file, CsvDialect dialect, std::vector<std::string> chosen, const LineSample& read,
            std::function<bool()> should_stop)
      : file_(std::move(file)), dialect_(std::move(dialect)), chosen_(std::move(chosen)) {
    RawRequest request;
    request.should_stop = std::move(should_stop);
    const LineSample rest = {.key = read.key, .share = read.share, .is_rest = true};
    // Small ones: Arrow holds several at a time.
    const std::uint64_t block = block_bytes(file_, dialect_.names.size()) / 4;
    const CsvPass pass = {file_, request, dialect_, chosen_, block, true, rest};
    const ArrowOptions options(pass);
    const auto text = text_of(pass, std::make_shared<WatchedStream>(open_bytes(file_), dialect_.data_begin,
                                                                    request.should_stop, Quotes::count));
    auto reader = arrow::csv::StreamingReader::Make(arrow::io::default_io_context(), text, options.reading,
                                                    options.parsing, options.converting);
    if (!reader.ok()) complain(reader.status());
    reader_ = std::move(reader).ValueUnsafe();
  }

  [[nodiscard]] bool next(RawTable& table) override {
    std::shared_ptr<arrow::RecordBatch> batch;
    const arrow::Status status = reader_->ReadNext(&batch);
    if (!status.ok()) complain(status);
    if (batch == nullptr) return false;
    table = {};
    table.rows = static_cast<std::size_t>(batch->num_rows());
    for (std::size_t i = 0; i < chosen_.size(); ++i)
      table.columns.push_back(
          text_column(chosen_[i], arrow::ChunkedArray(batch->column(static_cast<int>(i))), file_.path));
    return true;
  }

 private:
  // The diagnosis says where the file is broken; it is silent on a row that is longer than a block.
  [[noreturn]] void complain(const arrow::Status& status) const {
    if (!status.IsCancelled() && !status.IsOutOfMemory()) static_cast<void>(diagnose(file_, dialect_));
    throw error_of(status, file_.path);
  }

  SourceFile file_;
  CsvDialect dialect_;
  std::vector<std::string> chosen_;
  std::shared_ptr<arrow::csv::StreamingReader> reader_;
};

}  // namespace

std::unique_ptr<RawBatches> open_rest_of_csv(const SourceFile& file, const RawRequest& request) {
  CsvDialect dialect = find_dialect(file, request);
  const std::vector<bool> flags = request.choose(dialect.names);
  std::vector<std::string> chosen;
  for (std::size_t i = 0; i < flags.size(); ++i)
    if (flags[i]) chosen.push_back(dialect.names[i]);
  const LineSample sample = sample_within_memory(file, request, chosen.size());
  if (sample.share >= 1) return nullptr;
  return std::make_unique<RestOfCsv>(file, std::move(dialect), std::move(chosen), sample,
                                     request.should_stop);
}

RawRead read_csv(const SourceFile& file, const RawRequest& request) {
  const CsvDialect dialect = find_dialect(file, request);
  if (!dialect.has_data) throw no_data_rows(file, dialect);
  const std::vector<bool> flags = request.choose(dialect.names);
  std::vector<std::string> chosen;
  for (std::size_t i = 0; i < flags.size(); ++i)
    if (flags[i]) chosen.push_back(dialect.names[i]);

  const LineSample sample = sample_within_memory(file, request, chosen.size());
  PassResult pass = read_until_it_fits(
      {file, request, dialect, chosen, block_bytes(file, dialect.names.size()), dialect.quotes, sample});
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
  if (sample.share < 1) read.notes.push_back(words_of(sample, read.table.rows));
  read.line_of_row = [file, dialect, sample](std::size_t row) {
    return find_line(file, dialect, sample.share < 1 ? sample.row_in_file(row) : row);
  };
  return read;
}

}  // namespace astrolabe::readers
