// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/runtime/nest_runner.h"

#include "astrolabe/graph/interpret.h"

namespace astrolabe {

NestRunner::NestRunner(const NestStep& step, InstructionSet set, NestSchedule schedule)
    : step_(&step), set_(set), schedule_(schedule) {
  const std::size_t loop = split_loop(step.code);
  split_extent_ = step.extents[loop];
  const bool is_innermost = loop + 1U == step.code.loops;
  if (is_innermost) split_grain_ = static_cast<std::int64_t>(kReductionLanes);
  if (is_innermost && step.code.shape == NestShape::lanes) split_grain_ = split_extent_;
  work_ = static_cast<double>(step.code.body.size() + step.code.stores.size());
  for (const std::int64_t extent : step.extents) work_ *= static_cast<double>(extent);
}

void NestRunner::run(std::byte* const* pointers, std::int64_t begin, std::int64_t end) const {
  if (const NestFunction function = function_.load(std::memory_order_acquire)) {
    function(pointers, step_->strides.data(), step_->extents.data(), begin, end);
    return;
  }
  std::call_once(tiles_once_, [&] { tiles_ = std::make_unique<const TileProgram>(step_->code, set_); });
  tiles_->run(pointers, step_->strides.data(), step_->extents.data(), begin, end);
}

void NestRunner::use(Routine routine) {
  routine_ = std::move(routine);
  function_.store(routine_.function, std::memory_order_release);
}

}  // namespace astrolabe
