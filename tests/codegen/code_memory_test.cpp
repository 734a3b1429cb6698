// SPDX-License-Identifier: Apache-2.0
#include "tests/codegen/code_memory.h"

#include <gtest/gtest.h>

namespace astrolabe {
namespace {

TEST(CodeMemory, of_400_forgotten_nests_is_given_back) {
  const auto left = code_memory::compile_and_forget(400, 400, best_instruction_set());
  EXPECT_LE(left.mappings, 2);  // the heap may be cut in two; one kept nest would be three
  if (code_memory::kIsHeapTold) {
    EXPECT_LE(left.kilobytes, 2048);
  }
}

}  // namespace
}  // namespace astrolabe
