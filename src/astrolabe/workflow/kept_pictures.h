// SPDX-License-Identifier: Apache-2.0
// Pictures of rows that a line of growing models keeps (old_rows.h): an IDX file beside their CSV, which
// holds the number of each row's picture.
//
//   rehearsal.csv               image,label        1,cat     ,dog     3,cat      (the second one has none)
//   rehearsal-pictures.idx      three pictures
//
//   const auto path = kept_pictures_path(folder / "rehearsal.csv", 0);     // of the first column of pictures
//   write_kept_pictures(path, column);
//   const Column again = read_kept_pictures(path, cells, wanted, pool);
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "astrolabe/base/thread_pool.h"
#include "astrolabe/data/reader.h"

namespace astrolabe {

[[nodiscard]] std::filesystem::path kept_pictures_path(const std::filesystem::path& csv, std::size_t place);

// Writes the pictures of all rows, black where there is none, and returns how many bytes that is. Throws
// `failure`.
std::uint64_t write_kept_pictures(const std::filesystem::path& path, const Column& column);

// What stands in the CSV for a row's picture: its number from 1; nothing for one that is missing.
[[nodiscard]] std::string picture_cell(const Column& column, std::size_t row);

// The pictures that `cells`, a column of numbers, names, resized to wanted.picture, as the column `wanted`.
// Throws bad_input where there is no such file, or no such picture in it.
[[nodiscard]] Column read_kept_pictures(const std::filesystem::path& path, const Column& cells,
                                        const WantedColumn& wanted, ThreadPool& pool);

}  // namespace astrolabe
