// SPDX-License-Identifier: Apache-2.0
// Which file systems are shared between machines. SQLite's write-ahead log needs one machine: its index is
// shared memory, which another host does not see.
//
//   require_local_file_system("runs/digits/study.db");        // throws on NFS
//   network_file_system_name(0x6969)                          // "NFS"
//
// Source: statfs(2), linux/magic.h; https://www.sqlite.org/wal.html.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace astrolabe {

// By the f_type of statfs; nothing for a file system of one machine, and for FUSE, which may be either.
[[nodiscard]] std::optional<std::string_view> network_file_system_name(std::uint64_t type);

// By the type that /proc/self/mountinfo gives ("fuse.sshfs"): what FUSE carries.
[[nodiscard]] bool is_network_fuse(std::string_view mount_type);

// The type of the mount that holds device major:minor, from the text of /proc/self/mountinfo; empty when it
// is not there.
[[nodiscard]] std::string mount_type(std::string_view mountinfo, unsigned major, unsigned minor);

// Looks at the nearest folder of `path` that exists. Throws usage_error that points to PostgreSQL.
void require_local_file_system(const std::filesystem::path& path);

}  // namespace astrolabe
