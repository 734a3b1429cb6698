// SPDX-License-Identifier: Apache-2.0
// A run that goes on from a shipped model (`astrolabe run NEW --from OLD`): every fit begins with a fit of
// the old model, read through that one's encoder, and adds to it what the new rows teach.
//
//   RunOptions asked = options;
//   std::optional<RunStart> start = start_of(asked);   // may fill in learners and kind of task
//   TaskSetup setup = understand(run);
//   if (start) require_same_schema(*start, options, run.result, setup);
//
// Of an old model that is a mean, fold i begins with fit i, and so on around. Its scores on the new rows are
// honest only where it has not seen them: the very file that it was fitted on is refused, and a run says that
// nobody can know about parts of it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "astrolabe/evaluate/candidate.h"
#include "astrolabe/pipeline/shipped_model.h"
#include "astrolabe/report/run_result.h"
#include "astrolabe/workflow/run_options.h"
#include "astrolabe/workflow/task_setup.h"

namespace astrolabe {

struct RunStart {
  std::string path;  // of the model
  ModelCard card;
  std::vector<WantedColumn> columns;  // that its encoders read
  std::shared_ptr<const std::vector<FittedCandidate>> fits;
  std::vector<std::string> notes;  // what of the model is left behind

  [[nodiscard]] bool wants(const std::string& column) const;
};

// Nothing without --from. Without --learner the model's own learner is chosen; the kind of the task is the
// model's. Throws bad_input for a model that cannot be read, usage_error for one without fits that can be
// gone on from, for learners that cannot, another target, a shared study.
[[nodiscard]] std::optional<RunStart> start_of(RunOptions& options);

// Whether the table asks what the model answers: kind of task, classes, whose order becomes the model's,
// group, and, by name and type, every column that it reads. Throws bad_input that names what differs.
void require_same_schema(const RunStart& start, const RunOptions& options, const RunResult& result,
                         TaskSetup& setup);

}  // namespace astrolabe
