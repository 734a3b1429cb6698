// SPDX-License-Identifier: Apache-2.0
// compile(): from a program to something that runs, one pass after the other.
//
//   const std::shared_ptr<const Executable> step = compile(program);
//   compile(program, {.tier = Tier::tiles});                         // no machine code
//   compile(program, {.on_pass = [](const PassReport& pass) { ... }});  // look inside
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "astrolabe/base/instruction_set.h"
#include "astrolabe/lower/plan.h"
#include "astrolabe/runtime/executable.h"
#include "astrolabe/runtime/program.h"

namespace astrolabe {

// How a program is run. All tiers give the same bytes.
enum class Tier : std::uint8_t {
  automatic,  // tiles at once; machine code for nests that have run long enough to pay for it
  reference,  // the interpreter of `graph`, node by node: the oracle
  tiles,      // nests by the tile interpreter
  compiled,   // nests as machine code, compiled now
};

struct PassReport {
  std::string_view name;
  double seconds = 0;
  std::function<std::string()> text;  // the program after the pass, for people; valid during the call only
  const Plan* plan = nullptr;  // of the last one, "lower", unless the interpreter has to do it; as long
};

struct CompileOptions {
  InstructionSet set = best_instruction_set();
  Tier tier = Tier::automatic;
  // How often the executable will run, as far as known; 0: not known. Tier::automatic compiles at once what
  // will pay.
  std::uint64_t expected_runs = 0;
  // Bytes of the arena; 0: no limit. Above it, values are let go and computed again (lower/recompute.h): the
  // same bytes come out, later. The interpreter has no arena and ignores it.
  std::size_t memory_limit = 0;
  // That will run it, as far as known; they decide about nothing but speed and memory.
  std::size_t threads = 1;
  std::vector<std::string> passes_off = {};  // names of passes that may be turned off (pass_names())
  std::function<void(const PassReport&)> on_pass = {};
};

// Throws usage_error on shapes that do not fit, unknown pass names, and LimitTooLow (lower/lower.h) on a
// memory limit that the program cannot keep to. Thread-safe; equal programs share their compiled code.
[[nodiscard]] std::shared_ptr<const Executable> compile(const Program& program,
                                                        const CompileOptions& options = {});

// The passes that `passes_off` may name, in the order in which they run.
[[nodiscard]] std::vector<std::string> pass_names();

}  // namespace astrolabe
