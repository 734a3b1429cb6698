// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/tensor/buffer.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <utility>

#include <gtest/gtest.h>

namespace astrolabe {
namespace {

bool is_aligned(const Buffer& buffer, std::size_t alignment) {
  return reinterpret_cast<std::uintptr_t>(buffer.data()) % alignment == 0;
}

TEST(Buffer, is_aligned_and_zero) {
  for (const std::size_t bytes : {std::size_t{1}, std::size_t{63}, std::size_t{4096}, kHugePageBytes + 1}) {
    const Buffer buffer(bytes);
    EXPECT_EQ(buffer.bytes(), bytes);
    EXPECT_TRUE(is_aligned(buffer, kBufferAlignment));
    EXPECT_TRUE(std::all_of(buffer.data(), buffer.data() + bytes,
                            [](std::byte byte) { return byte == std::byte{}; }));
  }
  EXPECT_TRUE(is_aligned(Buffer(kHugePageBytes), kHugePageBytes));
}

TEST(Buffer, of_nothing_is_empty) {
  EXPECT_TRUE(Buffer().empty());
  EXPECT_TRUE(Buffer(0).empty());
  EXPECT_TRUE(Buffer(0).as<double>().empty());
}

TEST(Buffer, hands_its_memory_over_when_moved) {
  Buffer first(8);
  const std::byte* memory = first.data();
  Buffer second(std::move(first));
  EXPECT_EQ(second.data(), memory);
  EXPECT_TRUE(first.empty());  // NOLINT(bugprone-use-after-move): what the class promises
  first = std::move(second);
  EXPECT_EQ(first.data(), memory);
  EXPECT_EQ(first.bytes(), 8U);
}

TEST(Buffer, shows_whole_elements_only) {
  Buffer buffer(16);
  buffer.as<float>()[3] = 2.5F;
  EXPECT_EQ(std::as_const(buffer).as<float>()[3], 2.5F);
  EXPECT_EQ(buffer.as<double>().size(), 2U);
  EXPECT_THROW((void)Buffer(7).as<float>(), InternalError);
}

TEST(Buffer, beyond_the_memory_of_the_machine_is_a_failure) {
  for (const std::size_t bytes : {std::size_t{1} << 60, std::numeric_limits<std::size_t>::max()}) {
    try {
      const Buffer buffer(bytes);
      FAIL();
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::failure);
      EXPECT_TRUE(std::string(error.what())
                      .ends_with(" EB of memory: not that much is free. Close other programs, use less data, "
                                 "or lower --memory."))
          << error.what();
    }
  }
}

}  // namespace
}  // namespace astrolabe
