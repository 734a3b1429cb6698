// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/data/readers/csv_diagnosis.h"

#include <algorithm>
#include <string>

#include <fmt/format.h>

#include "astrolabe/base/text.h"
#include "astrolabe/data/readers/blank_runs.h"
#include "astrolabe/data/readers/csv_scanner.h"
#include "astrolabe/data/readers/text_encoding.h"

namespace astrolabe::readers {
namespace {

// Feeds the data rows, as Arrow gets them, to the machine.
template <typename Sink>
void scan_rows(const SourceFile& file, const CsvDialect& dialect, CsvMachine& machine, Sink& sink) {
  BlankRuns blanks;
  std::uint64_t skip = dialect.data_begin;
  std::string regular;
  bool go_on = true;
  for_each_piece(file, [&](std::string_view piece) {
    const std::size_t skipped = std::min<std::uint64_t>(skip, piece.size());
    piece.remove_prefix(skipped);
    skip -= skipped;
    if (dialect.blanks) {
      regular.clear();
      blanks.append(piece, regular);
      piece = regular;
    }
    go_on = machine.feed(piece, sink);
    return go_on;
  });
  if (go_on && !machine.in_quotes()) machine.finish(sink);
}

// Stops at the first row that is ragged or has too large a field.
class FaultSink {
 public:
  explicit FaultSink(std::size_t expected) : expected_(expected) {}

  void byte(char) { ++field_bytes_; }
  void end_field() {
    ++fields_;
    row_bytes_ += field_bytes_ + 3;  // two quotes and a separator
    largest_field_ = std::max(largest_field_, field_bytes_);
    field_bytes_ = 0;
  }
  bool end_row() {
    longest_row = std::max(longest_row, row_bytes_);
    if (largest_field_ > kLargestField || fields_ != expected_) {
      is_large = largest_field_ > kLargestField;
      found_fields = fields_;
      faulty = true;
      return false;
    }
    fields_ = 0;
    row_bytes_ = largest_field_ = 0;
    return true;
  }

  std::uint64_t longest_row = 0;
  bool faulty = false;
  bool is_large = false;
  std::size_t found_fields = 0;

 private:
  std::size_t expected_;
  std::size_t fields_ = 0;
  std::uint64_t field_bytes_ = 0;
  std::uint64_t row_bytes_ = 0;
  std::uint64_t largest_field_ = 0;
};

// Counts rows down to the wanted one.
struct RowSink {
  std::size_t left;
  void byte(char) {}
  void end_field() {}
  bool end_row() { return left-- != 0; }
};

std::string cells(std::size_t count) {
  return fmt::format("{} {}", format_count(count), count == 1 ? "cell" : "cells");
}

}  // namespace

std::uint64_t diagnose(const SourceFile& file, const CsvDialect& dialect) {
  CsvMachine machine(dialect.delimiter);
  FaultSink sink(dialect.names.size());
  scan_rows(file, dialect, machine, sink);
  const auto line_of = [&](std::uint64_t line) { return dialect.data_line + line - 1; };
  if (machine.in_quotes())
    throw bad_input({.attempted = attempt(file.path),
                     .expected = "each quote to be closed",
                     .found = fmt::format("one on line {} that never is", line_of(machine.quote_line())),
                     .remedy = "Close it; a quote inside a quoted cell is written twice."});
  if (sink.is_large)
    throw bad_input({.attempted = attempt(file.path),
                     .expected = fmt::format("fields of at most {}", format_bytes(kLargestField)),
                     .found = fmt::format("a larger one on line {}", line_of(machine.row_line())),
                     .remedy = "Check that every quote is closed, or shorten the field."});
  if (sink.faulty)
    throw bad_input(
        {.attempted = attempt(file.path),
         .expected = fmt::format("{} on line {}", cells(dialect.names.size()), line_of(machine.row_line())),
         .found = cells(sink.found_fields),
         .remedy = "Mend the line: a cell that holds the separator must be quoted."});
  require_utf8(file);
  return sink.longest_row;
}

std::uint64_t find_line(const SourceFile& file, const CsvDialect& dialect, std::size_t row) {
  CsvMachine machine(dialect.delimiter);
  RowSink sink{row};
  scan_rows(file, dialect, machine, sink);
  return dialect.data_line + machine.row_line() - 1;
}

}  // namespace astrolabe::readers
