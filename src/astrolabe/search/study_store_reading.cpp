// SPDX-License-Identifier: Apache-2.0
// What a study knows: counts, ends, the best, what others had at a step.
#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "astrolabe/search/study_store.h"
#include "astrolabe/search/study_store_state.h"

namespace astrolabe {
namespace {

constexpr std::string_view kColumns =
    "id, point, key_text, proposer, attempt, state, cost, low, high, seconds, reason, outcome, finished, "
    "ended_at";

TrialRecord record_of(const SqlRow& row) {
  TrialRecord record{.id = count_of(row[0]),
                     .what = {.point = text(row[1]), .key = text(row[2]), .by = text(row[3])},
                     .attempt = count_of(row[4]),
                     .end = {.state = static_cast<TrialState>(whole(row[5]))},
                     .steps = {},
                     .finished = std::holds_alternative<std::int64_t>(row[12]) ? count_of(row[12]) : 0};
  if (record.finished > 0) {
    record.end.cost = real(row[6]);
    record.end.low = real(row[7]);
    record.end.high = real(row[8]);
    record.end.seconds = real(row[9]);
    record.end.reason = text(row[10]);
    record.end.outcome = text(row[11]);
    record.ended_at = real(row[13]);
  }
  return record;
}

StepCost step_of(const SqlRow& row) {
  return {.step = static_cast<std::size_t>(count_of(row[0])),
          .cost = real(row[1]),
          .low = real(row[2]),
          .high = real(row[3])};
}

std::int64_t limited(std::size_t limit) {
  return static_cast<std::int64_t>(std::min<std::size_t>(limit, INT64_MAX));
}

}  // namespace

std::vector<TrialRecord> StudyStore::State::records(std::string_view tail, const SqlRow& values) {
  const SqlValue number = study();
  SqlRow bound = {number};
  bound.insert(bound.end(), values.begin(), values.end());
  std::vector<TrialRecord> records;
  std::map<std::uint64_t, std::size_t> place;
  for (const SqlRow& row :
       run(fmt::format("SELECT {} FROM trials WHERE study = ? AND {}", kColumns, tail), bound)) {
    records.push_back(record_of(row));
    place[records.back().id] = records.size() - 1;
  }
  if (records.empty()) return records;
  SqlRow bound_twice = {number};
  bound_twice.insert(bound_twice.end(), bound.begin(), bound.end());
  for (const SqlRow& row :
       run(fmt::format("SELECT step, cost, low, high, trial FROM steps WHERE study = ? AND trial IN"
                       " (SELECT id FROM trials WHERE study = ? AND {}) ORDER BY trial, step",
                       tail),
           bound_twice)) {
    records[place.at(count_of(row[4]))].steps.push_back(step_of(row));
  }
  return records;
}

TrialCounts StudyStore::counts() {
  return state_->connection->read([&] {
    const std::int64_t study = state_->study();
    const auto rows = state_->run(
        "SELECT trials, ended, pruned, failed,"
        " (SELECT count(*) FROM trials t WHERE t.study = s.id AND t.state = 1) FROM studies s WHERE s.id = ?",
        {study});
    const SqlRow& row = rows.at(0);
    TrialCounts counts;
    counts.total = count_of(row[0]);
    counts.pruned = count_of(row[2]);
    counts.failed = count_of(row[3]);
    counts.complete = count_of(row[1]) - counts.pruned - counts.failed;
    counts.running = count_of(row[4]);
    counts.waiting = counts.total - count_of(row[1]) - counts.running;
    return counts;
  });
}

std::uint64_t StudyStore::leased() {
  return state_->connection->read([&] {
    const auto rows =
        state_->run("SELECT count(*) FROM trials WHERE study = ? AND state = 1 AND lease_until >= {now}",
                    {state_->study()});
    return count_of(rows.at(0)[0]);
  });
}

std::vector<TrialRecord> StudyStore::finished_after(std::uint64_t finished, std::size_t limit) {
  return state_->connection->read([&] {
    return state_->records("finished > ? ORDER BY finished LIMIT ?",
                           {static_cast<std::int64_t>(finished), limited(limit)});
  });
}

std::optional<TrialRecord> StudyStore::trial(std::uint64_t id) {
  return state_->connection->read([&]() -> std::optional<TrialRecord> {
    auto found = state_->records("id = ?", {static_cast<std::int64_t>(id)});
    if (found.empty()) return std::nullopt;
    return std::move(found[0]);
  });
}

std::optional<TrialRecord> StudyStore::trial_with_key(std::string_view key) {
  return state_->connection->read([&]() -> std::optional<TrialRecord> {
    auto found = state_->records("key_hash = ?", {key_hash(key)});
    if (found.empty()) return std::nullopt;
    return std::move(found[0]);
  });
}

std::vector<TrialRecord> StudyStore::best(std::size_t limit) {
  return state_->connection->read(
      [&] { return state_->records("state = 2 ORDER BY cost, id LIMIT ?", {limited(limit)}); });
}

std::vector<StepCost> StudyStore::costs_at(std::size_t step, std::uint64_t except) {
  return state_->connection->read([&] {
    std::vector<StepCost> costs;
    for (const SqlRow& row :
         state_->run("SELECT step, cost, low, high FROM steps WHERE study = ? AND step = ? AND trial <> ?"
                     " ORDER BY trial DESC LIMIT ?",
                     {state_->study(), static_cast<std::int64_t>(step), static_cast<std::int64_t>(except),
                      static_cast<std::int64_t>(kMaxPeers)}))
      costs.push_back(step_of(row));
    return costs;
  });
}

}  // namespace astrolabe
