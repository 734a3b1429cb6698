// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/base/thread_pool.h"

#include <atomic>
#include <chrono>
#include <mutex>
#include <set>
#include <stdexcept>
#include <thread>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>

#include "astrolabe/base/error.h"

namespace astrolabe {
namespace {

class ThreadPoolOf : public testing::TestWithParam<std::size_t> {
 protected:
  ThreadPool pool_{GetParam()};
};

TEST_P(ThreadPoolOf, calls_every_index_once) {
  for (const std::size_t count : {0U, 1U, 2U, 3U, 1000U}) {
    std::vector<std::atomic<int>> calls(count);
    pool_.for_each(count, [&](std::size_t i) { ++calls[i]; });
    for (const auto& call : calls) EXPECT_EQ(call, 1);
  }
}

TEST_P(ThreadPoolOf, cuts_ranges_the_same_way_for_any_number_of_threads) {
  std::mutex mutex;
  std::set<std::tuple<std::size_t, std::size_t, std::size_t>> ranges;
  pool_.for_ranges(10, 4, [&](std::size_t begin, std::size_t end, std::size_t chunk) {
    const std::lock_guard lock(mutex);
    ranges.emplace(begin, end, chunk);
  });
  EXPECT_EQ(ranges, (decltype(ranges){{0, 4, 0}, {4, 8, 1}, {8, 10, 2}}));
  pool_.for_ranges(0, 4, [](std::size_t, std::size_t, std::size_t) { FAIL(); });
}

TEST_P(ThreadPoolOf, rethrows_the_exception_of_the_lowest_index) {
  for (int repeat = 0; repeat < 50; ++repeat) {
    std::string what;
    try {
      pool_.for_each(100, [&](std::size_t i) {
        if (i == 3) std::this_thread::sleep_for(std::chrono::microseconds(200));
        if (i >= 3) throw std::runtime_error(std::to_string(i));
      });
    } catch (const std::runtime_error& error) {
      what = error.what();
    }
    ASSERT_EQ(what, "3");
  }
}

TEST_P(ThreadPoolOf, works_again_after_an_exception) {
  EXPECT_THROW(pool_.for_each(10, [](std::size_t) { throw std::runtime_error("no"); }), std::runtime_error);
  std::atomic<int> calls = 0;
  pool_.for_each(10, [&](std::size_t) { ++calls; });
  EXPECT_EQ(calls, 10);
}

TEST_P(ThreadPoolOf, runs_nested_calls_inline) {
  std::atomic<int> calls = 0;
  pool_.for_each(8, [&](std::size_t) {
    const auto outer = std::this_thread::get_id();
    pool_.for_each(8, [&](std::size_t) {
      EXPECT_EQ(std::this_thread::get_id(), outer);
      ++calls;
    });
  });
  EXPECT_EQ(calls, 64);
}

TEST_P(ThreadPoolOf, serves_callers_on_several_threads_in_turn) {
  std::atomic<int> calls = 0;
  std::vector<std::thread> callers;
  for (int caller = 0; caller < 4; ++caller) {
    callers.emplace_back([&] {
      for (int repeat = 0; repeat < 50; ++repeat) pool_.for_each(20, [&](std::size_t) { ++calls; });
    });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(calls, 4 * 50 * 20);
}

TEST_P(ThreadPoolOf, shows_the_caller_what_the_bodies_wrote) {
  std::vector<int> values(256);
  for (int round = 1; round <= 200; ++round) {
    pool_.for_each(values.size(), [&](std::size_t i) { values[i] += 1; });
    for (const int value : values) ASSERT_EQ(value, round);
  }
}

TEST_P(ThreadPoolOf, refuses_empty_chunks) {
  EXPECT_THROW(pool_.for_ranges(4, 0, [](std::size_t, std::size_t, std::size_t) {}), InternalError);
}

INSTANTIATE_TEST_SUITE_P(Sizes, ThreadPoolOf, testing::Values(1, 2, 3, 8));

TEST(ThreadPool, counts_the_caller) {
  EXPECT_EQ(ThreadPool(1).size(), 1U);
  EXPECT_EQ(ThreadPool(5).size(), 5U);
  EXPECT_GE(ThreadPool().size(), 1U);
}

TEST(ThreadPool, uses_all_its_threads) {
  ThreadPool pool(3);
  std::atomic<int> inside = 0;
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  pool.for_each(3, [&](std::size_t) {
    ++inside;
    while (inside < 3 && std::chrono::steady_clock::now() < give_up) std::this_thread::yield();
  });
  EXPECT_EQ(inside, 3);
}

}  // namespace
}  // namespace astrolabe
