// SPDX-License-Identifier: Apache-2.0
// Compiled nests by structure. Extents, strides and run-time numbers are no part of a key, so another size or
// another constant finds the code that is there. Bounded in bytes; what was used least recently goes first.
//
//   std::vector<Routine> routines = routine_cache().get({&code_a, &code_b}, InstructionSet::avx512);
#pragma once

#include <cstddef>
#include <mutex>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "astrolabe/codegen/nest_compiler.h"
#include "astrolabe/runtime/recently_used.h"

namespace astrolabe {

// Machine code that stays while any copy lives.
struct Routine {
  NestFunction function = nullptr;
  CompiledNests owner;
};

class RoutineCache {
 public:
  struct Counts {
    std::size_t hits = 0, misses = 0, evictions = 0, bytes = 0, entries = 0;
  };

  explicit RoutineCache(std::size_t most_bytes) : routines_(most_bytes) {}

  // Compiles what is not there as one module, by its schedule where there are some. Keys are compared whole,
  // never by hash alone. Thread-safe.
  [[nodiscard]] std::vector<Routine> get(std::span<const NestCode* const> codes, InstructionSet set,
                                         std::span<const NestSchedule> schedules = {});
  // What is there; a routine without a function for the others.
  [[nodiscard]] std::vector<Routine> find(std::span<const NestCode* const> codes, InstructionSet set,
                                          std::span<const NestSchedule> schedules = {});
  // Adds to what running a nest of this structure without machine code has cost or will cost, over all
  // programs of the process, and returns the sum: a small nest that every child of a search has pays although
  // no child alone would.
  double add_heat(const NestCode& code, InstructionSet set, double work);
  [[nodiscard]] Counts counts() const;
  void clear();

 private:
  mutable std::mutex mutex_;
  RecentlyUsed<Routine> routines_;
  std::unordered_map<std::string, double> heat_;  // of what is not there; forgotten when it grows large
  std::size_t hits_ = 0, misses_ = 0;
};

// The one of this process: at most 64 MB.
[[nodiscard]] RoutineCache& routine_cache();

}  // namespace astrolabe
