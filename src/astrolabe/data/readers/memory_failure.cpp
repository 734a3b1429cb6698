// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/data/readers/memory_failure.h"

#include <cstring>
#include <mutex>
#include <new>

#include <dlfcn.h>
#include <execinfo.h>
#include <unistd.h>

namespace astrolabe::readers {
namespace {

constexpr int kDeepest = 64;
constexpr char kWords[] =
    "astrolabe: out of memory while a table was read. Read fewer columns (--drop), give fewer rows, or a "
    "machine "
    "with more of it.\n";

bool is_of_arrow(void* frame) {
  Dl_info place{};
  return dladdr(frame, &place) != 0 && place.dli_fname != nullptr &&
         (std::strstr(place.dli_fname, "libarrow") != nullptr ||
          std::strstr(place.dli_fname, "libparquet") != nullptr);
}

// Whoever asked is Arrow, or code of ours that it called.
bool is_inside_arrow() {
  void* frames[kDeepest];
  const int count = backtrace(frames, kDeepest);
  for (int i = 0; i < count; ++i)
    if (is_of_arrow(frames[i])) return true;
  return false;
}

void fail() {
  if (!is_inside_arrow()) throw std::bad_alloc();
  [[maybe_unused]] const ssize_t written = write(STDERR_FILENO, kWords, sizeof kWords - 1);
  _exit(1);
}

}  // namespace

void end_in_words_without_memory() {
  static std::once_flag once;
  std::call_once(once, [] {
    void* frame[1];
    static_cast<void>(backtrace(frame, 1));  // loads what it needs while there is memory
    std::set_new_handler(fail);
  });
}

}  // namespace astrolabe::readers
