// SPDX-License-Identifier: Apache-2.0
// The oracle as an executable: a program run node by node by the interpreter.
#pragma once

#include <memory>

#include "astrolabe/runtime/executable.h"
#include "astrolabe/runtime/program.h"

namespace astrolabe {

[[nodiscard]] std::shared_ptr<const Executable> make_reference(const Program& program);

}  // namespace astrolabe
