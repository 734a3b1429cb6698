// SPDX-License-Identifier: Apache-2.0
// Where a study lives: its options, its trials, what each of them reported. SQLite in a file, or PostgreSQL
// by URL; several workers at once on either. Nothing that was acknowledged is ever lost, and no trial counted
// twice, whoever is killed when.
//
//   StudyStore store = StudyStore::open({.url = "runs/digits/study.db"});
//   store.create({.space = space_text, .data_hash = "9f..", .options = {{"seed", "1"}}});
//   while (std::optional<Claim> claim = store.claim(me)) {       // waiting, or left by somebody who died
//     ...
//     if (!store.finish(*claim, {.state = TrialState::complete, .cost = 0.31})) ...   // somebody else has it
//   }
//
// A claim is a lease with a fencing token (`attempt`): written results count only while the attempt is the
// newest, so the late write of a worker that was thought dead is refused. Leases run by the database's clock
// only. Each call is one transaction that is durable when it returns. A database that goes away: calls throw
// `try_again` after `patience`, and may be repeated. Texts are UTF-8; other bytes become '?'. Memory does not
// grow with the study, and neither does the time of a call (but for what it returns). Not thread-safe: one
// StudyStore for each thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "astrolabe/search/trial.h"

namespace astrolabe {

struct StudyAddress {
  std::string url;             // a path, or postgresql://...
  std::string name = "study";  // which study of that database; a file holds one
  std::chrono::milliseconds patience = std::chrono::seconds(10);
  std::optional<std::chrono::milliseconds> lease = {};  // StudyStore::kLease unless a test is in a hurry

  [[nodiscard]] bool is_server() const;  // postgresql:// or postgres://
};

// What a study is about; written first, never changed.
struct StudyHead {
  std::string space;      // a text that is equal for equal spaces
  std::string data_hash;  // empty: no data
  std::map<std::string, std::string> options;
};

struct NewTrial {
  std::string point;  // as point_text
  std::string key;    // what makes it equivalent to others: at most one trial of a study has it
  std::string by;     // proposer
};

struct Claim {
  std::uint64_t trial = 0;  // from 1, in the order in which they were made
  std::uint64_t attempt = 0;
  NewTrial what;
};

struct TrialEnd {
  TrialState state = TrialState::complete;  // complete, pruned or failed
  double cost = 0;                          // of complete ones; of pruned ones at the last step
  double low = 0, high = 0;
  double seconds = 0;
  std::string reason = {};   // why it was pruned or failed
  std::string outcome = {};  // whatever the evaluator wants to know again: JSON
};

struct TrialRecord {
  std::uint64_t id = 0;
  NewTrial what;
  std::uint64_t attempt = 0;
  TrialEnd end;                 // end.state is the state also while it waits or runs
  std::vector<StepCost> steps;  // of the newest attempt
  std::uint64_t finished = 0;   // 1 for the first that ended, 2 for the next, ...; 0: not ended
  double ended_at = 0;          // by the database's clock, seconds since 1970; 0: not ended
};

struct TrialCounts {
  std::uint64_t total = 0, waiting = 0, running = 0, complete = 0, pruned = 0, failed = 0;
};

class StudyStore {
 public:
  // Creates tables when absent. Throws bad_input: not a study, of a newer schema; usage_error: a file on a
  // network file system (points to PostgreSQL), a URL that is none; try_again: no server there.
  [[nodiscard]] static StudyStore open(const StudyAddress& address);
  StudyStore(StudyStore&&) noexcept;
  StudyStore& operator=(StudyStore&&) noexcept;
  ~StudyStore();

  // ---- The study. Nothing else works before create().
  void create(const StudyHead& head);  // a second create of an equal head does nothing; of another: bad_input
  [[nodiscard]] std::optional<StudyHead> head();  // nothing: no study of that name yet
  // Small facts that may change: "proposer.summary", "seconds_used".
  void set_note(std::string_view name, std::string_view value);
  [[nodiscard]] std::map<std::string, std::string> notes();
  void add_to_counter(std::string_view name, std::int64_t amount);  // "duplicates"
  [[nodiscard]] std::map<std::string, std::int64_t> counters();

  // ---- Trials. `worker` tells who: worker_identity().
  // A new trial, running, under a lease; nothing when the study has one with that key.
  [[nodiscard]] std::optional<Claim> start(const NewTrial& trial, std::string_view worker);
  // A new trial that waits for anybody; false when the key is there.
  bool enqueue(const NewTrial& trial);
  // The first that waits, or whose lease has run out; before them those whose worker is known to be dead
  // (same machine, no such process). What it had reported is forgotten. After kMaxAttempts it becomes failed
  // instead.
  [[nodiscard]] std::optional<Claim> claim(std::string_view worker);
  // Of the next four, false means that the claim is no longer ours, and nothing was written.
  bool keep_alive(const Claim& claim);
  bool report(const Claim& claim, const StepCost& step);
  bool finish(const Claim& claim, const TrialEnd& end);
  // Back among those that wait: nothing happened but a lost attempt, which does not count.
  bool give_back(const Claim& claim);
  // Both at once, in one transaction: what a quick worker does between two trials. The new claim is absent
  // when its key is there already. `accepted` tells whether the end was written.
  [[nodiscard]] std::optional<Claim> finish_and_start(const Claim& claim, const TrialEnd& end,
                                                      const NewTrial& next, std::string_view worker,
                                                      bool& accepted);

  // ---- Reading.
  [[nodiscard]] TrialCounts counts();
  // Trials whose worker has shown life within its lease: fewer than counts().running when some were killed.
  [[nodiscard]] std::uint64_t leased();
  // Ended trials in the order in which they ended, those after `finished`; at most `limit`, with their steps.
  [[nodiscard]] std::vector<TrialRecord> finished_after(std::uint64_t finished, std::size_t limit);
  [[nodiscard]] std::optional<TrialRecord> trial(std::uint64_t id);
  [[nodiscard]] std::optional<TrialRecord> trial_with_key(std::string_view key);
  // The best `limit` complete ones, lowest cost first, the earlier id among equals.
  [[nodiscard]] std::vector<TrialRecord> best(std::size_t limit);
  // What all trials but `except` had at that step; of the newest kMaxPeers, newest first.
  [[nodiscard]] std::vector<StepCost> costs_at(std::size_t step, std::uint64_t except);

  // ---- The seal (data/seal.h). Returns how often the slice has been opened, this time included.
  std::uint64_t record_opening(std::string_view slice, std::string_view purpose);

  // Everything into the one file, before it is handed over; while somebody else has it open, the log stays
  // beside it. Nothing to do on a server.
  void checkpoint();

  static constexpr std::uint64_t kMaxAttempts = 5;
  static constexpr std::size_t kMaxPeers = 4096;
  static constexpr std::chrono::seconds kLease{60};

 private:
  struct State;
  explicit StudyStore(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// Machine, boot, process and its start, so that another process of the machine can tell whether it lives.
[[nodiscard]] std::string worker_identity();

}  // namespace astrolabe
