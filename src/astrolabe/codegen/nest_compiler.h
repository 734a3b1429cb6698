// SPDX-License-Identifier: Apache-2.0
// Nests to machine code. The only folder that sees LLVM.
//
//   CompiledNests nests = compile_nests({{&code_a, &code_b}}, InstructionSet::avx512);
//   nests.functions()[0](pointers, strides, extents, 0, rows);
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "astrolabe/base/instruction_set.h"
#include "astrolabe/lower/nest.h"

namespace astrolabe {

// Compiled code of some nests; the memory is given back when the last copy dies. Nobody may run it then.
class CompiledNests {
 public:
  struct Code;
  CompiledNests() = default;
  explicit CompiledNests(std::shared_ptr<const Code> code) : code_(std::move(code)) {}
  [[nodiscard]] std::span<const NestFunction> functions() const;  // in the order asked for
  [[nodiscard]] std::size_t bytes() const;                        // machine code and its overhead, about

 private:
  std::shared_ptr<const Code> code_;
};

// How a nest's loops are emitted, as data: how many elements of the innermost loop go at a time. Wider strips
// interleave more independent chains, which hides latency, and take more registers. Decides about time only:
// the bytes stay the same.
struct NestSchedule {
  std::uint16_t lanes = 0;  // 8, 16, 32 or 64; 0: by instruction set and length of the body

  friend bool operator==(const NestSchedule&, const NestSchedule&) = default;
};

// What `lanes` may be for this nest: not the sums of an innermost loop, whose 32 lanes are part of their
// meaning, and no more than two registers elsewhere than on AVX-512.
[[nodiscard]] std::vector<NestSchedule> nest_schedules(const NestCode& code, InstructionSet set);

// One module for all of them. `schedules`: one for each nest, or none. Emits explicit vectors and runs no
// pass pipeline. Thread-safe; up to 16 threads compile side by side. Throws InternalError when LLVM refuses
// what we emitted.
[[nodiscard]] CompiledNests compile_nests(std::span<const NestCode* const> codes, InstructionSet set,
                                          std::span<const NestSchedule> schedules = {});

// For people: the IR, or the assembly, of one nest.
[[nodiscard]] std::string nest_llvm_text(const NestCode& code, InstructionSet set);
[[nodiscard]] std::string nest_assembly(const NestCode& code, InstructionSet set);

}  // namespace astrolabe
