// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/runtime/team.h"

#include <atomic>
#include <exception>
#include <memory>

#include <immintrin.h>

namespace astrolabe {
namespace {

struct alignas(64) TaskState {
  std::atomic<std::size_t> claimed{0};
  std::atomic<std::size_t> done{0};
};

}  // namespace

void run_as_team(ThreadPool& pool, std::size_t tasks, const std::function<std::size_t(std::size_t)>& parts,
                 const std::function<void(std::size_t task, std::size_t part, std::size_t parts)>& run) {
  const auto states = std::make_unique<TaskState[]>(tasks);
  std::atomic<bool> has_failed{false};
  pool.for_each(pool.size(), [&](std::size_t) {
    std::exception_ptr failure;
    for (std::size_t task = 0; task < tasks; ++task) {
      TaskState& state = states[task];
      const std::size_t count = parts(task);
      for (;;) {
        const std::size_t part = state.claimed.fetch_add(1, std::memory_order_relaxed);
        if (part >= count) break;
        try {
          if (!has_failed.load(std::memory_order_relaxed)) run(task, part, count);
        } catch (...) {
          // The others must not wait for a part that will never be done: they count the rest off and come
          // home.
          failure = std::current_exception();
          has_failed.store(true, std::memory_order_relaxed);
        }
        state.done.fetch_add(1, std::memory_order_release);
      }
      while (state.done.load(std::memory_order_acquire) < count) _mm_pause();
    }
    if (failure) std::rethrow_exception(failure);
  });
}

}  // namespace astrolabe
