// SPDX-License-Identifier: Apache-2.0
// How a text table is written: separator, header, where the data begin. Guessed from the beginning of the
// file (256 KB, more when that is less than two rows).
//
// Separator: of tab ; | , the one that cuts the most rows into the same number (two or more) of fields; ties
// in that order. When none does in more than half of the rows, runs of blanks, if nine rows in ten agree.
// Else the file has one column.
//
// Header, unless it was told: none when the first row has a number or a date in it. A header when some column
// below holds only numbers or dates. Otherwise all is words: none when a cell of the first row comes again in
// its own column, or is a missing marker or double; else a header.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "astrolabe/data/raw_reader.h"
#include "astrolabe/data/readers/byte_source.h"

namespace astrolabe::readers {

struct CsvDialect {
  char delimiter = ',';  // ' ' when runs of blanks separate
  bool blanks = false;
  bool header = false;
  std::vector<std::string> names;  // trimmed; an empty one is replaced by the column's number
  std::uint64_t renamed = 0;       // how many were empty
  std::uint64_t data_begin = 0;    // offset of the first byte of the first data row
  std::uint64_t data_line = 1;     // its line
  bool has_data = true;            // false when the file ends after the header
  bool quotes = false;             // some quote was seen

  [[nodiscard]] std::string describe() const;  // "CSV, separated by ',', no header"
};

// Throws bad_input: no row at all, two columns of one name, not text, UTF-16.
[[nodiscard]] CsvDialect find_dialect(const SourceFile& file, const RawRequest& request);

}  // namespace astrolabe::readers
