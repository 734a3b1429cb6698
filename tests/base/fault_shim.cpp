// SPDX-License-Identifier: Apache-2.0
// A library to preload: makes the Nth call of one system function go wrong, so that tests can see what is
// left behind.
//
//   LD_PRELOAD=fault_shim.so FAULT_CALL=fsync FAULT_AT=2 FAULT_KIND=EIO program
//
// FAULT_CALL: open, write, fsync, rename or close. FAULT_KIND: ENOSPC, EIO, EINTR, short (write one byte less
// than asked, at least one) or die (end the process before the call). Every write takes at most 1000 bytes,
// so that files need several. `fault_happened` tells the program whether the call was reached.
#include <algorithm>
#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <dlfcn.h>
#include <fcntl.h>
#include <unistd.h>

namespace {

constexpr size_t kLargestWrite = 1000;
bool happened = false;

enum class Fault { none, error, short_write };

const char* setting(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

// Decides about this call of `name`; sets errno for an error.
Fault next_fault(const char* name) {
  static int calls = 0;
  if (std::strcmp(setting("FAULT_CALL"), name) != 0 || ++calls != std::atoi(setting("FAULT_AT")))
    return Fault::none;
  happened = true;
  const char* kind = setting("FAULT_KIND");
  if (std::strcmp(kind, "die") == 0) _exit(42);
  if (std::strcmp(kind, "short") == 0) return Fault::short_write;
  errno = std::strcmp(kind, "ENOSPC") == 0 ? ENOSPC : std::strcmp(kind, "EINTR") == 0 ? EINTR : EIO;
  return Fault::error;
}

template <class Function>
Function* real(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

}  // namespace

extern "C" {

int fault_happened() {
  return happened ? 1 : 0;
}

int open(const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const unsigned mode = (flags & O_CREAT) != 0 ? va_arg(arguments, unsigned) : 0;
  va_end(arguments);
  if (next_fault("open") == Fault::error) return -1;
  return real<int(const char*, int, ...)>("open")(path, flags, mode);
}

ssize_t write(int descriptor, const void* bytes, size_t size) {
  const Fault fault = next_fault("write");
  if (fault == Fault::error) return -1;
  size = std::min(size, kLargestWrite);
  if (fault == Fault::short_write && size > 1) --size;
  return real<ssize_t(int, const void*, size_t)>("write")(descriptor, bytes, size);
}

int fsync(int descriptor) {
  if (next_fault("fsync") == Fault::error) return -1;
  return real<int(int)>("fsync")(descriptor);
}

int rename(const char* from, const char* to) noexcept {
  if (next_fault("rename") == Fault::error) return -1;
  return real<int(const char*, const char*)>("rename")(from, to);
}

// As on Linux, the descriptor is free even when close reports an error.
int close(int descriptor) {
  const Fault fault = next_fault("close");
  const int error = errno;
  const int result = real<int(int)>("close")(descriptor);
  if (fault != Fault::error) return result;
  errno = error;
  return -1;
}

}  // extern "C"
