// SPDX-License-Identifier: Apache-2.0
// From a question to systems and contrasts: which host with which part, compared with which, on which tasks.
// What cannot be is skipped and listed, never passed over in silence.
//
//   const BenchPlan plan = plan_bench(question, key, pool);
//   plan.contrasts[0].slot                      // "activation": a against b
//   plan.skipped                                // what, and why
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "astrolabe/base/random.h"
#include "astrolabe/evidence/contrast.h"
#include "astrolabe/report/bench_result.h"
#include "astrolabe/system/learner_choice.h"
#include "astrolabe/workflow/bench_options.h"
#include "astrolabe/workflow/bench_tasks.h"

namespace astrolabe {

struct BenchSystem {
  std::size_t host = 0;       // into `hosts` of the plan
  LearnerChoice choice = {};  // no stars
  std::string text = {};      // "mlp(activation=silu, epochs=30)": what makes it itself
  std::size_t drawing = 0;    // which weights and batches; all 0 unless each part has its own
  std::size_t tries = 1;      // learning rates
};

// One question about systems, asked in every host that can answer it.
struct BenchContrast {
  std::string slot;  // "activation", "batch_size x learning_rate"
  std::string a, b;
  bool is_interaction = false;
  struct InHost {
    std::size_t host = 0;
    Contrast contrast;  // over `systems`
  };
  std::vector<InHost> hosts = {};
};

// A part in every host that has it: where it stands alone, or with all parts of the other slot.
struct BenchPlannedPart {
  std::string slot, part;
  bool is_baseline = false;
  std::vector<BenchContrast::InHost> hosts = {};  // weights sum to 1
};

struct BenchPlan {
  std::vector<BenchTask> tasks;
  std::vector<std::string> hosts;  // as written; of slot "learner": empty
  std::vector<BenchSystem> systems;
  std::vector<BenchContrast> contrasts;
  std::vector<BenchPlannedPart> parts;
  std::vector<BenchSkip> skipped;
  // Whether a system makes sense on a task: [task][system].
  std::vector<std::vector<bool>> fits;

  // Where every system of it makes sense.
  [[nodiscard]] bool is_asked(const BenchContrast::InHost& in_host, std::size_t task) const;
};

// Throws usage_error for what was typed and cannot be read, and for a mode that needs two slots; bad_input
// where everything is skipped. Reads the tables.
[[nodiscard]] BenchPlan plan_bench(const BenchQuestion& question, Key key, ThreadPool& pool);

}  // namespace astrolabe
