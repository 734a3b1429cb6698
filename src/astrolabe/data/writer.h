// SPDX-License-Identifier: Apache-2.0
// A table of results as a Parquet file, by the plug-in that reads tables. No type of Apache Arrow passes
// through.
//
//   const std::vector<OutputColumn> columns = {{"prediction", std::vector<std::string>{"yes", "no"}},
//                                              {"probability:yes", std::vector<double>{0.9, 0.2}}};
//   write_parquet("predictions.parquet", columns);
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <variant>
#include <vector>

namespace astrolabe {

struct OutputColumn {
  std::string name;
  std::variant<std::vector<double>, std::vector<std::string>> cells;  // [rows]; NaN is written as null

  [[nodiscard]] std::size_t rows() const {
    return std::visit([](const auto& held) { return held.size(); }, cells);
  }
};

// Doubles become DOUBLE, texts STRING. All columns have the same number of rows, names are distinct UTF-8.
// The same columns give the same bytes. The file is encoded in memory and written atomically: throws
// `failure` and leaves an old file whole when the disk refuses or the plug-in is not there.
void write_parquet(const std::filesystem::path& path, std::span<const OutputColumn> columns);

}  // namespace astrolabe
