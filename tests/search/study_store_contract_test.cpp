// SPDX-License-Identifier: Apache-2.0
// What a study promises, on SQLite and on PostgreSQL alike.
#include <cmath>
#include <functional>
#include <limits>
#include <vector>

#include "tests/search/study_backends.h"
#include <gtest/gtest.h>

#include "astrolabe/base/error.h"

namespace astrolabe {
namespace {

void expect_error(ErrorKind kind, const std::string& part, const std::function<void()>& action) {
  try {
    action();
    ADD_FAILURE() << "expected: " << part;
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), kind) << error.what();
    EXPECT_NE(std::string(error.what()).find(part), std::string::npos) << error.what();
  }
}

std::vector<std::uint64_t> ids_of(const std::vector<TrialRecord>& records) {
  std::vector<std::uint64_t> ids;
  for (const TrialRecord& record : records) ids.push_back(record.id);
  return ids;
}

class StudyStoreContract : public AnyStudy {
 protected:
  // The id of a new trial that ended so.
  static std::uint64_t ended(StudyStore& store, std::uint64_t number, const TrialEnd& end) {
    const std::optional<Claim> claim = store.start(numbered_trial(number), "me");
    EXPECT_TRUE(claim && store.finish(*claim, end));
    return claim ? claim->trial : 0;
  }
};

TEST_P(StudyStoreContract, knows_its_head_once_created) {
  StudyStore store = StudyStore::open(address_);
  EXPECT_FALSE(store.head());
  store.create({.space = "s", .data_hash = "d", .options = {{"a", "1"}, {"b", ""}}});
  StudyStore other = StudyStore::open(address_);
  const std::optional<StudyHead> head = other.head();
  ASSERT_TRUE(head);
  EXPECT_EQ(head->space, "s");
  EXPECT_EQ(head->data_hash, "d");
  EXPECT_EQ(head->options, (std::map<std::string, std::string>{{"a", "1"}, {"b", ""}}));
}

TEST_P(StudyStoreContract, is_created_again_as_the_same_only) {
  StudyStore store = StudyStore::open(address_);
  const StudyHead head = {.space = "s", .data_hash = "d", .options = {{"a", "1"}}};
  store.create(head);
  EXPECT_NO_THROW(store.create(head));
  StudyHead other = head;
  other.space = "t";
  expect_error(ErrorKind::bad_input, "found another space. Ask for the same as then",
               [&] { store.create(other); });
  other = head;
  other.data_hash = "e";
  expect_error(ErrorKind::bad_input, "found other data", [&] { store.create(other); });
  other = head;
  other.options["a"] = "2";
  expect_error(ErrorKind::bad_input, "found a 1", [&] { store.create(other); });
  other = head;
  other.options["b"] = "2";
  expect_error(ErrorKind::bad_input, "found b not given", [&] { store.create(other); });
  EXPECT_EQ(store.head()->options, head.options);
}

TEST_P(StudyStoreContract, that_is_not_there_is_a_usage_error) {
  StudyStore store = StudyStore::open(address_);
  expect_error(ErrorKind::usage, "found none there. Check --name",
               [&] { static_cast<void>(store.start(numbered_trial(1), "me")); });
  expect_error(ErrorKind::usage, "one of the name " + address_.name,
               [&] { static_cast<void>(store.counts()); });
}

TEST_P(StudyStoreContract, shares_its_database_with_studies_of_other_names) {
  StudyStore one = new_study();
  StudyAddress elsewhere = address_;
  elsewhere.name += " 2";
  StudyStore two = StudyStore::open(elsewhere);
  two.create({.space = "another", .data_hash = {}, .options = {}});
  EXPECT_EQ(ended(one, 1, {.cost = 1}), 1U);
  EXPECT_EQ(ended(two, 1, {.cost = 2}), 1U);
  EXPECT_EQ(ended(one, 2, {.cost = 3}), 2U);
  EXPECT_EQ(one.counts().total, 2U);
  EXPECT_EQ(two.counts().total, 1U);
  EXPECT_EQ(two.best(9).at(0).end.cost, 2);
}

TEST_P(StudyStoreContract, keeps_notes_and_counters) {
  StudyStore store = new_study();
  EXPECT_TRUE(store.notes().empty());
  EXPECT_TRUE(store.counters().empty());
  store.set_note("proposer.summary", "a");
  store.set_note("proposer.summary", "b");
  store.set_note("used", "1.5");
  store.add_to_counter("duplicates", 2);
  store.add_to_counter("duplicates", 3);
  store.add_to_counter("refused", -1);
  EXPECT_EQ(store.notes(), (std::map<std::string, std::string>{{"proposer.summary", "b"}, {"used", "1.5"}}));
  EXPECT_EQ(store.counters(), (std::map<std::string, std::int64_t>{{"duplicates", 5}, {"refused", -1}}));
}

TEST_P(StudyStoreContract, gives_back_a_trial_as_it_was_told) {
  StudyStore store = new_study();
  const NewTrial trial = {.point = R"({"x":0.1})", .key = std::string(5000, 'k'), .by = "evolution"};
  const std::optional<Claim> claim = store.start(trial, "me");
  ASSERT_TRUE(claim);
  EXPECT_EQ(claim->trial, 1U);
  EXPECT_EQ(claim->attempt, 1U);
  EXPECT_EQ(claim->what.key, trial.key);
  const std::vector<StepCost> steps = {{.step = 0, .cost = 0.1, .low = -1, .high = 1e300},
                                       {.step = 7, .cost = -0.5, .low = -0.5, .high = -0.5}};
  EXPECT_TRUE(store.report(*claim, {.step = 7, .cost = 9, .low = 9, .high = 9}));
  for (const StepCost& step : steps) EXPECT_TRUE(store.report(*claim, step));
  EXPECT_EQ(store.trial(1)->end.state, TrialState::running);
  EXPECT_EQ(store.trial(1)->finished, 0U);
  EXPECT_TRUE(store.finish(*claim, {.state = TrialState::pruned,
                                    .cost = -0.5,
                                    .low = -0.75,
                                    .high = std::numeric_limits<double>::infinity(),
                                    .seconds = 1.25,
                                    .reason = "behind the best third",
                                    .outcome = R"({"folds":[1,2]})"}));
  for (const std::optional<TrialRecord>& found : {store.trial(1), store.trial_with_key(trial.key)}) {
    ASSERT_TRUE(found);
    EXPECT_EQ(found->id, 1U);
    EXPECT_EQ(found->attempt, 1U);
    EXPECT_EQ(found->what.point, trial.point);
    EXPECT_EQ(found->what.key, trial.key);
    EXPECT_EQ(found->what.by, trial.by);
    EXPECT_EQ(found->end.state, TrialState::pruned);
    EXPECT_EQ(found->end.cost, -0.5);
    EXPECT_EQ(found->end.low, -0.75);
    EXPECT_EQ(found->end.high, std::numeric_limits<double>::infinity());
    EXPECT_EQ(found->end.seconds, 1.25);
    EXPECT_EQ(found->end.reason, "behind the best third");
    EXPECT_EQ(found->end.outcome, R"({"folds":[1,2]})");
    EXPECT_EQ(found->finished, 1U);
    EXPECT_EQ(found->steps, steps);
  }
  EXPECT_FALSE(store.trial(2));
  EXPECT_FALSE(store.trial_with_key("another"));
}

TEST_P(StudyStoreContract, survives_the_last_words_of_any_program) {
  StudyStore store = new_study();
  const std::string noise("a\0b\xff\xc3(\xe2\x98\x86'\"?$1", 14);
  const std::optional<Claim> claim = store.start({.point = "{}", .key = noise, .by = "random"}, "me");
  ASSERT_TRUE(claim);
  EXPECT_TRUE(store.finish(*claim, {.state = TrialState::failed, .reason = noise}));
  EXPECT_EQ(store.trial(1)->end.reason,
            "a?b?"
            "?(\xe2\x98\x86'\"?$1");
  EXPECT_FALSE(store.start({.point = "{}", .key = noise, .by = "random"}, "me"));
  EXPECT_TRUE(store.trial_with_key(noise));
}

TEST_P(StudyStoreContract, has_a_key_once) {
  StudyStore store = new_study();
  EXPECT_TRUE(store.start(numbered_trial(1), "me"));
  EXPECT_FALSE(store.start(numbered_trial(1), "you"));
  EXPECT_FALSE(store.enqueue(numbered_trial(1)));
  EXPECT_TRUE(store.enqueue(numbered_trial(2)));
  EXPECT_FALSE(store.start(numbered_trial(2), "me"));
  // Numbers have no gaps where a key was refused.
  EXPECT_EQ(store.start(numbered_trial(3), "me")->trial, 3U);
  EXPECT_EQ(store.counts().total, 3U);
}

TEST_P(StudyStoreContract, counts_every_state) {
  StudyStore store = new_study();
  EXPECT_EQ(store.counts().total, 0U);
  ended(store, 1, {.cost = 1});
  ended(store, 2, {.cost = 1});
  ended(store, 3, {.state = TrialState::pruned, .cost = 1});
  ended(store, 4, {.state = TrialState::failed, .reason = "crashed"});
  EXPECT_TRUE(store.start(numbered_trial(5), "me"));
  EXPECT_TRUE(store.enqueue(numbered_trial(6)));
  EXPECT_TRUE(store.enqueue(numbered_trial(7)));
  const TrialCounts counts = store.counts();
  EXPECT_EQ(counts.total, 7U);
  EXPECT_EQ(counts.complete, 2U);
  EXPECT_EQ(counts.pruned, 1U);
  EXPECT_EQ(counts.failed, 1U);
  EXPECT_EQ(counts.running, 1U);
  EXPECT_EQ(counts.waiting, 2U);
}

TEST_P(StudyStoreContract, numbers_ends_in_the_order_in_which_they_came) {
  StudyStore store = new_study();
  std::vector<Claim> claims;
  for (std::uint64_t i = 1; i <= 4; ++i) claims.push_back(store.start(numbered_trial(i), "me").value());
  for (const std::size_t i : {2U, 0U, 3U}) {
    EXPECT_TRUE(store.report(claims[i], {.step = 0, .cost = double(i), .low = 0, .high = 9}));
    EXPECT_TRUE(store.finish(claims[i], {.cost = double(i)}));
  }
  const auto all = store.finished_after(0, 100);
  EXPECT_EQ(ids_of(all), (std::vector<std::uint64_t>{3, 1, 4}));
  for (std::size_t i = 0; i < all.size(); ++i) {
    EXPECT_EQ(all[i].finished, i + 1);
    ASSERT_EQ(all[i].steps.size(), 1U);
    EXPECT_EQ(all[i].steps[0].cost, all[i].end.cost);
  }
  EXPECT_EQ(ids_of(store.finished_after(1, 1)), (std::vector<std::uint64_t>{1}));
  EXPECT_EQ(ids_of(store.finished_after(2, SIZE_MAX)), (std::vector<std::uint64_t>{4}));
  EXPECT_TRUE(store.finished_after(3, 100).empty());
}

TEST_P(StudyStoreContract, knows_the_best_the_earlier_of_equals_first) {
  StudyStore store = new_study();
  ended(store, 1, {.cost = 2});
  ended(store, 2, {.cost = 1});
  ended(store, 3, {.state = TrialState::pruned, .cost = 0});
  ended(store, 4, {.state = TrialState::failed, .cost = -9});
  ended(store, 5, {.cost = 1});
  ended(store, 6, {.cost = -3});
  EXPECT_EQ(ids_of(store.best(3)), (std::vector<std::uint64_t>{6, 2, 5}));
  EXPECT_EQ(ids_of(store.best(100)), (std::vector<std::uint64_t>{6, 2, 5, 1}));
}

TEST_P(StudyStoreContract, tells_what_others_had_at_a_step) {
  StudyStore store = new_study();
  for (std::uint64_t i = 1; i <= 4; ++i) {
    const Claim claim = store.start(numbered_trial(i), "me").value();
    for (std::size_t step = 0; step < i; ++step)
      EXPECT_TRUE(store.report(claim, {.step = step, .cost = double(i), .low = 0, .high = 9}));
  }
  const std::vector<StepCost> at_two = {{.step = 2, .cost = 4, .low = 0, .high = 9},
                                        {.step = 2, .cost = 3, .low = 0, .high = 9}};
  EXPECT_EQ(store.costs_at(2, 1), at_two);
  EXPECT_EQ(store.costs_at(2, 4), std::vector<StepCost>{at_two[1]});
  EXPECT_TRUE(store.costs_at(4, 1).empty());
}

TEST_P(StudyStoreContract, refuses_a_complete_trial_without_a_finite_cost_as_our_fault) {
  StudyStore store = new_study();
  const Claim claim = store.start(numbered_trial(1), "me").value();
  const double nan = std::nan("");
  EXPECT_THROW(static_cast<void>(store.finish(claim, {.cost = nan})), InternalError);
  EXPECT_THROW(static_cast<void>(store.report(claim, {.step = 0, .cost = nan, .low = 0, .high = 0})),
               InternalError);
  EXPECT_THROW(static_cast<void>(store.finish(claim, {.state = TrialState::waiting})), InternalError);
  EXPECT_EQ(store.trial(1)->end.state, TrialState::running);
}

TEST_P(StudyStoreContract, counts_openings_of_each_slice) {
  StudyStore store = new_study();
  EXPECT_EQ(store.record_opening("score", "first"), 1U);
  EXPECT_EQ(store.record_opening("score", "second"), 2U);
  EXPECT_EQ(store.record_opening("proof", "first"), 1U);
  EXPECT_EQ(new_study().record_opening("score", "third"), 3U);
}

INSTANTIATE_TEST_SUITE_P(Both, StudyStoreContract, any_backend(), backend_name);

}  // namespace
}  // namespace astrolabe
