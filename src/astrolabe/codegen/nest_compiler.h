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
#include "astrolabe/codegen/nest_schedule.h"
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

// One module for all of them. `schedules`: one for each nest, or none. Emits explicit vectors and runs no
// pass pipeline. Thread-safe; up to 16 threads compile side by side. Throws InternalError when LLVM refuses
// what we emitted.
[[nodiscard]] CompiledNests compile_nests(std::span<const NestCode* const> codes, InstructionSet set,
                                          std::span<const NestSchedule> schedules = {});

// For people: the IR, or the assembly, of one nest.
[[nodiscard]] std::string nest_llvm_text(const NestCode& code, InstructionSet set);
[[nodiscard]] std::string nest_assembly(const NestCode& code, InstructionSet set);

}  // namespace astrolabe
