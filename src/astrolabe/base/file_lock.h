// SPDX-License-Identifier: Apache-2.0
// A folder that one process works in at a time. The lock goes with the process, however it ends.
//
//   const FolderLock lock("runs/adult");   // throws try_again while another process holds it
#pragma once

#include <filesystem>

namespace astrolabe {

// Held until destroyed. Leaves nothing in the folder: the lock is on the folder itself.
class FolderLock {
 public:
  // Throws try_again when another process holds it, failure when there is no such folder.
  explicit FolderLock(const std::filesystem::path& folder);
  FolderLock(FolderLock&& other) noexcept;
  FolderLock& operator=(FolderLock&&) = delete;
  ~FolderLock();

 private:
  int file_ = -1;
};

}  // namespace astrolabe
