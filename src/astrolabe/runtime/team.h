// SPDX-License-Identifier: Apache-2.0
// Threads of a pool that walk through a list of tasks together. A task's parts go to whoever is free; the
// next task begins when all parts are done. Waiting spins: the gaps are shorter than waking a thread takes. A
// thread that comes late, or never, is not waited for.
#pragma once

#include <cstddef>
#include <functional>

#include "astrolabe/base/thread_pool.h"

namespace astrolabe {

// `parts(task)` is at least 1 and the same whenever asked. Returns when every part of every task has run.
// After an exception no further part is run, and it is rethrown here.
void run_as_team(ThreadPool& pool, std::size_t tasks, const std::function<std::size_t(std::size_t)>& parts,
                 const std::function<void(std::size_t task, std::size_t part, std::size_t parts)>& run);

}  // namespace astrolabe
