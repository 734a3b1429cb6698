// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/tensor/buffer.h"

#include <cstring>
#include <utility>

#include <sys/mman.h>

#include "astrolabe/base/text.h"

namespace astrolabe {

namespace {

constexpr std::size_t kAddressSpace = std::size_t{1} << 47;  // of one process on x86-64: nobody has more

}  // namespace

Buffer::Buffer(std::size_t bytes) {
  if (bytes == 0) return;
  const bool large = bytes >= kHugePageBytes;
  const std::size_t alignment = large ? kHugePageBytes : kBufferAlignment;
  const std::size_t rounded = bytes > kAddressSpace ? 0 : (bytes + alignment - 1) / alignment * alignment;
  if (rounded > 0) memory_.reset(static_cast<std::byte*>(std::aligned_alloc(alignment, rounded)));
  if (memory_ == nullptr) {
    throw failure({.attempted = "asking for " + format_bytes(bytes) + " of memory",
                   .found = "not that much is free",
                   .remedy = "Close other programs, use less data, or lower --memory."});
  }
  // Before the first touch, so that the pages come huge. Only a hint: kernels without them refuse.
  if (large) (void)madvise(memory_.get(), rounded, MADV_HUGEPAGE);
  std::memset(memory_.get(), 0, bytes);
  bytes_ = bytes;
}

Buffer::Buffer(Buffer&& other) noexcept
    : memory_(std::move(other.memory_)), bytes_(std::exchange(other.bytes_, 0)) {}

Buffer& Buffer::operator=(Buffer&& other) noexcept {
  memory_ = std::move(other.memory_);
  bytes_ = std::exchange(other.bytes_, 0);
  return *this;
}

}  // namespace astrolabe
