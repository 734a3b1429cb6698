// SPDX-License-Identifier: Apache-2.0
// What a computation may spend: wall-clock, memory, and whether somebody wants it to stop. Every long loop
// asks.
//
//   Budget budget({.seconds = 60, .memory_bytes = 4 << 30});
//   while (!budget.should_stop()) { ... }
#pragma once

#include <chrono>
#include <cstdint>
#include <limits>

namespace astrolabe {

struct BudgetLimits {
  double seconds = std::numeric_limits<double>::infinity();  // infinity: no clock is ever read for a decision
  std::uint64_t memory_bytes = std::numeric_limits<std::uint64_t>::max();
};

// Thread-safe. Copies share nothing but the process-wide cancellation.
class Budget {
 public:
  explicit Budget(BudgetLimits limits = {});

  [[nodiscard]] bool has_deadline() const {
    return limits_.seconds != std::numeric_limits<double>::infinity();
  }
  [[nodiscard]] double seconds_limit() const { return limits_.seconds; }
  [[nodiscard]] double seconds_used() const;
  [[nodiscard]] double seconds_left() const;  // infinity without a deadline; never negative
  [[nodiscard]] std::uint64_t memory_limit() const { return limits_.memory_bytes; }

  // True when the deadline has passed or a signal asked to stop. Cost: one clock read.
  [[nodiscard]] bool should_stop() const;
  // A part of what is left: ends after `seconds` or with this budget, whichever comes first.
  [[nodiscard]] Budget slice(double seconds) const;

 private:
  BudgetLimits limits_;
  std::chrono::steady_clock::time_point start_;
};

// Process-wide cancellation. `install_signal_handlers` makes SIGINT and SIGTERM set it; a second signal ends
// the process at once.
void install_signal_handlers();
[[nodiscard]] bool cancel_requested();
[[nodiscard]] int cancel_signal();  // the signal's number, 0 when none came
void request_cancel(int signal);    // what the handler does; also for tests
void clear_cancel();                // for tests

// Memory of this process and of the machine, in bytes; 0 where the kernel does not tell.
[[nodiscard]] std::uint64_t resident_memory();
[[nodiscard]] std::uint64_t peak_resident_memory();
[[nodiscard]] std::uint64_t available_memory();

}  // namespace astrolabe
