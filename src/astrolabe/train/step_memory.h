// SPDX-License-Identifier: Apache-2.0
// Steps of a training within a memory limit. What does not fit is computed again (lower/recompute.h), which
// changes no byte of the result; only where that is not enough the batch is halved, which does.
//
//   const CompileOptions options{.memory_limit = arena_within(budget.memory_limit())};
//   const std::size_t asked = spec.batch;
//   spec.batch = batch_within_memory(spec, layout, options);
//   Trainer trainer({.spec = spec, .layout = layout, ..., .options = options});
//   memory_words(trainer.executable(), asked, spec.batch)   // "recomputes 12 layers: 31 MB instead of 80 MB"
#pragma once

#include <cstdint>
#include <string>

#include "astrolabe/runtime/compile.h"
#include "astrolabe/train/programs.h"

namespace astrolabe {

// What whoever compiles takes once: the compiler's own code and data.
inline constexpr std::uint64_t kCompilerMemory = std::uint64_t{50} << 20U;

// Bytes that the arena of one step may take where a whole run may take `limit`; 0, for no limit, where the
// run has none. A quarter of what the program itself and its compiler leave: fits run side by side, and rows
// lie beside them. Follows from the limit alone, so that the same limit gives the same bytes.
[[nodiscard]] std::size_t arena_within(std::uint64_t limit);
// The other way: the limit whose arena is so large.
[[nodiscard]] std::uint64_t limit_of_arena(std::uint64_t arena);

// A program of a net: step_program or loss_program.
using ProgramOfSpec = Program (*)(const StepSpec& spec, const ParameterLayout& layout);

// The batch of the spec, or the first half, quarter.. of it whose program compiles within the limit of the
// options. Throws LimitTooLow when a batch of one row does not. Cost: that of compiling; the executable is
// kept (executable_cache.h) for whoever compiles the same program.
[[nodiscard]] std::size_t batch_within_memory(StepSpec spec, const ParameterLayout& layout,
                                              const CompileOptions& options,
                                              ProgramOfSpec program_of = step_program);

// What the limit asked for, in a line; empty where it asked for nothing.
[[nodiscard]] std::string memory_words(const Executable& step, std::size_t asked_batch, std::size_t batch);

}  // namespace astrolabe
