// SPDX-License-Identifier: Apache-2.0
// libFuzzer entry: the lines are the words of a stranger's program with stars, and then what it prints.
#include "tests/fuzz/blame.h"

#include "astrolabe/workflow/program_template.h"
#include "astrolabe/workflow/program_values.h"

namespace astrolabe {

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer looks for this name
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const std::vector<std::string> lines = fuzz::lines_of(text);
  for (const std::string& line : lines)
    read_program_values(
        line, [](std::string_view name, double) { ASTROLABE_CHECK(!name.empty(), "a value has a name"); });
  static_cast<void>(fuzz::is_understood([&] {
    const std::vector<Dimension> slots = {{.name = "depth", .domain = WholeRange{.low = 1, .high = 3}}};
    const bool has_slot = text.find("{depth}") != std::string::npos;
    const ProgramTemplate program(lines, has_slot ? std::span(slots) : std::span<const Dimension>());
    for (std::uint64_t seed = 0; seed < 3; ++seed) {
      const Point point = random_point(program.space(), Key::from_seed(seed));
      ASTROLABE_CHECK(program.fill(point).size() <= lines.size(), "stars are filled, words are not added");
      ASTROLABE_CHECK(parse_point(program.space(), point_text(program.space(), point)) == point,
                      "a point of a program is written and read back");
    }
    static_cast<void>(program.text());
    static_cast<void>(program.program());
  }));
  return 0;
}

}  // namespace astrolabe
