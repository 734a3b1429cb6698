// SPDX-License-Identifier: Apache-2.0
// Nests without compiling: a nest as a list of handlers, each of which works through a strip of elements that
// stays in the first-level cache. Cold routines run here at once; machine code takes over when it pays. Gives
// the same bytes.
//
//   const TileProgram program(code, InstructionSet::avx2);
//   program.run(pointers, strides, extents, 0, rows);
#pragma once

#include <cstdint>
#include <memory>

#include "astrolabe/base/instruction_set.h"
#include "astrolabe/lower/nest.h"

namespace astrolabe {

class TileProgram {
 public:
  TileProgram(const NestCode& code, InstructionSet set);
  ~TileProgram();
  TileProgram(TileProgram&& other) noexcept;
  TileProgram& operator=(TileProgram&& other) noexcept;

  // As a NestFunction. What is stored lies apart from what is loaded, or element upon element (in place).
  // Thread-safe for disjoint parts; allocates nothing after a thread's first run.
  void run(std::byte* const* pointers, const std::int64_t* strides, const std::int64_t* extents,
           std::int64_t begin, std::int64_t end) const;

 private:
  struct Steps;
  std::unique_ptr<const Steps> steps_;
};

}  // namespace astrolabe
