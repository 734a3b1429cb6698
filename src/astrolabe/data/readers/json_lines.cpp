// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/data/readers/json_lines.h"

#include <algorithm>
#include <functional>
#include <utility>

#include <arrow/buffer.h>
#include <arrow/json/api.h>
#include <arrow/json/parser.h>
#include <arrow/memory_pool.h>
#include <arrow/record_batch.h>
#include <arrow/table.h>
#include <fmt/format.h>

#include "astrolabe/data/readers/column_names.h"
#include "astrolabe/data/readers/line_sample.h"
#include "astrolabe/data/readers/native_columns.h"
#include "astrolabe/data/readers/text_encoding.h"

namespace astrolabe::readers {
namespace {

constexpr std::int64_t kFirstBlock = std::int64_t{4} << 20;
constexpr std::int64_t kLargestBlock = std::int64_t{256} << 20;

// Calls look(line, number) for each line that is not blank, until it returns false.
void for_each_line(const SourceFile& file, const std::function<bool(std::string_view, std::uint64_t)>& look) {
  std::string pending;
  std::uint64_t number = 0;
  bool go_on = true;
  const auto give = [&](std::string_view line) {
    ++number;
    if (line.find_first_not_of(" \t\r\n") != std::string_view::npos) go_on = look(line, number);
    return go_on;
  };
  for_each_piece(file, [&](std::string_view piece) {
    for (std::size_t end = piece.find('\n'); end != std::string_view::npos; end = piece.find('\n')) {
      pending.append(piece.substr(0, end));
      piece.remove_prefix(end + 1);
      if (!give(std::exchange(pending, {}))) return false;
    }
    pending.append(piece);
    return true;
  });
  if (go_on && !pending.empty()) give(pending);
}

// The first line that is no JSON object. Otherwise lines disagree about a field's type, which Arrow says.
Error fault_of(const SourceFile& file, const arrow::Status& status) {
  std::string found = phrase_of(status);
  std::string expected = "one JSON object per line, each field of one type";
  for_each_line(file, [&](std::string_view line, std::uint64_t number) {
    const auto parsed = arrow::json::ParseOne(arrow::json::ParseOptions::Defaults(),
                                              arrow::Buffer::FromString(std::string(line)));
    if (parsed.ok()) return true;
    expected = fmt::format("a JSON object on line {}", number);
    found = phrase_of(parsed.status());
    if (const std::size_t row = found.rfind(" in row 0"); row != std::string::npos) found.erase(row);
    return false;
  });
  return bad_input({.attempted = attempt(file.path),
                    .expected = std::move(expected),
                    .found = std::move(found),
                    .remedy = "Mend the line; an object must not span lines."});
}

std::int64_t longest_line(const SourceFile& file) {
  std::size_t longest = 0;
  for_each_line(file, [&](std::string_view line, std::uint64_t) {
    longest = std::max(longest, line.size());
    return true;
  });
  return static_cast<std::int64_t>(longest);
}

// All rows, or so many that they fit: a table takes at most what its text does, beside its cells.
LineSample sample_of(const SourceFile& file, const RawRequest& request) {
  if (request.memory_bytes == std::numeric_limits<std::uint64_t>::max()) return sample_within(request, 0, 0);
  std::uint64_t bytes = 0, rows = 0;
  std::size_t colons = 0;  // of the longest line: about as many as its fields
  for_each_line(file, [&](std::string_view line, std::uint64_t) {
    ++rows;
    bytes += line.size();
    colons = std::max(colons, static_cast<std::size_t>(std::ranges::count(line, ':')));
    return true;
  });
  return sample_within(request, bytes + kBytesPerCell * colons * rows, rows);
}

// Newlines inside a text are escaped: a line is a row.
arrow::Result<std::shared_ptr<arrow::Table>> read_blocks(const SourceFile& file, const RawRequest& request,
                                                         const LineSample& sample,
                                                         const std::shared_ptr<StreamingHash>& hash,
                                                         std::int64_t block) {
  std::shared_ptr<arrow::io::InputStream> bytes =
      std::make_shared<WatchedStream>(open_bytes(file, hash), 0, request.should_stop, Quotes::count);
  if (sample.share < 1) bytes = std::make_shared<LineSampleStream>(bytes, sample, false);
  auto reading = arrow::json::ReadOptions::Defaults();
  reading.use_threads = request.threads > 1;
  reading.block_size = static_cast<std::int32_t>(block);
  ARROW_ASSIGN_OR_RAISE(const std::shared_ptr<arrow::json::TableReader> reader,
                        arrow::json::TableReader::Make(arrow::default_memory_pool(), bytes, reading,
                                                       arrow::json::ParseOptions::Defaults()));
  return reader->Read();
}

std::shared_ptr<arrow::Table> read_all(const SourceFile& file, const RawRequest& request,
                                       const LineSample& sample, std::uint64_t& file_hash) {
  for (std::int64_t block = kFirstBlock;;) {
    const auto hash = std::make_shared<StreamingHash>();
    const arrow::Result<std::shared_ptr<arrow::Table>> table =
        read_blocks(file, request, sample, hash, block);
    if (table.ok()) {
      file_hash = hash->value();
      return *table;
    }
    if (table.status().IsCancelled() || table.status().IsOutOfMemory())
      throw error_of(table.status(), file.path);
    // A line longer than a block is an error to Arrow, and a reason for larger blocks to us.
    const std::int64_t needed = 2 * longest_line(file);
    if (needed <= block || needed > kLargestBlock) throw fault_of(file, table.status());
    block = needed;
  }
}

}  // namespace

RawRead read_json_lines(const SourceFile& file, const RawRequest& request) {
  RawRead read;
  const LineSample sample = sample_of(file, request);
  std::shared_ptr<arrow::Table> table = read_all(file, request, sample, read.file_hash);
  if (!table->ValidateFull().ok()) {
    require_utf8(file);
    throw fault_of(file, table->ValidateFull());
  }
  std::vector<std::string> names = table->ColumnNames();
  settle_names(names, file.path);
  const std::vector<bool> flags = request.choose(names);
  for (int i = table->num_columns() - 1; i >= 0; --i) {
    const auto place = static_cast<std::size_t>(i);
    if (flags[place]) {
      require_flat(names[place], *table->field(i)->type(), file.path);
      continue;
    }
    table = value_or_throw(table->RemoveColumn(i), file.path);
    names.erase(names.begin() + i);
  }
  read.table = native_table(names, std::move(table), file.path);
  read.format = "JSON lines" + std::string(compression_suffix(file.compression));
  read.file_bytes = file.bytes;
  if (sample.share < 1) read.notes.push_back(words_of(sample, read.table.rows));
  read.line_of_row = [file, sample](std::size_t row) {
    std::uint64_t line = 0, left = sample.share < 1 ? sample.row_in_file(row) : row;
    for_each_line(file, [&](std::string_view, std::uint64_t number) {
      line = number;
      return left-- != 0;
    });
    return line;
  };
  return read;
}

}  // namespace astrolabe::readers
