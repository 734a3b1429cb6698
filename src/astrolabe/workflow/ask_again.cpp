// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/workflow/ask_again.h"

#include "astrolabe/base/hash.h"
#include "astrolabe/search/space_text.h"

namespace astrolabe {

SameQuestion ask_again(Run& run, const std::filesystem::path& folder, const StudyHead& head,
                       const std::string& remedy) {
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
