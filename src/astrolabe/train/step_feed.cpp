// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/train/step_feed.h"

#include <algorithm>
#include <numeric>

#include "astrolabe/base/error.h"

namespace astrolabe {

StepFeed::StepFeed(Key key, std::size_t rows, std::size_t batch)
    : key_(key), dropout_keys_(key.split("dropout")), rows_(rows), batch_(batch), order_(rows) {
  ASTROLABE_CHECK(batch_ >= 1 && batch_ <= rows_, "a batch of rows that are there");
  ASTROLABE_CHECK(rows_ <= INT32_MAX, "rows that an index can tell apart");
}

void StepFeed::bind(Execution& run) {
  run.bind_input("key", dropout_key_);
  run.bind_input("batch", order_.data());
}

void StepFeed::shuffle(std::uint64_t epoch) {
  std::iota(order_.begin(), order_.end(), 0);
  // All rows at once are the same batch in any order.
  if (batch_ < rows_) RandomStream(key_.split("order").split(epoch)).shuffle(order_);
  shuffled_epoch_ = epoch;
}

void StepFeed::give(Execution& run, std::uint64_t step, std::uint64_t total_steps) {
  const std::uint64_t epoch = step / steps_per_epoch();
  if (epoch != shuffled_epoch_) shuffle(epoch);
  first_ = step % steps_per_epoch() * batch_;
  run.bind_input("batch", order_.data() + first_);
  run.set_scalar("k", static_cast<double>(step + 1));
  run.set_scalar("t",
                 static_cast<double>(step) / static_cast<double>(std::max<std::uint64_t>(total_steps, 1)));
  const std::uint64_t key = random_bits(dropout_keys_, step);
  dropout_key_[0] = static_cast<std::uint32_t>(key);
  dropout_key_[1] = static_cast<std::uint32_t>(key >> 32);
}

}  // namespace astrolabe
