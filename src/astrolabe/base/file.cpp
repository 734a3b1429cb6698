// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/base/file.h"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "astrolabe/base/error.h"
#include "astrolabe/base/text.h"

namespace astrolabe {

namespace {

namespace fs = std::filesystem;

std::string errno_text(int error) {
  return std::generic_category().message(error);
}

// Calls a system function again for as long as a signal interrupts it.
template <class Call>
auto retry_interrupted(Call call) {
  decltype(call()) result;
  do {
    result = call();
  } while (result < 0 && errno == EINTR);
  return result;
}

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  [[nodiscard]] int number() const { return number_; }
  [[nodiscard]] bool valid() const { return number_ >= 0; }
  // Linux frees the number even when close reports a late error or an interruption.
  [[nodiscard]] int close() { return ::close(std::exchange(number_, -1)); }

 private:
  int number_;
};

Descriptor open_file(const fs::path& path, int flags, mode_t mode = 0) {
  return Descriptor(retry_interrupted([&] { return ::open(path.c_str(), flags | O_CLOEXEC, mode); }));
}

[[noreturn]] void throw_write_failure(const fs::path& path, int error) {
  throw failure({.attempted = "writing " + path.string(),
                 .found = errno_text(error),
                 .remedy = "Free some space or choose another place; what was there before is untouched."});
}

// Throws nothing: returns 0 or the errno that ended it.
int write_all(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written =
        retry_interrupted([&] { return ::write(descriptor, bytes.data(), bytes.size()); });
    if (written < 0) return errno;
    if (written == 0) return ENOSPC;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return 0;
}

// The new content, complete and on the disk, under a temporary name that goes away unless it is renamed.
class TemporaryFile {
 public:
  TemporaryFile(const fs::path& target, std::string_view bytes, mode_t mode) {
    Descriptor file = create_beside(target);
    if (!file.valid()) throw_write_failure(target, errno);
    int error = mode != 0 && ::fchmod(file.number(), mode) != 0 && errno != EPERM ? errno : 0;
    if (error == 0) error = write_all(file.number(), bytes);
    if (error == 0 && retry_interrupted([&] { return ::fsync(file.number()); }) != 0) error = errno;
    if (file.close() != 0 && error == 0 && errno != EINTR) error = errno;
    if (error == 0) return;
    remove();
    throw_write_failure(target, error);
  }
  ~TemporaryFile() {
    if (!path_.empty()) remove();
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  void rename_to(const fs::path& target) {
    if (retry_interrupted([&] { return ::rename(path_.c_str(), target.c_str()); }) != 0) {
      throw_write_failure(target, errno);
    }
    path_.clear();
  }

 private:
  Descriptor create_beside(const fs::path& target) {
    static std::atomic<unsigned> serial{0};
    while (true) {
      // Not built from the target's name: that may already be as long as a name can be.
      path_ = target.parent_path() / fmt::format(".astrolabe-{}-{}.part", ::getpid(), serial++);
      const int number = retry_interrupted([&] { return ::open(path_.c_str(), kFlags, mode_t{0666}); });
      if (number >= 0 || errno != EEXIST) return Descriptor(number);
    }
  }
  void remove() { ::unlink(path_.c_str()); }

  static constexpr int kFlags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC;
  fs::path path_;
};

// A device or a pipe cannot be replaced; it takes the bytes as they come.
void write_through(const fs::path& path, std::string_view bytes) {
  const Descriptor file = open_file(path, O_WRONLY);
  if (!file.valid()) throw_write_failure(path, errno);
  if (const int error = write_all(file.number(), bytes)) throw_write_failure(path, error);
}

[[noreturn]] void throw_unreadable(const fs::path& path, std::string_view what, std::string found) {
  throw bad_input({.attempted = fmt::format("reading the {} {}", what, path.string()),
                   .expected = "a readable file",
                   .found = std::move(found),
                   .remedy = "Check the path and its permissions."});
}

}  // namespace

std::string read_file(const fs::path& path, std::string_view what, std::uint64_t max_bytes) {
  const Descriptor file = open_file(path, O_RDONLY);
  struct stat status = {};
  if (!file.valid() || ::fstat(file.number(), &status) != 0) throw_unreadable(path, what, errno_text(errno));
  if (S_ISDIR(status.st_mode)) throw_unreadable(path, what, "a directory");

  // The size is only a hint: pipes report none, and files grow.
  constexpr std::size_t kStep = 1 << 16;
  std::string bytes;
  std::size_t used = 0;
  const auto hint = std::min<std::uint64_t>(static_cast<std::uint64_t>(status.st_size), max_bytes);
  while (true) {
    if (used == bytes.size()) bytes.resize(std::max<std::size_t>({hint + 1, used + used / 2, used + kStep}));
    const ssize_t got =
        retry_interrupted([&] { return ::read(file.number(), bytes.data() + used, bytes.size() - used); });
    if (got < 0) throw_unreadable(path, what, errno_text(errno));
    if (got == 0) break;
    used += static_cast<std::size_t>(got);
    if (used > max_bytes) {
      throw bad_input({.attempted = fmt::format("reading the {} {}", what, path.string()),
                       .expected = "at most " + format_bytes(max_bytes),
                       .found = "more",
                       .remedy = fmt::format("Is this the right file for the {}?", what)});
    }
  }
  bytes.resize(used);
  return bytes;
}

void write_file_atomically(const fs::path& path, std::string_view bytes) {
  std::error_code ignored;
  fs::path target = fs::is_symlink(path, ignored) ? fs::weakly_canonical(path, ignored) : path;
  if (target.empty()) target = path;
  struct stat old = {};
  const bool existed = ::stat(target.c_str(), &old) == 0;
  if (existed && S_ISDIR(old.st_mode)) throw_write_failure(path, EISDIR);
  if (existed && !S_ISREG(old.st_mode)) return write_through(target, bytes);

  // Opened first, so that a folder that cannot be synced is known before anything changes. A folder we may
  // write but not read cannot be opened; its rename is then as durable as the file system makes it.
  const fs::path folder_path = target.has_parent_path() ? target.parent_path() : fs::path(".");
  const Descriptor folder = open_file(folder_path, O_RDONLY | O_DIRECTORY);
  if (!folder.valid() && errno != EACCES) throw_write_failure(path, errno);

  TemporaryFile temporary(target, bytes, existed ? old.st_mode & 07777 : 0);
  temporary.rename_to(target);
  if (!folder.valid()) return;
  if (retry_interrupted([&] { return ::fsync(folder.number()); }) == 0 || errno == EINVAL) return;
  throw failure({.attempted = "writing " + path.string(),
                 .found = errno_text(errno),
                 .remedy = "The new file is there, but may not outlive a power cut: check the disk."});
}

void create_new_folder(const fs::path& path) {
  const fs::path folder = path.has_filename() ? path : path.parent_path();
  const std::string attempted = "creating the folder " + folder.string();
  const std::string elsewhere = "Check the permissions, or choose another place.";
  std::error_code error;
  if (folder.has_parent_path()) fs::create_directories(folder.parent_path(), error);
  if (error) throw failure({.attempted = attempted, .found = error.message(), .remedy = elsewhere});
  if (::mkdir(folder.c_str(), 0777) == 0) return;
  if (errno != EEXIST) {
    throw failure({.attempted = attempted, .found = errno_text(errno), .remedy = elsewhere});
  }
  throw usage_error({.attempted = attempted,
                     .expected = "a folder that does not exist yet",
                     .found = "an existing one",
                     .remedy = "Choose another name, or move the old one away: nothing is overwritten."});
}

}  // namespace astrolabe
