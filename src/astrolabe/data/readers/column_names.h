// SPDX-License-Identifier: Apache-2.0
// Column names as a file gives them, made usable.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace astrolabe::readers {

// An empty name becomes the column's number, from 1; how many were empty comes back. Throws bad_input when
// two are equal; `advice` is added to the remedy.
std::uint64_t settle_names(std::vector<std::string>& names, const std::filesystem::path& path,
                           std::string_view advice = "");

}  // namespace astrolabe::readers
