// SPDX-License-Identifier: Apache-2.0
// How many trials a second a study takes, and what a long one costs.
//
//   bench_study_store rate URL SECONDS PROCESSES [--one-call]   trials NUMBER / seconds NUMBER / errors
//   NUMBER bench_study_store growth URL TRIALS                         a table: memory and times as the study
//   grows
//
// A trial is start() and finish(), each durable when it returns; with --one-call finish_and_start(). A point
// has ten parameters. `rate` ends with 1 unless the study holds exactly what was acknowledged.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include "astrolabe/base/budget.h"
#include "astrolabe/base/random.h"
#include "astrolabe/search/study_store.h"

namespace astrolabe {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

NewTrial trial_of(std::uint64_t process, std::uint64_t number) {
  const Key key = Key::from_seed(process).split(number);
  std::string point = "{";
  for (std::uint64_t i = 0; i < 6; ++i) point += fmt::format("\"x{}\":{},", i, random_uniform(key, i));
  for (std::uint64_t i = 0; i < 4; ++i)
    point += fmt::format("\"c{}\":\"{}\"{}", i, random_bits(key, 9 + i) % 4, i < 3 ? "," : "}");
  return {.point = point, .key = point, .by = "random"};
}

TrialEnd end_of(std::uint64_t number) {
  const double cost = random_uniform(Key::from_seed(9), number);
  return {.cost = cost, .low = cost, .high = cost};
}

struct Tally {
  std::uint64_t trials = 0, errors = 0;
};

// One process: trials until the time is over. Every exception is an error, a locked database above all.
Tally work(const std::string& url, double seconds, std::uint64_t process, bool one_call) {
  StudyStore store = StudyStore::open({.url = url});
  const std::string me = worker_identity();
  Tally tally;
  std::optional<Claim> claim;
  const Clock::time_point start = Clock::now();
  for (std::uint64_t number = 0; seconds_since(start) < seconds; ++number) {
    try {
      if (!claim) claim = store.start(trial_of(process, number), me);
      if (!claim) continue;
      bool accepted = false;
      if (one_call) {
        claim = store.finish_and_start(*claim, end_of(number), trial_of(process, number + 1), me, accepted);
      } else {
        accepted = store.finish(*claim, end_of(number));
        claim.reset();
      }
      if (accepted) ++tally.trials;
    } catch (const std::exception& error) {
      ++tally.errors;
      std::fprintf(stderr, "%s\n", error.what());
    }
  }
  if (claim && store.finish(*claim, end_of(0))) ++tally.trials;
  return tally;
}

int measure_rate(const std::string& url, double seconds, int processes, bool one_call) {
  StudyStore::open({.url = url}).create({.space = "ten parameters", .data_hash = {}, .options = {}});
  int ends[2];
  if (pipe(ends) != 0) return 1;
  for (int process = 1; process <= processes; ++process) {
    if (fork() != 0) continue;
    const Tally tally = work(url, seconds, static_cast<std::uint64_t>(process), one_call);
    _exit(write(ends[1], &tally, sizeof(tally)) == sizeof(tally) ? 0 : 1);
  }
  Tally sum;
  for (int process = 0; process < processes; ++process) {
    Tally tally;
    if (read(ends[0], &tally, sizeof(tally)) != sizeof(tally)) return 1;
    sum.trials += tally.trials;
    sum.errors += tally.errors;
    wait(nullptr);
  }
  StudyStore store = StudyStore::open({.url = url});
  const TrialCounts counts = store.counts();
  if (counts.complete != sum.trials || counts.running != 0) {
    std::fprintf(stderr, "acknowledged %llu, kept %llu\n", static_cast<unsigned long long>(sum.trials),
                 static_cast<unsigned long long>(counts.complete));
    return 1;
  }
  fmt::print("trials {}\nseconds {}\nerrors {}\n", sum.trials, seconds, sum.errors);
  return 0;
}

// The median of what one call of `action` takes, in microseconds.
template <class Action>
double median_time(Action action) {
  std::vector<double> times;
  for (int i = 0; i < 101; ++i) {
    const Clock::time_point start = Clock::now();
    action();
    times.push_back(seconds_since(start) * 1e6);
  }
  std::ranges::nth_element(times, times.begin() + 50);
  return times[50];
}

void measure_growth(const std::string& url, std::uint64_t trials) {
  StudyStore store = StudyStore::open({.url = url});
  store.create({.space = "ten parameters", .data_hash = {}, .options = {}});
  const std::string me = worker_identity();
  fmt::print(
      "| trials | resident MB | start + finish, us | claim, us | counts, us | best(10), us | "
      "finished_after(newest 10), us | costs_at, us |\n|---|---|---|---|---|---|---|---|\n");
  std::uint64_t next_look = 1000;
  Clock::time_point since = Clock::now();
  std::uint64_t before = 0;
  for (std::uint64_t number = 1; number <= trials; ++number) {
    const std::optional<Claim> claim = store.start(trial_of(1, number), me);
    // One in twenty tells a step, so that there are peers to ask for.
    if (number % 20 == 0) store.report(*claim, {.step = 0, .cost = 1, .low = 1, .high = 1});
    store.finish(*claim, end_of(number));
    if (number != next_look && number != trials) continue;
    const double per_trial = seconds_since(since) / static_cast<double>(number - before) * 1e6;
    const double claims = median_time([&] { static_cast<void>(store.claim(me)); });
    const double counts = median_time([&] { static_cast<void>(store.counts()); });
    const double best = median_time([&] { static_cast<void>(store.best(10)); });
    const double newest = median_time([&] { static_cast<void>(store.finished_after(number - 10, 10)); });
    const double peers = median_time([&] { static_cast<void>(store.costs_at(0, 1)); });
    fmt::print("| {} | {:.1f} | {:.0f} | {:.0f} | {:.0f} | {:.0f} | {:.0f} | {:.0f} |\n", number,
               static_cast<double>(resident_memory()) / 1e6, per_trial, claims, counts, best, newest, peers);
    std::fflush(stdout);
    next_look *= 10;
    since = Clock::now();
    before = number;
  }
}

}  // namespace
}  // namespace astrolabe

int main(int argc, char** argv) {
  try {
    const std::string what = argc > 3 ? argv[1] : "";
    if (what == "rate" && argc > 4)
      return astrolabe::measure_rate(argv[2], std::atof(argv[3]), std::atoi(argv[4]), argc > 5);
    if (what == "growth") return astrolabe::measure_growth(argv[2], std::strtoull(argv[3], nullptr, 10)), 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench_study_store: %s\n", error.what());
    return 1;
  }
  std::fputs("usage: bench_study_store rate URL SECONDS PROCESSES [--one-call] | growth URL TRIALS\n",
             stderr);
  return 2;
}
