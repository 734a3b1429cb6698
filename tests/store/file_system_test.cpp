// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/store/file_system.h"

#include <gtest/gtest.h>

namespace astrolabe {
namespace {

TEST(FileSystem, of_several_machines_has_a_name) {
  EXPECT_EQ(network_file_system_name(0x6969), "NFS");
  EXPECT_EQ(network_file_system_name(0xFF534D42), "CIFS");
  EXPECT_EQ(network_file_system_name(0xFE534D42), "SMB");
  EXPECT_EQ(network_file_system_name(0x00C36400), "Ceph");
  EXPECT_EQ(network_file_system_name(0x01021997), "9p");
  EXPECT_EQ(network_file_system_name(0x0BD00BD0), "Lustre");
}

TEST(FileSystem, of_this_machine_has_none) {
  EXPECT_FALSE(network_file_system_name(0xEF53));      // ext4
  EXPECT_FALSE(network_file_system_name(0x9123683E));  // btrfs
  EXPECT_FALSE(network_file_system_name(0x58465342));  // xfs
  EXPECT_FALSE(network_file_system_name(0x01021994));  // tmpfs
  EXPECT_FALSE(network_file_system_name(0x794C7630));  // overlayfs
  EXPECT_FALSE(network_file_system_name(0x65735546));  // FUSE, which may be either
}

TEST(FileSystem, under_fuse_is_told_by_its_mount) {
  EXPECT_TRUE(is_network_fuse("fuse.sshfs"));
  EXPECT_TRUE(is_network_fuse("fuse.gcsfuse"));
  EXPECT_FALSE(is_network_fuse("fuse.ntfs-3g"));
  EXPECT_FALSE(is_network_fuse("fuseblk"));
  EXPECT_FALSE(is_network_fuse("sshfs"));
  EXPECT_FALSE(is_network_fuse(""));
}

TEST(FileSystem, of_a_device_is_found_among_mounts_with_and_without_tags) {
  constexpr std::string_view kMounts =
      "22 1 259:2 / / rw,relatime shared:1 - ext4 /dev/nvme0n1p2 rw\n"
      "90 22 0:48 / /home/a/far rw,nosuid master:5 shared:7 - fuse.sshfs a@far: rw,user_id=1000\n"
      "91 22 0:49 / /mnt rw - tmpfs tmpfs rw\n";
  EXPECT_EQ(mount_type(kMounts, 259, 2), "ext4");
  EXPECT_EQ(mount_type(kMounts, 0, 48), "fuse.sshfs");
  EXPECT_EQ(mount_type(kMounts, 0, 49), "tmpfs");
  EXPECT_EQ(mount_type(kMounts, 0, 4), "");
  EXPECT_EQ(mount_type("garbage\n\n- -", 0, 4), "");
}

TEST(FileSystem, of_the_temporary_folder_is_local_also_for_folders_that_do_not_exist_yet) {
  EXPECT_NO_THROW(require_local_file_system(testing::TempDir() + "not/there/yet/study.db"));
  EXPECT_NO_THROW(require_local_file_system("study.db"));
}

}  // namespace
}  // namespace astrolabe
