// SPDX-License-Identifier: Apache-2.0
// Who may work on a trial of a study, and whose words about it count: claims, leases, many workers at once.
// On SQLite and on PostgreSQL alike.
#include <chrono>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "tests/search/study_backends.h"
#include <gtest/gtest.h>

namespace astrolabe {
namespace {

using std::chrono::milliseconds;

class StudyStoreClaims : public AnyStudy {};

TEST_P(StudyStoreClaims, hands_out_what_waits_in_order) {
  StudyStore store = new_study();
  EXPECT_FALSE(store.claim("me"));
  EXPECT_TRUE(store.enqueue(numbered_trial(1)));
  EXPECT_TRUE(store.enqueue(numbered_trial(2)));
  for (std::uint64_t i = 1; i <= 2; ++i) {
    const std::optional<Claim> claim = store.claim("me");
    ASSERT_TRUE(claim);
    EXPECT_EQ(claim->trial, i);
    EXPECT_EQ(claim->attempt, 1U);
    EXPECT_EQ(claim->what.point, numbered_trial(i).point);
    EXPECT_EQ(claim->what.key, numbered_trial(i).key);
    EXPECT_EQ(claim->what.by, "random");
  }
  EXPECT_FALSE(store.claim("me"));
}

TEST_P(StudyStoreClaims, refuses_the_late_words_of_a_worker_that_was_thought_dead) {
  StudyStore store = new_study(milliseconds(1));
  const Claim zombie = store.start(numbered_trial(1), "zombie").value();
  EXPECT_TRUE(store.report(zombie, {.step = 0, .cost = 5, .low = 5, .high = 5}));
  std::this_thread::sleep_for(milliseconds(10));
  const std::optional<Claim> claim = store.claim("me");
  ASSERT_TRUE(claim);
  EXPECT_EQ(claim->trial, zombie.trial);
  EXPECT_EQ(claim->attempt, 2U);
  // What it had reported is forgotten, and what it says is not heard.
  EXPECT_TRUE(store.costs_at(0, 9).empty());
  EXPECT_FALSE(store.keep_alive(zombie));
  EXPECT_FALSE(store.report(zombie, {.step = 1, .cost = 5, .low = 5, .high = 5}));
  EXPECT_FALSE(store.finish(zombie, {.cost = -100}));
  bool accepted = true;
  EXPECT_TRUE(store.finish_and_start(zombie, {.cost = -100}, numbered_trial(2), "zombie", accepted));
  EXPECT_FALSE(accepted);
  EXPECT_TRUE(store.finish(*claim, {.cost = 1}));
  EXPECT_FALSE(store.finish(zombie, {.cost = -100}));
  EXPECT_EQ(store.trial(1)->end.cost, 1);
  EXPECT_EQ(store.trial(1)->attempt, 2U);
  EXPECT_TRUE(store.trial(1)->steps.empty());
  EXPECT_EQ(store.counts().complete, 1U);
}

TEST_P(StudyStoreClaims, takes_a_late_end_when_nobody_else_had_the_trial) {
  StudyStore store = new_study(milliseconds(1));
  const Claim slow = store.start(numbered_trial(1), "slow").value();
  std::this_thread::sleep_for(milliseconds(10));
  EXPECT_TRUE(store.finish(slow, {.cost = 1}));
}

TEST_P(StudyStoreClaims, hears_an_end_that_is_repeated_but_counts_it_once) {
  StudyStore store = new_study();
  const Claim claim = store.start(numbered_trial(1), "me").value();
  EXPECT_TRUE(store.finish(claim, {.cost = 1}));
  EXPECT_TRUE(store.finish(claim, {.cost = 2}));
  EXPECT_EQ(store.trial(1)->end.cost, 1);
  EXPECT_EQ(store.counts().complete, 1U);
  EXPECT_EQ(store.finished_after(0, 9).size(), 1U);
  EXPECT_FALSE(store.report(claim, {.step = 0, .cost = 1, .low = 1, .high = 1}));
  EXPECT_FALSE(store.keep_alive(claim));
}

TEST_P(StudyStoreClaims, leaves_a_trial_to_those_who_keep_it_alive) {
  // A lease that a busy disk does not use up, and words for longer than that.
  StudyStore store = new_study(milliseconds(2500));
  const Claim claim = store.start(numbered_trial(1), "one").value();
  for (int i = 0; i < 12; ++i) {
    std::this_thread::sleep_for(milliseconds(250));
    EXPECT_TRUE(i % 2 == 0 ? store.keep_alive(claim)
                           : store.report(claim, {.step = 0, .cost = 1, .low = 1, .high = 1}));
    EXPECT_FALSE(store.claim("two"));
  }
  std::this_thread::sleep_for(milliseconds(2600));
  EXPECT_TRUE(store.claim("two"));
}

TEST_P(StudyStoreClaims, gives_up_a_trial_that_nobody_survives) {
  StudyStore store = new_study(milliseconds(1));
  Claim last = store.start(numbered_trial(1), "one").value();
  EXPECT_TRUE(store.start(numbered_trial(2), "one"));
  for (std::uint64_t attempt = 2; attempt <= StudyStore::kMaxAttempts; ++attempt) {
    std::this_thread::sleep_for(milliseconds(10));
    const std::optional<Claim> claim = store.claim("two");
    ASSERT_TRUE(claim);
    EXPECT_EQ(claim->trial, 1U);
    EXPECT_EQ(claim->attempt, attempt);
    last = *claim;
  }
  std::this_thread::sleep_for(milliseconds(10));
  EXPECT_EQ(store.claim("two")->trial, 2U);
  const std::optional<TrialRecord> given_up = store.trial(1);
  EXPECT_EQ(given_up->end.state, TrialState::failed);
  EXPECT_EQ(given_up->end.reason, "given up: 5 workers died or fell silent while they had it");
  EXPECT_EQ(given_up->finished, 1U);
  EXPECT_EQ(store.counts().failed, 1U);
  EXPECT_FALSE(store.finish(last, {.cost = 1}));
}

TEST_P(StudyStoreClaims, finishes_and_starts_in_one_step) {
  StudyStore store = new_study();
  const Claim first = store.start(numbered_trial(1), "me").value();
  bool accepted = false;
  const std::optional<Claim> second =
      store.finish_and_start(first, {.cost = 1}, numbered_trial(2), "me", accepted);
  EXPECT_TRUE(accepted);
  ASSERT_TRUE(second);
  EXPECT_EQ(second->trial, 2U);
  EXPECT_EQ(store.trial(1)->end.state, TrialState::complete);
  EXPECT_EQ(store.trial(2)->end.state, TrialState::running);
  accepted = false;
  EXPECT_FALSE(store.finish_and_start(*second, {.cost = 1}, numbered_trial(1), "me", accepted));
  EXPECT_TRUE(accepted);
}

TEST_P(StudyStoreClaims, lets_many_threads_make_and_end_trials_at_once) {
  constexpr std::uint64_t kThreads = 4, kTrials = 25;
  static_cast<void>(new_study());
  std::vector<std::thread> threads;
  for (std::uint64_t thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&, thread] {
      StudyStore store = new_study();
      // Neighbours ask for the same keys at the same time: one of them gets each.
      for (std::uint64_t i = 0; i < kTrials; ++i) {
        const auto claim =
            store.start(numbered_trial((thread / 2) * kTrials + i), "w" + std::to_string(thread));
        if (claim) {
          EXPECT_TRUE(store.finish(*claim, {.cost = double(i)}));
        }
        store.add_to_counter("asked", 1);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  StudyStore store = new_study();
  EXPECT_EQ(store.counts().total, 2 * kTrials);
  EXPECT_EQ(store.counts().complete, 2 * kTrials);
  EXPECT_EQ(store.counters().at("asked"), std::int64_t{kThreads * kTrials});
  const auto all = store.finished_after(0, 1000);
  std::set<std::uint64_t> ids;
  for (std::size_t i = 0; i < all.size(); ++i) {
    EXPECT_EQ(all[i].finished, i + 1);
    ids.insert(all[i].id);
  }
  EXPECT_EQ(ids.size(), 2 * kTrials);
  EXPECT_EQ(*ids.rbegin(), 2 * kTrials);
}

TEST_P(StudyStoreClaims, gives_a_waiting_trial_to_one_of_many) {
  constexpr std::uint64_t kThreads = 4, kTrials = 100;
  StudyStore store = new_study();
  for (std::uint64_t i = 0; i < kTrials; ++i) EXPECT_TRUE(store.enqueue(numbered_trial(i)));
  std::vector<std::vector<std::uint64_t>> got(kThreads);
  std::vector<std::thread> threads;
  for (std::uint64_t thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&, thread] {
      StudyStore mine = new_study();
      while (const auto claim = mine.claim("w" + std::to_string(thread))) got[thread].push_back(claim->trial);
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::set<std::uint64_t> all;
  std::size_t count = 0;
  for (const auto& some : got) {
    count += some.size();
    all.insert(some.begin(), some.end());
  }
  EXPECT_EQ(count, kTrials);
  EXPECT_EQ(all.size(), kTrials);
}

INSTANTIATE_TEST_SUITE_P(Both, StudyStoreClaims, any_backend(), backend_name);

}  // namespace
}  // namespace astrolabe
