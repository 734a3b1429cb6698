// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/data/readers/csv_dialect.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "astrolabe/data/cells.h"
#include "astrolabe/data/dates.h"
#include "astrolabe/data/readers/blank_runs.h"
#include "astrolabe/data/readers/column_names.h"
#include "astrolabe/data/readers/csv_scanner.h"
#include "astrolabe/data/readers/text_encoding.h"

namespace astrolabe::readers {
namespace {

constexpr std::size_t kSampleBytes = std::size_t{256} << 10U;
constexpr std::size_t kLargestSample = std::size_t{128} << 20U;
constexpr std::size_t kMostSampleRows = 2000;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

struct SampleRow {
  std::vector<std::string> cells;
  std::uint64_t end = 0;  // offset just behind the row
  std::uint64_t line = 1;
};

class SampleRows {
 public:
  explicit SampleRows(const CsvMachine& machine) : machine_(machine) {}
  void byte(char c) { cell_.push_back(c); }
  void end_field() { row_.cells.push_back(std::exchange(cell_, {})); }
  bool end_row() {
    row_.end = machine_.consumed();
    row_.line = machine_.row_line();
    rows.push_back(std::exchange(row_, {}));
    return rows.size() < kMostSampleRows;
  }

  std::vector<SampleRow> rows;

 private:
  const CsvMachine& machine_;
  SampleRow row_;
  std::string cell_;
};

// The rows that end within the sample, and the last one too when the sample is the whole file.
std::vector<SampleRow> cut(std::string_view sample, char delimiter, bool whole) {
  CsvMachine machine(delimiter);
  SampleRows sink(machine);
  if (machine.feed(sample, sink) && whole) machine.finish(sink);
  return std::move(sink.rows);
}

// How well a separator cuts: the commonest number of fields, and the share of rows that have it.
struct Fit {
  std::size_t fields = 0;
  double share = 0;
};
Fit fit_of(const std::vector<SampleRow>& rows) {
  std::map<std::size_t, std::size_t> counts;
  for (const SampleRow& row : rows) ++counts[row.cells.size()];
  Fit fit;
  std::size_t most = 0;
  for (const auto& [fields, count] : counts) {
    if (fields < 2 || count < most) continue;
    most = count;
    fit.fields = fields;
  }
  fit.share = rows.empty() ? 0 : static_cast<double>(most) / static_cast<double>(rows.size());
  return fit;
}

// Blanks made regular, without the blank lines.
std::string without_blank_runs(std::string_view sample) {
  std::string regular;
  BlankRuns().append(sample, regular);
  return regular;
}

char find_delimiter(std::string_view sample, bool whole) {
  char best = ',';
  double best_share = 0.5;
  for (const char delimiter : {'\t', ';', '|', ','}) {
    if (sample.find(delimiter) == std::string_view::npos) continue;
    const Fit fit = fit_of(cut(sample, delimiter, whole));
    if (fit.share > best_share) {
      best = delimiter;
      best_share = fit.share;
    }
  }
  if (best_share > 0.5) return best;
  const Fit blanks = fit_of(cut(without_blank_runs(sample), ' ', whole));
  return blanks.share >= 0.9 ? ' ' : ',';
}

bool is_number_or_date(std::string_view cell) {
  double number = 0;
  DateCell date;
  return parse_cell_number(trim_cell(cell), number) || parse_date(trim_cell(cell), date);
}

bool is_missing(std::string_view cell) {
  return is_missing_marker(trim_cell(cell));
}

bool is_header(const std::vector<SampleRow>& rows) {
  const std::vector<std::string>& first = rows.front().cells;
  for (const std::string& cell : first)
    if (is_number_or_date(cell)) return false;
  std::set<std::string_view> seen;
  bool recurs = false;
  for (std::size_t column = 0; column < first.size(); ++column) {
    std::size_t values = 0;
    std::size_t numbers = 0;
    for (std::size_t row = 1; row < rows.size(); ++row) {
      if (column >= rows[row].cells.size()) continue;
      const std::string& cell = rows[row].cells[column];
      if (is_missing(cell)) continue;
      ++values;
      if (is_number_or_date(cell)) ++numbers;
      recurs |= cell == first[column];  // never an unnamed one: that cell would be missing
    }
    if (values != 0 && numbers == values && !is_missing(first[column])) return true;
    const bool unnamed = trim_cell(first[column]).empty();
    recurs |= !unnamed && (is_missing(first[column]) || !seen.insert(first[column]).second);
  }
  return !recurs;
}

bool decide_header(const std::vector<SampleRow>& rows, const RawRequest& request) {
  if (request.header != Header::detect) return request.header == Header::present;
  if (!request.known_names.empty()) {
    const std::set<std::string_view> known(request.known_names.begin(), request.known_names.end());
    const std::vector<std::string>& first = rows.front().cells;
    const auto matches =
        static_cast<std::size_t>(std::count_if(first.begin(), first.end(), [&](const std::string& cell) {
          return known.contains(trim_cell(cell));
        }));
    const bool only_numbers = std::all_of(known.begin(), known.end(), [](std::string_view name) {
      return name.find_first_not_of("0123456789") == std::string_view::npos;
    });
    if (only_numbers) return 2 * matches > std::min(known.size(), first.size()) && matches > 1;
    if (matches > 0) return true;
  }
  return is_header(rows);
}

void take_names(const SourceFile& file, const std::vector<std::string>& cells, CsvDialect& dialect) {
  for (const std::string& cell : cells)
    dialect.names.emplace_back(dialect.header ? trim_cell(cell) : std::string_view{});
  const std::uint64_t empty =
      settle_names(dialect.names, file.path, "; if the first row is no header, say --no-header");
  if (dialect.header) dialect.renamed = empty;
}

Error no_rows(const SourceFile& file) {
  return bad_input({.attempted = attempt(file.path),
                    .expected = "a table",
                    .found = "nothing but empty lines",
                    .remedy = "Write the data again."});
}

// Where the first data row begins, by a scan with the true separator over the text as it is.
void find_data_begin(std::string_view sample, CsvDialect& dialect) {
  std::size_t at = 0;
  if (dialect.header) {
    // Lines of nothing but blanks are rows to the machine, but not to a whitespace-separated table.
    while (dialect.blanks) {
      const std::size_t end = sample.find('\n', at);
      if (end == std::string_view::npos || sample.substr(at, end - at).find_first_not_of(" \t\r") < end - at)
        break;
      at = end + 1;
    }
    const std::vector<SampleRow> rows = cut(sample.substr(at), dialect.delimiter, true);
    const std::size_t end = at + static_cast<std::size_t>(rows.front().end);
    // A row that \r\n ends stops at \r; the \n is the data's first, empty line.
    at = end < sample.size() && sample[end - 1] == '\r' && sample[end] == '\n' ? end + 1 : end;
    for (std::size_t i = 0; i < at; ++i)
      if (sample[i] == '\n' || (sample[i] == '\r' && (i + 1 == sample.size() || sample[i + 1] != '\n')))
        ++dialect.data_line;
  }
  dialect.data_begin = at;
}

}  // namespace

std::string CsvDialect::describe() const {
  std::string text = delimiter == '\t' ? "TSV, separated by tabs"
                     : blanks          ? "text, separated by blanks"
                                       : fmt::format("CSV, separated by '{}'", delimiter);
  return text + (header ? ", with a header" : ", no header");
}

CsvDialect find_dialect(const SourceFile& file, const RawRequest& request) {
  CsvDialect dialect;
  for (std::size_t bytes = kSampleBytes;; bytes *= 4) {
    const std::string beginning = read_beginning(file, bytes);
    const bool whole = beginning.size() < bytes;
    std::string_view sample = beginning;
    require_text(file, sample);
    const std::size_t mark = sample.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0;
    sample.remove_prefix(mark);

    dialect.delimiter = find_delimiter(sample, whole);
    dialect.blanks = dialect.delimiter == ' ';
    const std::string regular = dialect.blanks ? without_blank_runs(sample) : std::string();
    const std::vector<SampleRow> rows = cut(dialect.blanks ? regular : sample, dialect.delimiter, whole);
    const bool last_try = whole || bytes >= kLargestSample;
    if (rows.size() < 2 && !last_try) continue;
    if (whole && sample.find_first_not_of(" \t\r\n") == std::string_view::npos) throw no_rows(file);
    if (rows.empty())
      throw bad_input({.attempted = attempt(file.path),
                       .expected = "a first row of at most 128 MB",
                       .found = "a longer one",
                       .remedy = "Check the separator, and that every quote is closed."});
    dialect.header = decide_header(rows, request);
    dialect.has_data = !(whole && dialect.header && rows.size() == 1);
    dialect.quotes = sample.find('"') != std::string_view::npos;
    take_names(file, rows.front().cells, dialect);
    find_data_begin(sample, dialect);
    dialect.data_begin += mark;
    return dialect;
  }
}

}  // namespace astrolabe::readers
