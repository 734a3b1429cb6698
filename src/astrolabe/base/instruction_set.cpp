// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/base/instruction_set.h"

#include <algorithm>
#include <array>
#include <cstdlib>

#include <fmt/format.h>

namespace astrolabe {
namespace {

constexpr std::array<std::string_view, kInstructionSets> kNames = {"plain", "avx2", "avx512"};

InstructionSet find_best() {
  InstructionSet best = InstructionSet::plain;
  for (const auto set : {InstructionSet::avx2, InstructionSet::avx512}) {
    if (is_supported(set)) best = set;
  }
  const char* const asked = std::getenv("ASTROLABE_INSTRUCTION_SET");
  const auto limit = asked != nullptr ? parse_instruction_set(asked) : std::nullopt;
  return limit ? std::min(best, *limit) : best;
}

}  // namespace

bool is_supported(InstructionSet set) {
  // The compiler's own check also asks whether the operating system saves the registers.
  switch (set) {
    case InstructionSet::plain:
      return true;
    case InstructionSet::avx2:
      return __builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("fma") != 0 &&
             __builtin_cpu_supports("f16c") != 0;
    case InstructionSet::avx512:
      return is_supported(InstructionSet::avx2) && __builtin_cpu_supports("avx512f") != 0 &&
             __builtin_cpu_supports("avx512vl") != 0 && __builtin_cpu_supports("avx512dq") != 0 &&
             __builtin_cpu_supports("avx512bw") != 0;
  }
  return false;
}

InstructionSet best_instruction_set() {
  static const InstructionSet kBest = find_best();
  return kBest;
}

std::string_view instruction_set_name(InstructionSet set) {
  return kNames[static_cast<std::size_t>(set)];
}

std::string hardware_text(std::size_t threads) {
  return fmt::format("{} threads, {}", threads, instruction_set_name(best_instruction_set()));
}

std::optional<InstructionSet> parse_instruction_set(std::string_view name) {
  const auto* const found = std::ranges::find(kNames, name);
  if (found == kNames.end()) return std::nullopt;
  return static_cast<InstructionSet>(found - kNames.begin());
}

}  // namespace astrolabe
