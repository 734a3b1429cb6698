// SPDX-License-Identifier: Apache-2.0
// From an LLVM module to the bytes of an object file, for an instruction set.
//
//   CodeMaker maker;
//   maker.prepare_module(module, InstructionSet::avx2);   // layout and triple, before anything is emitted
//   llvm::SmallVector<char, 0> object = maker.emit_object(module, InstructionSet::avx2);
//
// Code depends on the set only, never on the processor's name. LLVM is initialised by the first call.
#pragma once

#include <array>
#include <memory>
#include <string>

#include <llvm/ADT/SmallVector.h>
#include <llvm/IR/Module.h>

#include "astrolabe/base/instruction_set.h"

namespace astrolabe {

// LLVM's tools for each set, made when first needed and kept: some megabytes. One thread at a time; several
// makers work side by side.
class CodeMaker {
 public:
  CodeMaker();
  ~CodeMaker();
  CodeMaker(const CodeMaker&) = delete;
  CodeMaker& operator=(const CodeMaker&) = delete;

  void prepare_module(llvm::Module& module, InstructionSet set);
  // Of a valid module.
  [[nodiscard]] llvm::SmallVector<char, 0> emit_object(llvm::Module& module, InstructionSet set);
  [[nodiscard]] std::string emit_assembly(llvm::Module& module, InstructionSet set);  // Intel syntax

 private:
  struct Tools;
  Tools& tools_for(InstructionSet set);

  std::array<std::unique_ptr<Tools>, kInstructionSets> tools_;
};

// Throws InternalError when the module is not valid.
void check_module(const llvm::Module& module);

}  // namespace astrolabe
