// SPDX-License-Identifier: Apache-2.0
// The trials that a proposer's model learns from: all while they are few, later the best and the newest.
//
//   TrialMemory memory(256);
//   memory.add(observation);
//   for (const std::size_t position : memory.ranked()) use(memory.trials()[position]);   // the best first
//
// Not thread-safe. Cost: add O(1) but for a cut, once in capacity / 4 calls; ranked O(n log n).
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "astrolabe/search/trial.h"

namespace astrolabe {

class TrialMemory {
 public:
  explicit TrialMemory(std::size_t capacity) : capacity_(capacity) {}

  // Beyond the capacity, a quarter is forgotten: what is neither of the better nor of the newer three
  // eighths. Returns which positions stayed, ascending, when that happened.
  std::optional<std::vector<std::size_t>> add(const Observation& seen);
  [[nodiscard]] std::span<const Observation> trials() const { return trials_; }  // in the order of add()
  [[nodiscard]] std::vector<std::size_t> ranked() const;                         // by is_better, stable

 private:
  std::size_t capacity_;
  std::vector<Observation> trials_;
};

}  // namespace astrolabe
