// SPDX-License-Identifier: Apache-2.0
// Compiling and forgetting, many times: what it leaves behind.
//
//   const Leavings leavings = compile_and_forget(400);
//   EXPECT_LE(leavings.mappings, 2);
#pragma once

#include <fstream>
#include <string>

#include "tests/codegen/nest_builder.h"
#include "tests/lower/nest_reference.h"
#include <unistd.h>

#include "astrolabe/codegen/nest_compiler.h"

namespace astrolabe::code_memory {

// Sanitizers hold freed memory back, on purpose.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool kIsHeapTold = false;
#else
inline constexpr bool kIsHeapTold = true;
#endif

struct Leavings {
  long mappings = 0;   // lines of /proc/self/maps more than before
  long kilobytes = 0;  // resident memory more than before
};

inline Leavings now() {
  Leavings result;
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) ++result.mappings;
  long pages = 0, resident = 0;
  std::ifstream("/proc/self/statm") >> pages >> resident;
  result.kilobytes = resident * (getpagesize() / 1024);
  return result;
}

// Stores a number that no other nest has, so that what LLVM keeps about constants would grow.
inline NestCode small_nest(int i) {
  nest_builder::Nest nest(1);
  nest.store(nest.constant(i), {Stride::one});
  return nest.code;
}

// Compiles nests for a set, every tenth a random one; `warm_up` of them before what is measured begins.
inline Leavings compile_and_forget(int warm_up, int count, InstructionSet set) {
  Leavings before;
  for (int i = 0; i < warm_up + count; ++i) {
    if (i == warm_up) before = now();
    const auto seed = static_cast<std::uint64_t>(i % 3000);
    const NestCode code = i % 10 == 0 ? nest_reference::random_nest(Key::from_seed(seed)) : small_nest(i);
    const NestCode* const codes[] = {&code};
    static_cast<void>(compile_nests(codes, set));
  }
  const Leavings after = now();
  return {after.mappings - before.mappings, after.kilobytes - before.kilobytes};
}

}  // namespace astrolabe::code_memory
