// SPDX-License-Identifier: Apache-2.0
// Our thread pool: persistent workers, static chunks. What runs in a chunk never depends on how many threads
// there are, so a computation that is deterministic per chunk is deterministic.
//
//   ThreadPool pool(4);
//   pool.for_each(tasks.size(), [&](std::size_t i) { tasks[i].run(); });
//   pool.for_ranges(rows, 4096, [&](std::size_t begin, std::size_t end, std::size_t chunk) { ... });
#pragma once

#include <cstddef>
#include <functional>
#include <memory>

namespace astrolabe {

class ThreadPool {
 public:
  // `threads` counts the caller; 0 means one per core. A pool of 1 starts no thread.
  explicit ThreadPool(std::size_t threads = 0);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  [[nodiscard]] std::size_t size() const;

  // Calls body(i) for every i in [0, count), in any order, and returns when all have ended. The first
  // exception (of the lowest i) is rethrown here. A call from inside a body runs inline, so nesting cannot
  // deadlock.
  void for_each(std::size_t count, const std::function<void(std::size_t)>& body);

  // Splits [0, count) into chunks of `chunk` rows (the last may be shorter) and calls body(begin, end,
  // chunk_index).
  void for_ranges(std::size_t count, std::size_t chunk,
                  const std::function<void(std::size_t, std::size_t, std::size_t)>& body);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace astrolabe
