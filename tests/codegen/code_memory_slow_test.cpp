// SPDX-License-Identifier: Apache-2.0
#include "tests/codegen/code_memory.h"
#include <gtest/gtest.h>

namespace astrolabe {
namespace {

TEST(CodeMemory, of_50000_forgotten_nests_is_given_back) {
  const auto left = code_memory::compile_and_forget(2000, 50000, best_instruction_set());
  EXPECT_LE(left.mappings, 4);
  if (code_memory::kIsHeapTold) {
    EXPECT_LE(left.kilobytes, 4096);
  }
}

}  // namespace
}  // namespace astrolabe
