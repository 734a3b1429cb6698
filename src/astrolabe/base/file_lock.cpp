// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/base/file_lock.h"

#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "astrolabe/base/error.h"

namespace astrolabe {

FolderLock::FolderLock(const std::filesystem::path& folder) {
  file_ = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (file_ < 0) {
    throw failure({.attempted = "locking " + folder.string(),
                   .found = std::strerror(errno),
                   .remedy = "Check that the folder is there and may be written to."});
  }
  if (::flock(file_, LOCK_EX | LOCK_NB) == 0) return;
  const int error = errno;
  ::close(std::exchange(file_, -1));
  if (error == EWOULDBLOCK) {
    throw try_again({.attempted = "working in " + folder.string(),
                     .expected = "a folder for this process alone",
                     .found = "another run that works in it",
                     .remedy = "Wait until it ends, or choose another --out."});
  }
  throw failure({.attempted = "locking " + folder.string(),
                 .found = std::strerror(error),
                 .remedy = "Use a folder on a local disk."});
}

FolderLock::FolderLock(FolderLock&& other) noexcept : file_(std::exchange(other.file_, -1)) {}

FolderLock::~FolderLock() {
  if (file_ >= 0) ::close(file_);
}

}  // namespace astrolabe
