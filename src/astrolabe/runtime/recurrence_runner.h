// SPDX-License-Identifier: Apache-2.0
// Recurrences as steps of a plan: the plan of one step, run as often as it says.
//
//   run_recurrence(step, *its_plan, addresses);
#pragma once

#include <cstddef>
#include <deque>
#include <vector>

#include "astrolabe/lower/plan.h"
#include "astrolabe/runtime/executable.h"

namespace astrolabe {

// Addresses of one run. A thread keeps one for each run inside another: steps of recurrences are runs.
struct Workspace {
  std::vector<std::byte*> bases, addresses;
  std::vector<const std::byte*> rows;
};

class WorkspaceLease {
 public:
  WorkspaceLease() : depth_(depth()++) {
    if (workspaces().size() <= depth_) workspaces().emplace_back();
  }
  WorkspaceLease(const WorkspaceLease&) = delete;
  WorkspaceLease& operator=(const WorkspaceLease&) = delete;
  ~WorkspaceLease() { --depth(); }
  [[nodiscard]] Workspace& operator*() const { return workspaces()[depth_]; }

 private:
  static std::size_t& depth() {
    thread_local std::size_t runs = 0;
    return runs;
  }
  static std::deque<Workspace>& workspaces() {
    thread_local std::deque<Workspace> all;
    return all;
  }

  std::size_t depth_;
};

// `addresses`: of what each leaf of the step is given, of the result, of the memory that a step works in.
void run_recurrence(const RecurrenceStep& recurrence, const Executable& step, std::byte* const* addresses);

}  // namespace astrolabe
