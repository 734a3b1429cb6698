// SPDX-License-Identifier: Apache-2.0
// libFuzzer entry: the first line claims to be what a study keeps of a run's options or of its space, the
// lines below it points of that space.
#include "tests/fuzz/blame.h"

#include "astrolabe/search/space_text.h"
#include "astrolabe/workflow/run_options_json.h"

namespace astrolabe {

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer looks for this name
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::vector<std::string> lines = fuzz::lines_of({reinterpret_cast<const char*>(data), size});
  static_cast<void>(fuzz::is_understood([&] {
    const std::string written = run_options_json(parse_run_options(lines[0]));
    ASTROLABE_CHECK(run_options_json(parse_run_options(written)) == written, "options read back as written");
  }));
  static_cast<void>(fuzz::is_understood([&] {
    const Space space = parse_space(lines[0]);
    for (std::size_t i = 1; i < lines.size(); ++i) {
      Point point;
      if (!fuzz::is_understood([&] { point = parse_point(space, lines[i]); })) continue;
      ASTROLABE_CHECK(parse_point(space, point_text(space, point)) == point, "a point reads back as written");
    }
  }));
  return 0;
}

}  // namespace astrolabe
