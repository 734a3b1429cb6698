// SPDX-License-Identifier: Apache-2.0
// A library to preload: makes the Nth call of one kind go wrong, so that tests can see what is left behind.
//
//   LD_PRELOAD=fault_shim.so FAULT_CALL=fsync FAULT_AT=2 FAULT_KIND=EIO program
//
// FAULT_CALL: open; write (also pwrite); fsync (also fdatasync); rename; close; ftruncate; or allocate
// (operator new, but for what libraries allocate while they are loaded: nobody could catch that; the handler
// of std::set_new_handler is called first, as the standard wants). FAULT_KIND: ENOSPC, EIO, EINTR, short
// (write one byte less than asked, at least one), die (end the process before the call), a signal (INT, TERM,
// KILL: sent to the process before the call), or bad_alloc. With FAULT_STAYS=1 all later calls fail too, as
// on a full disk. A write takes at most FAULT_PIECE bytes (1000), so that files need several. FAULT_COUNTS
// names a file to which the end of the process writes how many calls there were. `fault_happened` tells the
// program whether the call was reached.
#include <algorithm>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdarg>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>

#include <dlfcn.h>
#include <fcntl.h>
#include <unistd.h>

namespace {

std::atomic<bool> happened{false};
std::atomic<bool> is_in_main{false};
thread_local bool is_loading = false;
std::atomic<long> calls{0};  // of the kind that is asked for

enum class Fault { none, error, short_write };

const char* setting(const char* name, const char* otherwise = "") {
  const char* value = std::getenv(name);
  return value == nullptr ? otherwise : value;
}

bool is_kind(const char* kind) {
  return std::strcmp(setting("FAULT_KIND"), kind) == 0;
}

Fault act() {
  constexpr struct {
    const char* name;
    int number;
  } kSignals[] = {{"INT", SIGINT}, {"TERM", SIGTERM}, {"KILL", SIGKILL}};
  if (is_kind("die")) _exit(42);
  for (const auto& [name, number] : kSignals) {
    if (!is_kind(name)) continue;
    kill(getpid(), number);
    return Fault::none;
  }
  if (is_kind("short")) return Fault::short_write;
  errno = is_kind("ENOSPC") ? ENOSPC : is_kind("EINTR") ? EINTR : EIO;
  return Fault::error;
}

// Decides about this call of `name`; sets errno for an error.
Fault next_fault(const char* name) {
  static const char* const wanted = setting("FAULT_CALL");
  if (std::strcmp(wanted, name) != 0) return Fault::none;
  static const long at = std::atol(setting("FAULT_AT", "0"));
  static const bool stays = std::strcmp(setting("FAULT_STAYS"), "1") == 0;
  const long call = ++calls;
  if (at == 0 || call < at || (call > at && !stays)) return Fault::none;
  happened = true;
  return act();
}

// How much of a write is let through; negative: none, and errno says why.
ssize_t allowed(size_t size) {
  static const auto piece = static_cast<size_t>(std::atol(setting("FAULT_PIECE", "1000")));
  const Fault fault = next_fault("write");
  if (fault == Fault::error) return -1;
  size = std::min(size, piece);
  return static_cast<ssize_t>(fault == Fault::short_write && size > 1 ? size - 1 : size);
}

template <class Function>
Function* real(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

void* allocate(std::size_t size, std::size_t alignment) {
  if (is_in_main && !is_loading && next_fault("allocate") != Fault::none) return nullptr;
  if (alignment <= alignof(std::max_align_t)) return std::malloc(std::max<std::size_t>(size, 1));
  return std::aligned_alloc(alignment,
                            (std::max<std::size_t>(size, 1) + alignment - 1) / alignment * alignment);
}

void* allocate_or_throw(std::size_t size, std::size_t alignment) {
  void* memory = allocate(size, alignment);
  if (memory != nullptr) return memory;
  if (const std::new_handler handler = std::get_new_handler(); handler != nullptr) handler();
  throw std::bad_alloc();
}

__attribute__((destructor)) void write_counts() {
  const char* path = setting("FAULT_COUNTS");
  if (*path == '\0') return;
  if (std::FILE* file = std::fopen(path, "w")) {
    std::fprintf(file, "%ld\n", calls.load());
    std::fclose(file);
  }
}

}  // namespace

// ---- Memory. What is given back is the library's own business: free() takes both kinds.
void* operator new(std::size_t size) {
  return allocate_or_throw(size, 0);
}
void* operator new[](std::size_t size) {
  return allocate_or_throw(size, 0);
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  return allocate(size, 0);
}
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept {
  return allocate(size, 0);
}
void* operator new(std::size_t size, std::align_val_t alignment) {
  return allocate_or_throw(size, static_cast<std::size_t>(alignment));
}
void* operator new[](std::size_t size, std::align_val_t alignment) {
  return allocate_or_throw(size, static_cast<std::size_t>(alignment));
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete[](void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}
void operator delete[](void* memory, std::size_t) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::align_val_t) noexcept {
  std::free(memory);
}
void operator delete[](void* memory, std::align_val_t) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept {
  std::free(memory);
}
void operator delete[](void* memory, std::size_t, std::align_val_t) noexcept {
  std::free(memory);
}

// ---- Files.
extern "C" {

using Main = int(int, char**, char**);
Main* real_main = nullptr;

int watched_main(int count, char** words, char** environment) {
  is_in_main = true;
  return real_main(count, words, environment);
}

// How every program begins.
// NOLINTNEXTLINE(readability-identifier-naming): its name in the C library
int __libc_start_main(Main* main, int count, char** words, void (*begin)(), void (*end)(), void (*unload)(),
                      void* stack) {
  real_main = main;
  return real<int(Main*, int, char**, void (*)(), void (*)(), void (*)(), void*)>("__libc_start_main")(
      watched_main, count, words, begin, end, unload, stack);
}

void* dlopen(const char* path, int mode) {
  is_loading = true;
  void* library = real<void*(const char*, int)>("dlopen")(path, mode);
  is_loading = false;
  return library;
}

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
  const ssize_t part = allowed(size);
  if (part < 0) return -1;
  return real<ssize_t(int, const void*, size_t)>("write")(descriptor, bytes, static_cast<size_t>(part));
}

ssize_t pwrite64(int descriptor, const void* bytes, size_t size, off64_t offset) {
  const ssize_t part = allowed(size);
  if (part < 0) return -1;
  return real<ssize_t(int, const void*, size_t, off64_t)>("pwrite64")(descriptor, bytes,
                                                                      static_cast<size_t>(part), offset);
}

ssize_t pwrite(int descriptor, const void* bytes, size_t size, off_t offset) {
  return pwrite64(descriptor, bytes, size, offset);
}

int fsync(int descriptor) {
  if (next_fault("fsync") == Fault::error) return -1;
  return real<int(int)>("fsync")(descriptor);
}

int fdatasync(int descriptor) {
  if (next_fault("fsync") == Fault::error) return -1;
  return real<int(int)>("fdatasync")(descriptor);
}

int ftruncate64(int descriptor, off64_t size) noexcept {
  if (next_fault("ftruncate") == Fault::error) return -1;
  return real<int(int, off64_t)>("ftruncate64")(descriptor, size);
}

int ftruncate(int descriptor, off_t size) noexcept {
  return ftruncate64(descriptor, size);
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
