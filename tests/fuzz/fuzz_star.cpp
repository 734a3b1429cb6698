// SPDX-License-Identifier: Apache-2.0
// libFuzzer entry: the first byte chooses an option of the command line, the rest claims to be its value:
// learners with stars, splits, proposers, pruners, architectures, sizes and times.
#include "tests/fuzz/blame.h"

#include "astrolabe/base/text.h"
#include "astrolabe/data/split.h"
#include "astrolabe/search/proposer.h"
#include "astrolabe/search/pruner.h"
#include "astrolabe/system/star.h"
#include "astrolabe/train/architecture.h"
#include "astrolabe/workflow/run_options.h"
#include "astrolabe/workflow/slot_choices.h"

namespace astrolabe {
namespace {

void read_learners(const std::string& text) {
  const std::vector<LearnerChoice> choices = parse_learners(text);
  require_sound_texts(choices);
}

void read_slots(const std::string& text) {
  std::vector<LearnerChoice> choices;
  fill_slots({{"activation", text}}, choices);
  require_sound_texts(choices);
}

void read_architecture(const std::string& text) {
  const std::string written = architecture_text(parse_architecture(text));
  ASTROLABE_CHECK(architecture_text(parse_architecture(written)) == written,
                  "an architecture reads back as itself: " + written);
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer looks for this name
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::vector<std::function<void(const std::string&)>> readers = {
      read_learners,
      read_slots,
      read_architecture,
      [](const std::string& text) { static_cast<void>(parse_star("loss", text)); },
      [](const std::string& text) { static_cast<void>(parse_split_rule(text)); },
      [](const std::string& text) { static_cast<void>(parse_proposer(text)); },
      [](const std::string& text) { static_cast<void>(parse_pruner(text)); },
      [](const std::string& text) { static_cast<void>(parse_duration(text, "--time")); },
      [](const std::string& text) { static_cast<void>(parse_bytes(text, "--memory")); }};
  const fuzz::Chosen input = fuzz::choose(data, size, readers.size());
  static_cast<void>(fuzz::is_understood([&] { readers[input.way](input.text); }));
  return 0;
}

}  // namespace astrolabe
