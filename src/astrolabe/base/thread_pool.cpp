// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/base/thread_pool.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <exception>
#include <limits>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

#include "astrolabe/base/error.h"

namespace astrolabe {

namespace {

thread_local bool inside_body = false;

class InsideBody {
 public:
  InsideBody() { inside_body = true; }
  ~InsideBody() { inside_body = false; }
  InsideBody(const InsideBody&) = delete;
  InsideBody& operator=(const InsideBody&) = delete;
};

// How often who waits looks before it sleeps, about 20 us: the next job of a tree or a step comes soon, and
// waking a sleeper takes longer than many a job. Looking for longer would take the core from other programs.
constexpr int kLooks = 400;

void pause() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#endif
}

template <class Done>
void look_for(const Done& done) {
  for (int i = 0; i < kLooks && !done(); ++i) pause();
}

// One call of for_each. Indices are claimed in rising order, so once index i has thrown, every lower index
// has been claimed by somebody and will report: stopping further claims still finds the lowest exception.
class Job {
 public:
  Job(std::size_t count, const std::function<void(std::size_t)>& body) : count_(count), body_(body) {}

  void work() {
    const InsideBody guard;
    while (!stopped_.load(std::memory_order_relaxed)) {
      const std::size_t index = next_.fetch_add(1, std::memory_order_relaxed);
      if (index >= count_) return;
      try {
        body_(index);
      } catch (...) {
        stopped_.store(true, std::memory_order_relaxed);
        const std::lock_guard lock(mutex_);
        if (index < thrown_at_) {
          thrown_at_ = index;
          exception_ = std::current_exception();
        }
      }
    }
  }

  void rethrow() const {
    if (exception_) std::rethrow_exception(exception_);
  }

 private:
  const std::size_t count_;
  const std::function<void(std::size_t)>& body_;
  std::atomic<std::size_t> next_{0};
  std::atomic<bool> stopped_{false};
  std::mutex mutex_;
  std::size_t thrown_at_ = std::numeric_limits<std::size_t>::max();
  std::exception_ptr exception_;
};

}  // namespace

struct ThreadPool::State {
  std::mutex calling;  // one for_each at a time; other threads queue here
  std::mutex mutex;    // guards what follows
  std::condition_variable work_came;
  std::condition_variable work_ended;
  Job* job = nullptr;
  std::atomic<std::size_t> generation = 0;  // changed under the mutex; looked at without it
  std::atomic<std::size_t> busy = 0;
  bool closing = false;
  std::vector<std::thread> workers;

  void serve() {
    std::size_t seen = 0;
    std::unique_lock lock(mutex);
    while (true) {
      lock.unlock();
      look_for([&] { return generation.load(std::memory_order_relaxed) != seen; });
      lock.lock();
      work_came.wait(lock, [&] { return closing || (job != nullptr && generation != seen); });
      if (closing) return;
      seen = generation;
      Job* current = job;
      ++busy;
      lock.unlock();
      current->work();
      lock.lock();
      if (--busy == 0) work_ended.notify_one();
    }
  }

  void run(Job& new_job) {
    const std::lock_guard one_at_a_time(calling);
    {
      const std::lock_guard lock(mutex);
      job = &new_job;
      ++generation;
    }
    work_came.notify_all();
    new_job.work();
    std::unique_lock lock(mutex);
    job = nullptr;  // a worker that wakes only now finds nothing
    lock.unlock();
    look_for([&] { return busy.load(std::memory_order_relaxed) == 0; });
    lock.lock();
    work_ended.wait(lock, [&] { return busy == 0; });
  }

  void close() {
    {
      const std::lock_guard lock(mutex);
      closing = true;
    }
    work_came.notify_all();
    for (std::thread& worker : workers) worker.join();
    workers.clear();
  }
};

ThreadPool::ThreadPool(std::size_t threads) : state_(std::make_unique<State>()) {
  if (threads == 0) threads = std::max(1U, std::thread::hardware_concurrency());
  try {
    while (state_->workers.size() + 1 < threads)
      state_->workers.emplace_back([state = state_.get()] { state->serve(); });
  } catch (const std::system_error& error) {
    state_->close();
    throw failure({.attempted = "starting " + std::to_string(threads) + " threads",
                   .found = error.what(),
                   .remedy = "Ask for fewer threads with --threads."});
  } catch (...) {  // no memory: those that run must not be left behind
    state_->close();
    throw;
  }
}

ThreadPool::~ThreadPool() {
  state_->close();
}

std::size_t ThreadPool::size() const {
  return state_->workers.size() + 1;
}

void ThreadPool::for_each(std::size_t count, const std::function<void(std::size_t)>& body) {
  if (inside_body || count <= 1 || state_->workers.empty()) {
    for (std::size_t i = 0; i < count; ++i) body(i);
    return;
  }
  Job job(count, body);
  state_->run(job);
  job.rethrow();
}

void ThreadPool::for_ranges(std::size_t count, std::size_t chunk,
                            const std::function<void(std::size_t, std::size_t, std::size_t)>& body) {
  ASTROLABE_CHECK(chunk > 0, "chunks of no rows never end");
  const std::size_t chunks = count / chunk + (count % chunk != 0);
  for_each(chunks, [&](std::size_t i) { body(i * chunk, std::min(count, (i + 1) * chunk), i); });
}

}  // namespace astrolabe
