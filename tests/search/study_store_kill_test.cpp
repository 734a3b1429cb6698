// SPDX-License-Identifier: Apache-2.0
// Workers are killed at random moments, again and again; what they were told is done stays done, nothing is
// lost, nothing counted twice.
#include <algorithm>
#include <chrono>
#include <csignal>
#include <fstream>
#include <map>
#include <thread>
#include <vector>

#include "tests/search/study_backends.h"
#include "tests/search/study_outcome.h"
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "astrolabe/base/random.h"

namespace astrolabe {
namespace {

class StudyWorkers : public AnyStudy {
 protected:
  void start_worker() {
    const pid_t child = fork();
    if (child == 0) {
      execl(STUDY_WORKER, STUDY_WORKER, address_.url.c_str(), address_.name.c_str(), folder_.c_str(),
            nullptr);
      _exit(127);
    }
    workers_.push_back(child);
  }
  // The exit status of a worker, as waitpid gives it.
  static int wait_for(pid_t worker) {
    int status = 0;
    EXPECT_EQ(waitpid(worker, &status, 0), worker);
    return status;
  }
  void kill_one(std::size_t which) {
    const pid_t worker = workers_[which];
    workers_.erase(workers_.begin() + static_cast<std::ptrdiff_t>(which));
    kill(worker, SIGKILL);
    const int status = wait_for(worker);
    EXPECT_TRUE(WIFSIGNALED(status)) << "a worker ended by itself with " << WEXITSTATUS(status);
  }
  // Returns when another trial was acknowledged.
  void wait_for_progress() const {
    const auto size = [&] {
      std::error_code absent;
      const auto bytes = std::filesystem::file_size(folder_ / "acknowledged", absent);
      return absent ? 0 : bytes;
    };
    const auto before = size();
    for (int i = 0; i < 20000 && size() == before; ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    EXPECT_GT(size(), before) << "no trial was done in 20 s";
  }
  void end_workers() {
    std::ofstream(folder_ / "stop") << "now";
    for (const pid_t worker : workers_) EXPECT_EQ(wait_for(worker), 0);
    workers_.clear();
  }
  // Trial -> attempt, of everything that a worker was told is done.
  [[nodiscard]] std::map<std::uint64_t, std::uint64_t> acknowledged() const {
    std::map<std::uint64_t, std::uint64_t> found;
    std::ifstream file(folder_ / "acknowledged");
    for (std::uint64_t trial = 0, attempt = 0; file >> trial >> attempt;)
      EXPECT_TRUE(found.emplace(trial, attempt).second) << "trial " << trial << " was done twice";
    return found;
  }

  // Looks at every trial; returns how many had to be done again.
  [[nodiscard]] std::size_t check_everything() const;
  void kill_often(int kills, int workers, std::uint64_t seed);

  std::vector<pid_t> workers_;
};

void expect_outcome(const TrialRecord& record) {
  const std::uint64_t number = outcome_number(record.what);
  EXPECT_EQ(record.what.key, outcome_trial(number).key);
  if (record.end.reason.starts_with("given up")) {
    EXPECT_GT(record.attempt, StudyStore::kMaxAttempts);
    return;
  }
  const TrialEnd wanted = outcome_end(number);
  EXPECT_EQ(record.end.state, wanted.state);
  EXPECT_EQ(record.end.cost, wanted.cost);
  EXPECT_EQ(record.end.outcome, wanted.outcome);
  EXPECT_EQ(record.end.reason, wanted.reason);
  EXPECT_EQ(record.steps, outcome_steps(number));
}

std::size_t StudyWorkers::check_everything() const {
  StudyStore store = new_study();
  const TrialCounts counts = store.counts();
  EXPECT_EQ(counts.waiting + counts.running, 0U);
  EXPECT_EQ(counts.total, counts.complete + counts.pruned + counts.failed);
  const std::vector<TrialRecord> ends = store.finished_after(0, SIZE_MAX);
  EXPECT_EQ(ends.size(), counts.total);
  std::map<std::uint64_t, std::uint64_t> attempt_of;
  std::map<TrialState, std::uint64_t> states;
  std::size_t again = 0;
  for (std::size_t i = 0; i < ends.size(); ++i) {
    EXPECT_EQ(ends[i].finished, i + 1);
    EXPECT_TRUE(attempt_of.emplace(ends[i].id, ends[i].attempt).second) << "trial " << ends[i].id << " twice";
    expect_outcome(ends[i]);
    ++states[ends[i].end.state];
    again += ends[i].attempt > 1 ? 1U : 0U;
  }
  EXPECT_EQ(states[TrialState::complete], counts.complete);
  EXPECT_EQ(states[TrialState::pruned], counts.pruned);
  EXPECT_EQ(states[TrialState::failed], counts.failed);
  if (!attempt_of.empty()) {
    EXPECT_EQ(attempt_of.begin()->first, 1U);
    EXPECT_EQ(attempt_of.rbegin()->first, counts.total);
  }
  for (const auto& [trial, attempt] : acknowledged()) {
    const auto kept = attempt_of.find(trial);
    EXPECT_TRUE(kept != attempt_of.end() && kept->second == attempt)
        << "trial " << trial << " was acknowledged";
  }
  return again;
}

void StudyWorkers::kill_often(int kills, int workers, std::uint64_t seed) {
  static_cast<void>(new_study());
  RandomStream random(Key::from_seed(seed));
  for (int i = 0; i < workers; ++i) start_worker();
  for (int i = 0; i < kills; ++i) {
    // Half of the kills may hit a worker that only starts; before the others something was done.
    if (i % 2 == 0) wait_for_progress();
    std::this_thread::sleep_for(std::chrono::microseconds(random.below(30000)));
    kill_one(random.below(workers_.size()));
    start_worker();
  }
  end_workers();
  const std::size_t again = check_everything();
  EXPECT_GE(acknowledged().size(), static_cast<std::size_t>(kills / 2));
  EXPECT_GT(again, 0U) << "no kill ever hit a trial: the test showed nothing";
  RecordProperty("done_again", static_cast<int>(again));
  RecordProperty("trials", static_cast<int>(acknowledged().size()));
}

TEST_P(StudyWorkers, killed_20_times_lose_nothing_and_do_nothing_twice) {
  kill_often(20, GetParam() == Backend::sqlite ? 1 : 8, 20);
}

TEST_P(StudyWorkers, killed_200_times_lose_nothing_and_do_nothing_twice) {
  kill_often(200, GetParam() == Backend::sqlite ? 1 : 8, 200);
}

TEST_P(StudyWorkers, of_several_processes_never_have_one_trial) {
  StudyStore store = new_study();
  for (std::uint64_t i = 1; i <= 100; ++i) EXPECT_TRUE(store.enqueue(outcome_trial(i)));
  std::ofstream(folder_ / "stop") << "when the queue is empty";
  for (int i = 0; i < 4; ++i) start_worker();
  end_workers();
  EXPECT_EQ(check_everything(), 0U);
  EXPECT_EQ(acknowledged().size(), 100U);
}

TEST_P(StudyWorkers, left_by_a_killed_one_are_taken_at_once) {
  StudyStore store = new_study();
  do {
    start_worker();
    wait_for_progress();
    kill_one(0);
  } while (store.counts().running == 0);  // until it had a trial when it was killed
  const std::optional<Claim> claim = store.claim(worker_identity());
  ASSERT_TRUE(claim) << "the lease is a minute, but its holder is known to be dead";
  EXPECT_GT(claim->attempt, 1U);
}

INSTANTIATE_TEST_SUITE_P(Both, StudyWorkers, any_backend(), backend_name);

}  // namespace
}  // namespace astrolabe
