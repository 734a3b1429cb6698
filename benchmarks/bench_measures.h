// SPDX-License-Identifier: Apache-2.0
// What the programs of benchmarks measure with.
//
//   const double before = processor_seconds();
//   work();
//   taken.push_back(processor_seconds() - before);
//   std::printf("%.3f s\n", median(taken));
#pragma once

#include <algorithm>
#include <ctime>
#include <vector>

namespace astrolabe {

// Of all threads of this program since it began.
inline double processor_seconds() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

// Of an even number of values the mean of the two in the middle. Not of none.
inline double median(std::vector<double> values) {
  std::ranges::sort(values);
  const std::size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

}  // namespace astrolabe
