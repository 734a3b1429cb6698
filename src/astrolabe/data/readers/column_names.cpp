// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/data/readers/column_names.h"

#include <unordered_map>

#include <fmt/format.h>

#include "astrolabe/base/error.h"
#include "astrolabe/data/readers/byte_source.h"

namespace astrolabe::readers {

std::uint64_t settle_names(std::vector<std::string>& names, const std::filesystem::path& path,
                           std::string_view advice) {
  std::uint64_t empty = 0;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (!names[i].empty()) continue;
    names[i] = std::to_string(i + 1);
    ++empty;
  }
  std::unordered_map<std::string_view, std::size_t> first_place;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const auto [place, is_new] = first_place.emplace(names[i], i);
    if (is_new) continue;
    throw bad_input(
        {.attempted = attempt(path),
         .expected = "each column name once",
         .found = fmt::format("\"{}\" as the name of columns {} and {}", names[i], place->second + 1, i + 1),
         .remedy = fmt::format("Rename one of them{}.", advice)});
  }
  return empty;
}

}  // namespace astrolabe::readers
