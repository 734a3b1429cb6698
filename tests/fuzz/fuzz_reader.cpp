// SPDX-License-Identifier: Apache-2.0
// libFuzzer entry: the bytes claim to be a table of any format. They are read, or refused as bad input; what
// was read hangs together, and is read again as a model would that was fitted on other types. Run it with
// -detect_leaks=0: thread-local state inside Arrow is not ours to free.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <unistd.h>

#include "astrolabe/base/error.h"
#include "astrolabe/data/reader.h"

namespace astrolabe {
namespace {

void check_column(const Column& column, std::size_t rows) {
  ASTROLABE_CHECK(column.rows() == rows, "columns are equally long");
  ASTROLABE_CHECK(std::ranges::is_sorted(column.levels), "levels are sorted");
  ASTROLABE_CHECK(std::ranges::adjacent_find(column.levels) == column.levels.end(), "levels are distinct");
  const auto levels = static_cast<std::int32_t>(column.levels.size());
  for (const std::int32_t code : column.codes)
    ASTROLABE_CHECK(code >= -1 && code < levels, "codes are levels");
  for (std::size_t row = 0; row < rows; ++row)
    ASTROLABE_CHECK(column.is_missing(row) == column.cell(row).empty(), "only missing cells are empty");
}

}  // namespace
}  // namespace astrolabe

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer calls it so.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::filesystem::path path =
      std::filesystem::temp_directory_path() / ("astrolabe-fuzz-reader-" + std::to_string(getpid()));
  static astrolabe::ThreadPool pool(1);
  std::ofstream(path, std::ios::binary).write(reinterpret_cast<const char*>(data), static_cast<long>(size));
  try {
    const astrolabe::ReadResult read = astrolabe::read_table(path, {}, pool);
    std::vector<astrolabe::WantedColumn> wanted;
    for (const astrolabe::Column& column : read.table.columns()) {
      astrolabe::check_column(column, read.table.rows());
      if (wanted.size() < 8)
        wanted.push_back({column.name, static_cast<astrolabe::ColumnType>((size + wanted.size()) % 8)});
    }
    const astrolabe::ReadResult again = astrolabe::read_table_as(path, wanted, {}, {}, pool);
    for (const astrolabe::Column& column : again.table.columns())
      astrolabe::check_column(column, again.table.rows());
  } catch (const astrolabe::Error& error) {
    ASTROLABE_CHECK(
        error.kind() == astrolabe::ErrorKind::bad_input || error.kind() == astrolabe::ErrorKind::failure,
        error.what());
  }
  std::filesystem::remove(path);
  return 0;
}
