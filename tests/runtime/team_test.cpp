// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/runtime/team.h"

#include <atomic>
#include <stdexcept>
#include <vector>

#include <gtest/gtest.h>

namespace astrolabe {
namespace {

TEST(Team, runs_every_part_once_and_tasks_in_order) {
  for (const std::size_t threads : {1U, 2U, 5U}) {
    ThreadPool pool(threads);
    constexpr std::size_t kTasks = 200;
    std::vector<std::atomic<int>> runs(kTasks * 4);
    std::atomic<bool> is_ordered{true};
    run_as_team(
        pool, kTasks, [](std::size_t task) { return 1 + task % 4; },
        [&](std::size_t task, std::size_t part, std::size_t parts) {
          if (parts != 1 + task % 4) is_ordered = false;
          // Every part of the task before is done.
          for (std::size_t before = 0; task > 0 && before < 1 + (task - 1) % 4; ++before)
            if (runs[(task - 1) * 4 + before] != 1) is_ordered = false;
          ++runs[task * 4 + part];
        });
    EXPECT_TRUE(is_ordered);
    for (std::size_t task = 0; task < kTasks; ++task)
      for (std::size_t part = 0; part < 4; ++part)
        EXPECT_EQ(runs[task * 4 + part], part < 1 + task % 4 ? 1 : 0);
  }
}

TEST(Team, comes_home_with_an_exception) {
  ThreadPool pool(3);
  for (int round = 0; round < 50; ++round) {
    std::atomic<int> later{0};
    const auto run = [&](std::size_t task, std::size_t part, std::size_t) {
      if (task == 10 && part == 1) throw std::runtime_error("no more memory");
      if (task > 11) ++later;
    };
    EXPECT_THROW(run_as_team(pool, 40, [](std::size_t) { return std::size_t{3}; }, run), std::runtime_error);
    EXPECT_EQ(later, 0);
  }
}

}  // namespace
}  // namespace astrolabe
