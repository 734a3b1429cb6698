// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/runtime/team.h"

#include <atomic>
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
  pool.for_each(pool.size(), [&](std::size_t) {
    for (std::size_t task = 0; task < tasks; ++task) {
      TaskState& state = states[task];
      const std::size_t count = parts(task);
      for (;;) {
        const std::size_t part = state.claimed.fetch_add(1, std::memory_order_relaxed);
        if (part >= count) break;
        run(task, part, count);
        state.done.fetch_add(1, std::memory_order_release);
      }
      while (state.done.load(std::memory_order_acquire) < count) _mm_pause();
    }
  });
}

}  // namespace astrolabe
