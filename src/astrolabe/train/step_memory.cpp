// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/train/step_memory.h"

#include <algorithm>
#include <limits>

#include <fmt/format.h>

#include "astrolabe/base/text.h"
#include "astrolabe/lower/lower.h"

namespace astrolabe {
namespace {

constexpr std::uint64_t kProgram = std::uint64_t{80} << 20U;  // code, libraries, threads
constexpr std::uint64_t kLeastArena = std::uint64_t{1} << 20U;
constexpr std::uint64_t kShares = 4;

}  // namespace

std::size_t arena_within(std::uint64_t limit) {
  if (limit == std::numeric_limits<std::uint64_t>::max()) return 0;
  return std::max(kLeastArena, (limit - std::min(limit, kProgram + kCompilerMemory)) / kShares);
}

std::uint64_t limit_of_arena(std::uint64_t arena) {
  return kProgram + kCompilerMemory + kShares * arena;
}

std::size_t batch_within_memory(StepSpec spec, const ParameterLayout& layout, const CompileOptions& options,
                                ProgramOfSpec program_of) {
  while (options.memory_limit > 0) {
    try {
      (void)compile(program_of(spec, layout), options);
      break;
    } catch (const LimitTooLow&) {
      if (spec.batch <= 1) throw;
      spec.batch /= 2;
    }
  }
  return spec.batch;
}

std::string memory_words(const Executable& step, std::size_t asked_batch, std::size_t batch) {
  const Recomputation& again = step.recomputation();
  std::string words;
  if (again.steps_again > 0) {
    const std::size_t count = again.layers > 0 ? again.layers : again.steps_again;
    words = fmt::format("recomputes {} {}{}: {} instead of {}, steps about {:.0f} % slower",
                        format_count(count), again.layers > 0 ? "layer" : "activation", count == 1 ? "" : "s",
                        format_bytes(step.arena_bytes()), format_bytes(again.plain_arena_bytes),
                        100 * again.extra_work);
  }
  if (batch < asked_batch)
    words += fmt::format("{}batches of {} rows instead of {}", words.empty() ? "" : "; ", format_count(batch),
                         format_count(asked_batch));
  return words;
}

}  // namespace astrolabe
