// SPDX-License-Identifier: Apache-2.0
// A nest as an LLVM function with explicit vectors: what the loops of lower/nest.h say, so that no optimiser
// is needed. A schedule says in which order loops are walked, and how many turns are written out.
//
//   llvm::Function* function = emit_nest(code, InstructionSet::avx512, "nest_0", module);
//
// What depends on outer loops only is computed there. The innermost loop goes in vectors of kVectorLanes[set]
// elements; its last part is masked where the set can mask (avx512), and one by one elsewhere. Nothing
// outside the nest is read or written, except that a load that stands still in a loop is done even when that
// loop does not turn. Stores may meet loads of other accesses element for element only (in-place updates).
#pragma once

#include <string>

#include <llvm/IR/Module.h>

#include "astrolabe/base/instruction_set.h"
#include "astrolabe/codegen/nest_compiler.h"
#include "astrolabe/lower/nest.h"

namespace astrolabe {

// The module's layout is that of x86-64. Throws InternalError on a nest that is not valid.
llvm::Function* emit_nest(const NestCode& code, InstructionSet set, const std::string& name,
                          llvm::Module& module, const NestSchedule& schedule = {});

}  // namespace astrolabe
