// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/base/budget.h"

#include <cmath>
#include <cstdlib>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <signal.h>

namespace astrolabe {
namespace {

class BudgetTest : public testing::Test {
 protected:
  void SetUp() override { clear_cancel(); }
  void TearDown() override { clear_cancel(); }
};
using CancellationDeathTest = BudgetTest;

TEST_F(BudgetTest, without_limits_never_stops) {
  const Budget budget;
  EXPECT_FALSE(budget.has_deadline());
  EXPECT_FALSE(budget.should_stop());
  EXPECT_TRUE(std::isinf(budget.seconds_left()));
}

TEST_F(BudgetTest, stops_when_its_time_has_passed) {
  const Budget budget({.seconds = 0.01});
  std::this_thread::sleep_for(std::chrono::milliseconds(15));
  EXPECT_TRUE(budget.should_stop());
  EXPECT_EQ(budget.seconds_left(), 0);
  EXPECT_GE(budget.seconds_used(), 0.015);
}

TEST_F(BudgetTest, stops_when_somebody_cancels) {
  const Budget budget;
  request_cancel(SIGTERM);
  EXPECT_TRUE(budget.should_stop());
  EXPECT_EQ(cancel_signal(), SIGTERM);
}

TEST_F(BudgetTest, remembers_the_first_signal) {
  request_cancel(SIGINT);
  request_cancel(SIGTERM);
  EXPECT_EQ(cancel_signal(), SIGINT);
}

TEST_F(BudgetTest, slice_ends_with_the_whole_at_the_latest) {
  const Budget budget({.seconds = 10, .memory_bytes = 1000});
  EXPECT_LE(budget.slice(100).seconds_limit(), 10);
  EXPECT_EQ(budget.slice(2).seconds_limit(), 2);
  EXPECT_EQ(budget.slice(2).memory_limit(), 1000U);
  EXPECT_FALSE(Budget().slice(std::numeric_limits<double>::infinity()).has_deadline());
}

TEST_F(CancellationDeathTest, first_signal_is_remembered_and_survived) {
  const auto survive = [] {
    install_signal_handlers();
    raise(SIGTERM);
    std::_Exit(cancel_signal());
  };
  EXPECT_EXIT(survive(), testing::ExitedWithCode(SIGTERM), "");
}

TEST_F(CancellationDeathTest, second_signal_ends_the_process_at_once) {
  const auto die = [](int first, int second) {
    install_signal_handlers();
    raise(first);
    raise(second);
    std::_Exit(0);
  };
  EXPECT_EXIT(die(SIGINT, SIGINT), testing::KilledBySignal(SIGINT), "");
  EXPECT_EXIT(die(SIGINT, SIGTERM), testing::KilledBySignal(SIGTERM), "");
}

TEST(Memory, of_process_and_machine_is_known_on_linux) {
  EXPECT_GT(resident_memory(), 0U);
  EXPECT_GT(available_memory(), 0U);
  std::vector<char> block(64 << 20, 'x');
  EXPECT_GE(peak_resident_memory(), block.size());
}

}  // namespace
}  // namespace astrolabe
