// SPDX-License-Identifier: Apache-2.0
// From an LLVM module to the bytes of an object file, for an instruction set.
//
//   prepare_module(module, InstructionSet::avx2);   // layout and triple, before anything is emitted
//   llvm::SmallVector<char, 0> object = emit_object(module, InstructionSet::avx2);
//
// Code depends on the set only, never on the processor's name. LLVM is initialised by the first call. One
// thread at a time.
#pragma once

#include <string>

#include <llvm/ADT/SmallVector.h>
#include <llvm/IR/Module.h>

#include "astrolabe/base/instruction_set.h"

namespace astrolabe {

void prepare_module(llvm::Module& module, InstructionSet set);
// Throws InternalError when the module is not valid.
void check_module(const llvm::Module& module);
// Of a valid module.
[[nodiscard]] llvm::SmallVector<char, 0> emit_object(llvm::Module& module, InstructionSet set);
[[nodiscard]] std::string emit_assembly(llvm::Module& module, InstructionSet set);  // Intel syntax

}  // namespace astrolabe
