// SPDX-License-Identifier: Apache-2.0
// A page between two that nobody may touch: reading or writing beside it ends the program.
//
//   const GuardedMemory memory;
//   std::byte* last_four = memory.at_end(4);
#pragma once

#include <cstddef>

#include <sys/mman.h>
#include <unistd.h>

namespace astrolabe::nest_builder {

class GuardedMemory {
 public:
  GuardedMemory() {
    memory_ = static_cast<std::byte*>(
        mmap(nullptr, 3 * page_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    mprotect(memory_, page_, PROT_NONE);
    mprotect(memory_ + 2 * page_, page_, PROT_NONE);
  }
  ~GuardedMemory() { munmap(memory_, 3 * page_); }
  GuardedMemory(const GuardedMemory&) = delete;
  GuardedMemory& operator=(const GuardedMemory&) = delete;

  std::byte* at_end(std::size_t bytes) const { return memory_ + 2 * page_ - bytes; }
  std::byte* at_start() const { return memory_ + page_; }

 private:
  std::size_t page_ = static_cast<std::size_t>(getpagesize());
  std::byte* memory_;
};

}  // namespace astrolabe::nest_builder
