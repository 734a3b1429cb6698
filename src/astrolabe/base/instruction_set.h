// SPDX-License-Identifier: Apache-2.0
// Which vector instructions this processor has. Chosen once, at the start; every path gives the same bytes,
// so the choice is about speed only.
//
//   const InstructionSet set = best_instruction_set();   // InstructionSet::avx512
//   instruction_set_name(set);                           // "avx512"
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace astrolabe {

enum class InstructionSet : std::uint8_t {
  plain,   // x86-64 as it began: SSE2, no fused multiply-add
  avx2,    // AVX2, FMA and F16C
  avx512,  // AVX-512 F, VL, DQ and BW
};

inline constexpr int kInstructionSets = 3;

// The best that processor and operating system support; the environment variable ASTROLABE_INSTRUCTION_SET
// (plain, avx2 or avx512) can lower it, never raise it. Read once; thread-safe.
[[nodiscard]] InstructionSet best_instruction_set();
// What a claim about time or bytes was measured on: "2 threads, avx512".
[[nodiscard]] std::string hardware_text(std::size_t threads);
[[nodiscard]] bool is_supported(InstructionSet set);
[[nodiscard]] std::string_view instruction_set_name(InstructionSet set);
[[nodiscard]] std::optional<InstructionSet> parse_instruction_set(std::string_view name);

}  // namespace astrolabe
