// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/workflow/bench_workers.h"

#include <atomic>
#include <chrono>
#include <cmath>
#include <condition_variable>
#include <exception>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

#include <fmt/format.h>

#include "astrolabe/base/error.h"
#include "astrolabe/base/text.h"

namespace astrolabe {
namespace {

constexpr std::chrono::milliseconds kLookAgain{100};
constexpr std::chrono::seconds kKeepAlive{15};

bool ends_the_work(const Error& error) {
  return error.kind() == ErrorKind::failure || error.kind() == ErrorKind::try_again;
}

class Shift {
 public:
  Shift(const BenchWork& work, const Budget& budget, Progress& progress)
      : work_(work), budget_(budget), progress_(progress), me_(worker_identity()) {
    for (std::size_t i = 0; i < work.rows.size(); ++i) by_identity_[work.rows[i].identity] = i;
  }

  void run() {
    std::jthread keeper([this](const std::stop_token& stop) { guard([&] { keep_alive(stop); }); });
    {
      std::vector<std::jthread> others;
      for (std::size_t i = 1; i < work_.threads; ++i) others.emplace_back([this] { guard([&] { work(); }); });
      guard([&] { work(); });
    }
    keeper.request_stop();
    wake_.notify_all();
    keeper.join();
    progress_.finish();
    if (error_) std::rethrow_exception(error_);
  }

 private:
  // What one thread cannot deal with ends all.
  template <class Body>
  void guard(const Body& body) {
    try {
      body();
    } catch (...) {
      const std::lock_guard lock(mutex_);
      if (!error_) error_ = std::current_exception();
      has_failed_ = true;
    }
  }
  [[nodiscard]] bool must_stop() const { return has_failed_ || budget_.should_stop(); }

  void work() {
    StudyStore store = StudyStore::open(work_.where.study);
    ThreadPool pool(1);
    while (!must_stop()) {
      const std::optional<Claim> claim = store.claim(me_);
      if (!claim) {
        const TrialCounts counts = store.counts();
        if (counts.waiting + counts.running == 0) return;
        std::this_thread::sleep_for(kLookAgain);  // others have what is left
        continue;
      }
      hold(*claim, true);
      settle(store, *claim, pool);
      hold(*claim, false);
      show(store.counts());
    }
  }

  void settle(StudyStore& store, const Claim& claim, ThreadPool& pool) {
    const auto found = by_identity_.find(claim.what.key);
    ASTROLABE_CHECK(found != by_identity_.end(), "a study of this question has no other rows");
    const BenchRow& row = work_.rows[found->second];
    tell(row);
    TrialEnd end;
    try {
      const std::optional<BenchOutcome> outcome = evaluate(
          work_.plan, row, {.cache = work_.where.cache, .key = work_.key, .pool = pool, .budget = budget_});
      if (!outcome) {
        store.give_back(claim);
        return;
      }
      // A score that is undefined is worth a constant (bench_verdicts.h).
      end = {.state = TrialState::complete,
             .cost = std::isfinite(outcome->score) ? outcome->score : outcome->floor,
             .seconds = outcome->seconds,
             .outcome = outcome_json(*outcome)};
      if (!std::isfinite(end.cost)) end.cost = 0;
    } catch (const Error& error) {
      if (ends_the_work(error)) {
        store.give_back(claim);
        throw;
      }
      end = {.state = TrialState::failed, .reason = error.what()};
    }
    static_cast<void>(store.finish(claim, end));
  }

  void hold(const Claim& claim, bool is_held) {
    const std::lock_guard lock(mutex_);
    if (is_held) {
      held_[claim.trial] = claim;
    } else {
      held_.erase(claim.trial);
    }
  }

  // A fit may take longer than a lease.
  void keep_alive(const std::stop_token& stop) {
    StudyStore store = StudyStore::open(work_.where.study);
    for (;;) {
      std::unique_lock lock(mutex_);
      wake_.wait_for(lock, stop, kKeepAlive, [] { return false; });
      if (stop.stop_requested()) return;
      const std::map<std::uint64_t, Claim> held = held_;
      lock.unlock();
      for (const auto& [trial, claim] : held) try {
          static_cast<void>(store.keep_alive(claim));
        } catch (const Error& error) {
          // A server that is away for a moment ends no fit.
          if (error.kind() != ErrorKind::try_again) throw;
        }
    }
  }

  void tell(const BenchRow& row) {
    const std::lock_guard lock(mutex_);
    now_ = fmt::format("{}, {}, seed {}", work_.plan.tasks[row.task].name,
                       work_.plan.systems[row.system].text, row.seed + 1);
    draw();
  }
  void show(const TrialCounts& counts) {
    const std::lock_guard lock(mutex_);
    ended_ = counts.complete + counts.failed;
    draw();
  }
  void draw() {
    const auto total = static_cast<double>(work_.rows.size());
    progress_.update({.stage = fmt::format("{} of {} rows: {}", format_count(ended_),
                                           format_count(work_.rows.size()), now_),
                      .fraction = static_cast<double>(ended_) / total,
                      .seconds_left = budget_.has_deadline() ? budget_.seconds_left() : -1,
                      .best = ""});
  }

  const BenchWork& work_;
  const Budget& budget_;
  Progress& progress_;
  const std::string me_;
  std::map<std::string, std::size_t> by_identity_;
  std::atomic<bool> has_failed_{false};
  std::mutex mutex_;  // guards what follows, and the progress
  std::condition_variable_any wake_;
  std::exception_ptr error_;
  std::map<std::uint64_t, Claim> held_;
  std::uint64_t ended_ = 0;
  std::string now_;
};

}  // namespace

void work_on_bench(const BenchWork& work, const Budget& budget, Progress& progress) {
  Shift(work, budget, progress).run();
}

}  // namespace astrolabe
