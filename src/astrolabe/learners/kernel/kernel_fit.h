// SPDX-License-Identifier: Apache-2.0
// The fit of a kernel machine, step by step: survey, lengths, features, head, importance.
//
//   const std::unique_ptr<const Model> model = fit_kernel({.rows = FitRows(source), .settings = settings,
//       .key = key, .pool = pool, .budget = budget});
//
// Rows may come from a source that is larger than memory: a ridge takes two passes over it, a likelihood some
// dozens. In memory: the sample (2000 rows, or as many as landmarks), a block of 4096 rows, and the normal
// equations, components^2 doubles a few times over.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <memory>

#include "astrolabe/learners/kernel/fit_rows.h"
#include "astrolabe/learners/kernel/kernel_settings.h"
#include "astrolabe/model/learner.h"

namespace astrolabe::kernel {

struct KernelFit {
  FitRows rows;
  const TrainingData* watch = nullptr;  // as in FitRequest, in memory
  const SettingValues& settings;        // of `kernel`
  Key key;
  ThreadPool& pool;
  const Budget& budget;
  std::uint64_t memory_bytes = std::numeric_limits<std::uint64_t>::max();  // beside what the process holds
  std::function<void(double fraction)> progress = {};
  std::function<void(std::string_view words)> tell = {};
};

// As Learner::fit. Throws usage_error for settings that do not fit together or the targets, or need more
// memory.
[[nodiscard]] std::unique_ptr<const Model> fit_kernel(const KernelFit& request);

}  // namespace astrolabe::kernel
