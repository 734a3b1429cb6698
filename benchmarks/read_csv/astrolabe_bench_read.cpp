// SPDX-License-Identifier: Apache-2.0
// Reads a table and says how long it took, how much memory it took at most, and what it read: one line per
// column with its type, missing cells and sum (of the numbers, or of the codes or bytes of the cells).
//
//   astrolabe_bench_read FILE [--quiet]
#include <chrono>
#include <cmath>
#include <cstdio>
#include <exception>
#include <string_view>

#include <fmt/format.h>

#include "astrolabe/base/budget.h"
#include "astrolabe/data/reader.h"

namespace astrolabe {
namespace {

int measure(int count, char** arguments) {
  if (count < 2) {
    fmt::print(stderr, "usage: astrolabe_bench_read FILE [--quiet]\n");
    return 2;
  }
  try {
    ThreadPool pool;
    const auto start = std::chrono::steady_clock::now();
    const ReadResult read = read_table(arguments[1], {}, pool);
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    fmt::print("seconds {:.3f}\npeak_megabytes {:.0f}\nrows {}\nformat {}\n", seconds,
               static_cast<double>(peak_resident_memory()) / 1e6, read.table.rows(), read.format);
    if (count > 2 && std::string_view(arguments[2]) == "--quiet") return 0;
    for (const std::string& note : read.notes) fmt::print("note {}\n", note);
    for (std::size_t i = 0; i < read.columns.size(); ++i) {
      const Column& column = read.table.column(i);
      double sum = 0;
      for (const double number : column.numbers)
        if (std::isfinite(number)) sum += number;
      fmt::print("column\t{}\t{}\t{}\t{:.17g}\n", column.name, column_type_name(column.type),
                 read.columns[i].missing, sum);
    }
    return 0;
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 1;
  }
}

}  // namespace
}  // namespace astrolabe

int main(int count, char** arguments) {
  return astrolabe::measure(count, arguments);
}
