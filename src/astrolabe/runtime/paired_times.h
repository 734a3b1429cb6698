// SPDX-License-Identifier: Apache-2.0
// Which of two ways to do the same is faster, by processor time, where neighbours disturb the measurement.
//
//   const Stopwatch before = [&] { return processor_seconds([&] { gemm(product, set, scratch); }, 20); };
//   const PairedTimes times = compare_times(before, after, 15);
//   if (times.gain.low > 1.02) ...     // faster beyond noise
//
// The two take turns in short bursts, so that what slows one down slows the other down, too; ratios are taken
// within a turn, and what is told is their median with an interval that assumes nothing about their spread.
#pragma once

#include <cstddef>
#include <functional>
#include <span>

#include "astrolabe/stats/interval.h"

namespace astrolabe {

using Stopwatch = std::function<double()>;  // seconds of one call, by a burst of them

struct PairedTimes {
  double before = 0, after = 0;  // medians, seconds
  Estimate gain;                 // before / after: the median over turns
};

// Seconds of this thread's processor for one of `calls` calls; of several after one more that is not counted.
[[nodiscard]] double processor_seconds(const std::function<void()>& body, std::size_t calls);
// So many calls make a burst that is long enough to be measured.
[[nodiscard]] std::size_t calls_of_burst(double seconds_of_a_call);

// `rounds` turns of each, at least 1; who goes first changes.
[[nodiscard]] PairedTimes compare_times(const Stopwatch& before, const Stopwatch& after, std::size_t rounds);

// The median with its 95 % interval from the sign test (order statistics; Conover, Practical Nonparametric
// Statistics, 3.2). Fewer than 6 values bound nothing: the interval is all of them. Not empty.
[[nodiscard]] Estimate median_with_interval(std::span<const double> values);

}  // namespace astrolabe
