// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/store/file_system.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>

#include "astrolabe/base/error.h"
#include "astrolabe/base/text.h"

namespace astrolabe {
namespace {

constexpr std::uint64_t kFuse = 0x65735546;

constexpr std::array kNetworkTypes = std::to_array<std::pair<std::uint64_t, std::string_view>>({
    {0x6969, "NFS"},
    {0x517B, "SMB"},
    {0xFE534D42, "SMB"},
    {0xFF534D42, "CIFS"},
    {0x00C36400, "Ceph"},
    {0x01021997, "9p"},
    {0x5346414F, "AFS"},
    {0x6B414653, "AFS"},
    {0x73757245, "Coda"},
    {0x0BD00BD0, "Lustre"},
    {0x47504653, "GPFS"},
    {0x7461636F, "OCFS2"},
    {0x01161970, "GFS2"},
    {0x20030528, "OrangeFS"},
    {0x19830326, "BeeGFS"},
    {0x564C, "NCP"},
    {0x786F4256, "a shared folder of VirtualBox"},
});

constexpr std::array<std::string_view, 14> kNetworkFuses = {
    "sshfs",   "s3fs",   "ceph",   "ceph-fuse", "glusterfs", "rclone",    "gcsfuse",
    "juicefs", "davfs2", "goofys", "curlftpfs", "hdfs",      "seaweedfs", "nfs"};

std::string read_all(const char* path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::optional<std::string> network_name_of(const std::filesystem::path& folder) {
  struct statfs system{};
  struct stat entry{};
  if (statfs(folder.c_str(), &system) != 0 || stat(folder.c_str(), &entry) != 0) return std::nullopt;
  // The kernel's numbers have 32 bits; the field is signed.
  const std::uint64_t type = static_cast<std::uint64_t>(system.f_type) & 0xFFFFFFFFU;
  if (type == kFuse) {
    const std::string mount =
        mount_type(read_all("/proc/self/mountinfo"), major(entry.st_dev), minor(entry.st_dev));
    return is_network_fuse(mount) ? std::optional(mount) : std::nullopt;
  }
  const auto name = network_file_system_name(type);
  return name ? std::optional<std::string>(*name) : std::nullopt;
}

}  // namespace

std::optional<std::string_view> network_file_system_name(std::uint64_t type) {
  const auto* row =
      std::ranges::find(kNetworkTypes, type, &std::pair<std::uint64_t, std::string_view>::first);
  return row == kNetworkTypes.end() ? std::nullopt : std::optional(row->second);
}

bool is_network_fuse(std::string_view mount_type) {
  if (!mount_type.starts_with("fuse.")) return false;
  const std::string_view name = mount_type.substr(5);
  return std::ranges::find(kNetworkFuses, name) != kNetworkFuses.end();
}

std::string mount_type(std::string_view mountinfo, unsigned major, unsigned minor) {
  const std::string device = fmt::format("{}:{}", major, minor);
  for (const std::string& line : split(mountinfo, '\n')) {
    // 36 35 98:0 /root /mount options [tags] - type source options
    const std::vector<std::string> words = split(line, ' ');
    const auto dash = std::ranges::find(words, "-");
    if (words.size() > 2 && words[2] == device && dash != words.end() && dash + 1 != words.end())
      return *(dash + 1);
  }
  return {};
}

void require_local_file_system(const std::filesystem::path& path) {
  std::error_code ignored;
  std::filesystem::path folder = std::filesystem::absolute(path, ignored);
  while (!std::filesystem::exists(folder, ignored) && folder.has_relative_path())
    folder = folder.parent_path();
  if (const std::optional<std::string> name = network_name_of(folder)) {
    throw usage_error({.attempted = "opening " + path.string(),
                       .expected = "a disk of this machine",
                       .found = *name,
                       .remedy =
                           "SQLite cannot share a file between machines: put the folder on a local disk "
                           "(--out), or the study into PostgreSQL (--study postgresql://host/db)."});
  }
}

}  // namespace astrolabe
