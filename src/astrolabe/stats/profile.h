// SPDX-License-Identifier: Apache-2.0
// How often each contestant comes within a factor of the best: performance profiles of times to a target.
//
//   std::vector<double> times = ...;                                     // [tasks, contestants] seconds
//   Profiles profiles = performance_profiles(times, 3);
//   double share = profiles.share(0, 2.0);                               // within twice the fastest
//   std::vector<double> scores = profiles.scores(4);                     // 1: the fastest everywhere
//
// A contestant that never reaches the target has an infinite time; a task that nobody solves counts for
// nobody. Source: Dolan & More, "Benchmarking optimization software with performance profiles", Mathematical
// Programming 2002; the integrated score: Dahl et al., "Benchmarking neural network training algorithms"
// (AlgoPerf), 2023, section 4. Pure; thread-safe.
#pragma once

#include <cstddef>
#include <limits>
#include <span>
#include <vector>

namespace astrolabe {

class Profiles {
 public:
  // ratios[contestant]: time over the best time, one per task, ascending, infinite where it never arrived.
  explicit Profiles(std::vector<std::vector<double>> ratios) : ratios_(std::move(ratios)) {}

  // Share of the tasks on which a contestant needs at most `factor` (>= 1) times the least time.
  [[nodiscard]] double share(std::size_t contestant, double factor) const;
  // [contestants] The mean height of the profile over factors from 1 to `most` (> 1): 0 to 1.
  [[nodiscard]] std::vector<double> scores(double most = 4) const;
  [[nodiscard]] const std::vector<std::vector<double>>& ratios() const { return ratios_; }

 private:
  std::vector<std::vector<double>> ratios_;
};

// `times` is [tasks, contestants], each above 0. Cost: O(n log n).
[[nodiscard]] Profiles performance_profiles(std::span<const double> times, std::size_t contestants);

// The first time at which a curve is at least as good as the target; infinite if never. `times` ascend.
[[nodiscard]] double time_to_target(std::span<const double> times, std::span<const double> scores,
                                    double target, bool higher_is_better);

}  // namespace astrolabe
