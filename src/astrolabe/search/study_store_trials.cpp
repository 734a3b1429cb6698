// SPDX-License-Identifier: Apache-2.0
// Trials: made, claimed, reported, ended.
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "astrolabe/base/error.h"
#include "astrolabe/search/study_store.h"
#include "astrolabe/search/study_store_state.h"
#include "astrolabe/search/study_store_worker.h"

namespace astrolabe {
namespace {

constexpr auto kWaiting = static_cast<std::int64_t>(TrialState::waiting);
constexpr auto kRunning = static_cast<std::int64_t>(TrialState::running);

void require_end(const TrialEnd& end) {
  ASTROLABE_CHECK(end.state >= TrialState::complete, "an end is complete, pruned or failed");
  ASTROLABE_CHECK(end.state != TrialState::complete || std::isfinite(end.cost),
                  "a trial without a finite cost has failed");
}

}  // namespace

std::optional<Claim> StudyStore::State::insert(const NewTrial& trial, TrialState trial_state,
                                               std::string_view worker) {
  const std::int64_t number = study();
  const std::string hash = key_hash(trial.key);
  if (!run("SELECT id FROM trials WHERE study = ? AND key_hash = ?", {number, hash}).empty())
    return std::nullopt;
  const auto next = run("UPDATE studies SET trials = trials + 1 WHERE id = ? RETURNING trials", {number});
  const bool runs = trial_state == TrialState::running;
  const auto made = run(
      "INSERT INTO trials(study, id, point, key_text, key_hash, proposer, state, attempt, worker, "
      "lease_until)"
      " VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, {now} + ?) ON CONFLICT(study, key_hash) DO NOTHING RETURNING id",
      {number, next.at(0)[0], clean_text(trial.point), clean_text(trial.key), hash, clean_text(trial.by),
       static_cast<std::int64_t>(trial_state), std::int64_t{runs},
       runs ? SqlValue(clean_text(worker)) : SqlValue(), lease_seconds()});
  if (made.empty()) {
    // Somebody made it while we waited for the study's row, which is ours until we commit.
    run("UPDATE studies SET trials = trials - 1 WHERE id = ?", {number});
    return std::nullopt;
  }
  return Claim{.trial = count_of(made[0][0]), .attempt = runs ? 1U : 0U, .what = trial};
}

void StudyStore::State::write_end(std::int64_t trial, const TrialEnd& end) {
  // The study's row stays locked until the commit: numbers are given in the order of commits.
  const auto number =
      run("UPDATE studies SET ended = ended + 1, pruned = pruned + ?, failed = failed + ? WHERE id = ?"
          " RETURNING ended",
          {std::int64_t{end.state == TrialState::pruned}, std::int64_t{end.state == TrialState::failed},
           study()});
  run("UPDATE trials SET state = ?, cost = ?, low = ?, high = ?, seconds = ?, reason = ?, outcome = ?,"
      " finished = ?, ended_at = {now} WHERE study = ? AND id = ?",
      {static_cast<std::int64_t>(end.state), end.cost, end.low, end.high, end.seconds, clean_text(end.reason),
       clean_text(end.outcome), number.at(0)[0], study(), trial});
}

bool StudyStore::State::end(const Claim& claim, const TrialEnd& end) {
  const auto trial = static_cast<std::int64_t>(claim.trial);
  const auto found =
      run("SELECT attempt, state FROM trials WHERE study = ? AND id = ? {lock}", {study(), trial});
  if (found.empty() || count_of(found[0][0]) != claim.attempt) return false;
  // Ended, and by this very attempt: the caller repeats what it got no answer for.
  if (whole(found[0][1]) != kRunning) return whole(found[0][1]) != kWaiting;
  write_end(trial, end);
  return true;
}

std::optional<Claim> StudyStore::start(const NewTrial& trial, std::string_view worker) {
  return state_->connection->transaction([&] { return state_->insert(trial, TrialState::running, worker); });
}

bool StudyStore::enqueue(const NewTrial& trial) {
  return state_->connection->transaction(
      [&] { return state_->insert(trial, TrialState::waiting, {}).has_value(); });
}

bool StudyStore::finish(const Claim& claim, const TrialEnd& end) {
  require_end(end);
  return state_->connection->transaction([&] { return state_->end(claim, end); });
}

std::optional<Claim> StudyStore::finish_and_start(const Claim& claim, const TrialEnd& end,
                                                  const NewTrial& next, std::string_view worker,
                                                  bool& accepted) {
  require_end(end);
  return state_->connection->transaction([&] {
    accepted = state_->end(claim, end);
    return state_->insert(next, TrialState::running, worker);
  });
}

bool StudyStore::keep_alive(const Claim& claim) {
  return state_->connection->transaction([&] {
    return !state_
                ->run(
                    "UPDATE trials SET lease_until = {now} + ?"
                    " WHERE study = ? AND id = ? AND attempt = ? AND state = 1 RETURNING id",
                    {state_->lease_seconds(), state_->study(), static_cast<std::int64_t>(claim.trial),
                     static_cast<std::int64_t>(claim.attempt)})
                .empty();
  });
}

bool StudyStore::give_back(const Claim& claim) {
  return state_->connection->transaction([&] {
    // Whoever gives back writes nothing more under this attempt, so its number may be given out again.
    return !state_
                ->run(
                    "UPDATE trials SET state = 0, attempt = attempt - 1, worker = NULL"
                    " WHERE study = ? AND id = ? AND attempt = ? AND state = 1 RETURNING id",
                    {state_->study(), static_cast<std::int64_t>(claim.trial),
                     static_cast<std::int64_t>(claim.attempt)})
                .empty();
  });
}

bool StudyStore::report(const Claim& claim, const StepCost& step) {
  ASTROLABE_CHECK(std::isfinite(step.cost), "a step has a finite cost");
  return state_->connection->transaction([&] {
    const std::int64_t study = state_->study();
    const auto trial = static_cast<std::int64_t>(claim.trial);
    const auto ours = state_->run(
        "UPDATE trials SET lease_until = {now} + ?"
        " WHERE study = ? AND id = ? AND attempt = ? AND state = 1 RETURNING id",
        {state_->lease_seconds(), study, trial, static_cast<std::int64_t>(claim.attempt)});
    if (ours.empty()) return false;
    state_->run(
        "INSERT INTO steps(study, trial, step, cost, low, high) VALUES(?, ?, ?, ?, ?, ?)"
        " ON CONFLICT(study, trial, step) DO UPDATE SET cost = excluded.cost, low = excluded.low,"
        " high = excluded.high",
        {study, trial, static_cast<std::int64_t>(step.step), step.cost, step.low, step.high});
    return true;
  });
}

// ---- Claiming.

std::vector<std::string> StudyStore::State::dead_workers(std::string_view worker) {
  std::vector<std::string> dead;
  for (const SqlRow& row :
       run("SELECT DISTINCT worker FROM trials WHERE study = ? AND state = 1 ORDER BY worker", {study()})) {
    const std::string other = text(row[0]);
    if (other != worker && worker_is_dead(other, is_file())) dead.push_back(other);
  }
  return dead;
}

namespace {

// Columns: id, attempt, state, point, key, proposer.
constexpr std::string_view kOfTheDead =
    "SELECT id, attempt, state, point, key_text, proposer FROM trials"
    " WHERE study = ? AND state = 1 AND worker = ? ORDER BY id LIMIT 1 {skip}";
constexpr std::string_view kWaitingOrLeft =
    "SELECT id, attempt, state, point, key_text, proposer FROM trials"
    " WHERE study = ? AND state < 2 AND (state = 0 OR lease_until < {now}) ORDER BY id LIMIT 1 {skip}";

}  // namespace

std::optional<Claim> StudyStore::State::take_next(const std::vector<std::string>& dead,
                                                  std::string_view worker) {
  const std::int64_t number = study();
  for (;;) {
    std::vector<SqlRow> found;
    for (const std::string& other : dead) {
      if (found.empty()) found = run(kOfTheDead, {number, other});
    }
    if (found.empty()) found = run(kWaitingOrLeft, {number});
    if (found.empty()) return std::nullopt;
    const SqlRow& row = found[0];
    run("DELETE FROM steps WHERE study = ? AND trial = ?", {number, row[0]});
    // Whoever had it is fenced off from here on, also when it is given up.
    run("UPDATE trials SET attempt = attempt + 1, state = 1, worker = ?, lease_until = {now} + ?"
        " WHERE study = ? AND id = ?",
        {clean_text(worker), lease_seconds(), number, row[0]});
    const std::uint64_t attempts = count_of(row[1]);
    if (attempts < kMaxAttempts) {
      return Claim{.trial = count_of(row[0]),
                   .attempt = attempts + 1,
                   .what = {.point = text(row[3]), .key = text(row[4]), .by = text(row[5])}};
    }
    write_end(whole(row[0]), {.state = TrialState::failed,
                              .reason = fmt::format(
                                  "given up: {} workers died or fell silent while they had it", attempts)});
  }
}

std::optional<Claim> StudyStore::claim(std::string_view worker) {
  State& state = *state_;
  // Mostly there is nothing to take, so look before locking.
  std::vector<std::string> dead;
  const bool any = state.connection->read([&] {
    dead = state.dead_workers(worker);
    if (!dead.empty()) return true;
    return !state
                .run(
                    "SELECT id FROM trials WHERE study = ? AND state < 2 AND (state = 0 OR lease_until < "
                    "{now})"
                    " ORDER BY id LIMIT 1",
                    {state.study()})
                .empty();
  });
  if (!any) return std::nullopt;
  return state.connection->transaction([&] { return state.take_next(dead, worker); });
}

}  // namespace astrolabe
