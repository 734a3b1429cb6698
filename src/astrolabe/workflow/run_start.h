// SPDX-License-Identifier: Apache-2.0
// A run that goes on from a shipped model (`astrolabe run NEW --from OLD`): every fit begins with a fit of
// the old model. Trees read the new rows as that one did and add to it; nets take over its weights and may be
// wider or deeper, read columns and categories that it did not know and tell classes that it never met.
//
//   RunOptions asked = options;
//   std::optional<RunStart> start = start_of(asked);   // may fill in learners, their settings and kind of
//   task TaskSetup setup = understand(run); if (start) adapt_task(*start, asked, run.result, setup);
//
// Of an old model that is a mean, fold i begins with fit i, and so on around. Its scores on the new rows are
// honest only where it has not seen them: the very file that it was fitted on is refused, and a run says that
// nobody can know about parts of it.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "astrolabe/pipeline/shipped_model.h"
#include "astrolabe/report/run_result.h"
#include "astrolabe/workflow/run_options.h"
#include "astrolabe/workflow/start_fits.h"
#include "astrolabe/workflow/task_setup.h"

namespace astrolabe {

struct RunStart {
  std::string path;  // of the model
  ModelCard card;
  std::vector<WantedColumn> columns;  // that its encoders read
  std::shared_ptr<StartFits> fits;
  std::vector<std::string> notes;  // what of the model is left behind
  bool extends = false;            // all of the chosen learners read and answer more than it does
  bool chose_learners = false;     // nobody named any

  [[nodiscard]] bool wants(const std::string& column) const;
};

// The learners of a model's fits that can be gone on from, each once: slots that are filled without --learner
// are theirs. Reads the model, and throws as start_of does for one that cannot be read or has none.
[[nodiscard]] std::vector<std::string> learners_of_start(const std::filesystem::path& from);

// Nothing without --from. Without --learner the model's own learners are chosen; settings that decide what a
// net is are the model's where nobody sets them; the kind of the task is the model's. Throws bad_input for a
// model that cannot be read, usage_error for one without fits that can be gone on from, a private one,
// learners and architectures that cannot, another target, a shared study.
[[nodiscard]] std::optional<RunStart> start_of(RunOptions& options);

// Whether the table asks what the model answers, and what it must become to answer the rest: kind of task,
// classes (the model's, then new ones), group, columns by name and type. Learners that need the old schema
// are left out, and that is noted, where others can do with the new one and nobody named any. Fills in what
// the fits need to know of classes. Throws bad_input that names what differs.
void adapt_task(RunStart& start, RunOptions& options, const RunResult& result, TaskSetup& setup);

}  // namespace astrolabe
