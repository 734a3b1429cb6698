// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/base/budget.h"

#include <algorithm>
#include <atomic>
#include <fstream>
#include <optional>
#include <string>

#include <malloc.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

namespace astrolabe {

namespace {

std::atomic<int> cancelled_by{0};
static_assert(std::atomic<int>::is_always_lock_free, "the signal handler may only touch lock-free atomics");

// Async-signal-safe: atomics, signal, pthread_sigmask and raise only.
void on_signal(int signal_number) {
  int nobody = 0;
  if (cancelled_by.compare_exchange_strong(nobody, signal_number)) return;
  signal(signal_number, SIG_DFL);
  sigset_t only_this;
  sigemptyset(&only_this);
  sigaddset(&only_this, signal_number);
  pthread_sigmask(SIG_UNBLOCK, &only_this, nullptr);
  raise(signal_number);
}

std::optional<std::uint64_t> read_number(const char* path) {
  std::ifstream file(path);
  std::uint64_t number = 0;
  if (file >> number) return number;
  return std::nullopt;  // also "max": no limit
}

// The value behind `name` in files of "name value" lines, such as meminfo and memory.stat.
std::optional<std::uint64_t> read_field(const char* path, const std::string& name) {
  std::ifstream file(path);
  std::string line;
  while (std::getline(file, line)) {
    if (line.starts_with(name)) return std::stoull(line.substr(name.size()));
  }
  return std::nullopt;
}

// What the control group (a container) leaves of its limit; pages it can drop count as free.
std::optional<std::uint64_t> control_group_memory() {
  const auto limit = read_number("/sys/fs/cgroup/memory.max");
  const auto used = read_number("/sys/fs/cgroup/memory.current");
  if (!limit || !used) return std::nullopt;
  const std::uint64_t droppable = read_field("/sys/fs/cgroup/memory.stat", "inactive_file ").value_or(0);
  const std::uint64_t held = *used - std::min(*used, droppable);
  return *limit - std::min(*limit, held);
}

}  // namespace

Budget::Budget(BudgetLimits limits) : limits_(limits), start_(std::chrono::steady_clock::now()) {}

double Budget::seconds_used() const {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
}

double Budget::seconds_left() const {
  if (!has_deadline()) return limits_.seconds;
  return std::max(0.0, limits_.seconds - seconds_used());
}

bool Budget::should_stop() const {
  return cancel_requested() || (has_deadline() && seconds_left() <= 0);
}

Budget Budget::slice(double seconds) const {
  return Budget({.seconds = std::min(seconds, seconds_left()), .memory_bytes = limits_.memory_bytes});
}

void install_signal_handlers() {
  struct sigaction action = {};
  action.sa_handler = on_signal;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

bool cancel_requested() {
  return cancelled_by.load(std::memory_order_relaxed) != 0;
}
int cancel_signal() {
  return cancelled_by.load(std::memory_order_relaxed);
}

void request_cancel(int signal) {
  int nobody = 0;
  cancelled_by.compare_exchange_strong(nobody, signal);
}

void clear_cancel() {
  cancelled_by.store(0);
}

std::uint64_t resident_memory() {
  malloc_trim(0);  // what was freed is not held
  std::ifstream file("/proc/self/statm");
  std::uint64_t total_pages = 0;
  std::uint64_t resident_pages = 0;
  if (!(file >> total_pages >> resident_pages)) return 0;
  return resident_pages * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

std::uint64_t peak_resident_memory() {
  rusage usage = {};
  if (getrusage(RUSAGE_SELF, &usage) != 0) return 0;
  return static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;
}

std::uint64_t available_memory() {
  const auto kilobytes = read_field("/proc/meminfo", "MemAvailable:");
  const auto group = control_group_memory();
  if (!kilobytes) return group.value_or(0);
  return std::min(*kilobytes * 1024, group.value_or(*kilobytes * 1024));
}

}  // namespace astrolabe
