// SPDX-License-Identifier: Apache-2.0
// One nest of a plan, run by the tile interpreter or by machine code, whichever there is. All bytes are the
// same, so the change may come at any time.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>

#include "astrolabe/lower/plan.h"
#include "astrolabe/runtime/routine_cache.h"
#include "astrolabe/tiles/tile_program.h"

namespace astrolabe {

// Thread-safe for disjoint parts.
class NestRunner {
 public:
  NestRunner(const NestStep& step, InstructionSet set, NestSchedule schedule = {});

  void run(std::byte* const* pointers, std::int64_t begin, std::int64_t end) const;
  // From now on by machine code.
  void use(Routine routine);
  [[nodiscard]] bool is_compiled() const { return function_.load(std::memory_order_acquire) != nullptr; }

  // [0, split_extent) is what run() divides; parts begin at multiples of split_grain.
  [[nodiscard]] std::int64_t split_extent() const { return split_extent_; }
  [[nodiscard]] std::int64_t split_grain() const { return split_grain_; }
  // Elements times instructions of a whole run: an estimate of what it costs.
  [[nodiscard]] double work() const { return work_; }
  [[nodiscard]] const NestStep& step() const { return *step_; }
  // Of its machine code.
  [[nodiscard]] NestSchedule schedule() const { return schedule_; }

 private:
  const NestStep* step_;
  InstructionSet set_;
  NestSchedule schedule_;
  std::int64_t split_extent_ = 1, split_grain_ = 1;
  double work_ = 0;
  mutable std::once_flag tiles_once_;
  mutable std::unique_ptr<const TileProgram> tiles_;
  std::atomic<NestFunction> function_{nullptr};
  Routine routine_;  // keeps the machine code
};

}  // namespace astrolabe
