// SPDX-License-Identifier: Apache-2.0
// What a step is fed that changes from step to step: the rows of its batch, its number, the key of its
// dropout.
//
//   StepFeed feed(key, rows, batch);
//   feed.bind(run);
//   feed.give(run, step, total_steps);   // before every run
//
// All of it follows from (key, step): trainings of one key see the same rows in the same order and drop the
// same units, whether they run alone or side by side.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "astrolabe/base/random.h"
#include "astrolabe/runtime/executable.h"

namespace astrolabe {

class StepFeed {
 public:
  StepFeed(Key key, std::size_t rows, std::size_t batch);
  // What a run was bound to must stay where it is.
  StepFeed(const StepFeed&) = delete;
  StepFeed& operator=(const StepFeed&) = delete;

  void bind(Execution& run);
  // Step 0 is the first. Batches are full; every epoch has its own order. t is step / total_steps.
  void give(Execution& run, std::uint64_t step, std::uint64_t total_steps);

  // [batch], the rows of the step that was given last.
  [[nodiscard]] std::span<const std::int32_t> batch() const { return {order_.data() + first_, batch_}; }
  [[nodiscard]] std::uint64_t steps_per_epoch() const { return rows_ / batch_; }

 private:
  void shuffle(std::uint64_t epoch);

  Key key_;
  Key dropout_keys_;  // of all steps
  std::size_t rows_, batch_;
  std::size_t first_ = 0;  // of the batch, in the order
  std::vector<std::int32_t> order_;
  std::uint64_t shuffled_epoch_ = UINT64_MAX;
  std::uint32_t dropout_key_[2] = {};  // of this step
};

}  // namespace astrolabe
