// SPDX-License-Identifier: Apache-2.0
// How long a test waits for code that a sanitizer makes slow: deadlines, limits of time, budgets that must
// reach something. Never for what is asserted about results. tests/e2e/program.py has the same for programs.
//
//   EXPECT_LT(budget.seconds_used(), 3 * kPatience);
#pragma once

namespace astrolabe {

// 1 in a release. Measured as 3 to 6 and 10 to 80 times, the latter beside other work.
#if defined(__SANITIZE_THREAD__)
inline constexpr int kPatience = 20;
#elif defined(__SANITIZE_ADDRESS__)
inline constexpr int kPatience = 6;
#else
inline constexpr int kPatience = 1;
#endif

}  // namespace astrolabe
