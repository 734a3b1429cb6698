// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/workflow/ask_again.h"

#include "astrolabe/base/error.h"
#include "astrolabe/base/hash.h"
#include "astrolabe/search/space_text.h"

namespace astrolabe {

Run run_again(const RunOfFolder& folder, Progress& progress, std::size_t threads, double seconds) {
  return {.options = folder.options,
          .progress = progress,
          .pool = ThreadPool(threads),
          .budget = Budget({.seconds = seconds}),
          .key = Key::from_seed(folder.options.seed)};
}

SameQuestion ask_again(Run& run, const std::filesystem::path& folder, const StudyHead& head,
                       const std::string& remedy) {
  if (!run.options.from.empty())
    throw usage_error(
        {.attempted = "training what " + folder.string() + " found again",
         .expected = "a run that fitted from nothing",
         .found = "one that went on from " + run.options.from.string(),
         .remedy = "Ask this of a run without --from: fits of other seeds begin with no model."});
  if (!run.options.teacher.empty())
    throw usage_error({.attempted = "training what " + folder.string() + " found again",
                       .expected = "a run that learned from its rows alone",
                       .found = "one that " + run.options.teacher.string() + " taught",
                       .remedy =
                           "Ask this of a run without distill(...): its teacher saw the rows that fits of "
                           "other seeds are judged by."});
  TaskSetup setup = understand(run);
  Sealing sealing = seal(run, setup);
  Prepared prepared = prepare(run, sealing);
  StudyHead asked = head;
  asked.data_hash = hash_to_hex(run.result.data_hash);
  asked.space = space_text(prepared.space.space());
  require_same_question(study_of_folder(folder), head, asked, remedy);
  return {.sealing = std::move(sealing), .prepared = std::move(prepared)};
}

}  // namespace astrolabe
