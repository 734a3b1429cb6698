// SPDX-License-Identifier: Apache-2.0
// Whole files: read with a clear error, written so that the old file or the new one is there, never half of
// one.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace astrolabe {

// The whole file. Throws bad_input when it is absent, a directory or unreadable; `what` names it ("model
// file").
[[nodiscard]] std::string read_file(const std::filesystem::path& path, std::string_view what,
                                    std::uint64_t max_bytes = UINT64_MAX);

// Same-directory temporary, write, fsync, rename, fsync of the directory. Throws `failure` and leaves the old
// file whole when anything goes wrong (a full disk, a missing permission).
void write_file_atomically(const std::filesystem::path& path, std::string_view bytes);

// Creates a new folder with its parents. Throws usage_error when it exists already, failure when it cannot be
// made.
void create_new_folder(const std::filesystem::path& path);

}  // namespace astrolabe
