// SPDX-License-Identifier: Apache-2.0
// Columns that name files of pictures, made columns of pictures.
//
//   const auto base = path.parent_path();
//   if (names_pictures(typed.column, base)) read_named_pictures({.base = base}, typed);
//
// A cell names a file relative to the folder of the table, or absolutely.
#pragma once

#include <cstdint>
#include <filesystem>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "astrolabe/data/inference.h"

namespace astrolabe {

// Whether nearly all cells end in .png, .jpg or .jpeg, and most of the first 20 are files.
[[nodiscard]] bool names_pictures(const Column& column, const std::filesystem::path& base);

struct NamedPictures {
  std::filesystem::path base = {};
  ImageShape shape = {};  // empty: chosen
  std::uint64_t memory_bytes = std::numeric_limits<std::uint64_t>::max();
  std::size_t threads = 1;
};
struct NamedRead {
  std::vector<bool> unreadable;  // [rows] named, but no picture
  std::uint64_t hash = 0;        // of the files
};
// Turns the column, whose cells are text or levels. What cannot be read is missing, counted and named in the
// notes; so is what was resized. Throws bad_input where no picture can be read.
[[nodiscard]] NamedRead read_named_pictures(const NamedPictures& how, TypedColumn& typed);

// "3 of 120 pictures cannot be read: cats/7.png (cut off), ..."; empty without faults.
[[nodiscard]] std::string faults_note(std::span<const std::string> names,
                                      std::span<const std::string> faults);

}  // namespace astrolabe
