// SPDX-License-Identifier: Apache-2.0
// JSON: as report/memory_layout.h says. The exit code is 1 when no plan within the capacity was found.
#include "astrolabe/workflow/plan_memory.h"

#include <fmt/format.h>

#include "astrolabe/base/file.h"
#include "astrolabe/base/text.h"
#include "astrolabe/cli/command.h"

namespace astrolabe {
namespace {

struct PlanMemoryArguments {
  BufferQuestion question;
  std::string capacity, out, svg;
};

std::string miss_words(const MemoryLayout& layout) {
  if (layout.lower_bound > *layout.capacity)
    return fmt::format("astrolabe: no plan fits into {} bytes: the search proved that {} are needed",
                       format_count(*layout.capacity), format_count(layout.lower_bound));
  return fmt::format(
      "astrolabe: no plan that fits into {} bytes was found: the best needs {}. There may be one: --steps {} "
      "looks "
      "further",
      format_count(*layout.capacity), format_count(layout.peak),
      10 * std::max<std::uint64_t>(layout.most_steps, 1000));
}

int plan_and_print(PlanMemoryArguments arguments, const Face& face) {
  if (!arguments.capacity.empty())
    arguments.question.capacity = parse_bytes(arguments.capacity, "--capacity");
  const MemoryLayout layout = plan_buffers(arguments.question);
  if (!arguments.out.empty()) {
    write_file_atomically(arguments.out, layout_csv(layout));
    face.say("plan     " + arguments.out);
  }
  if (!arguments.svg.empty()) {
    write_file_atomically(arguments.svg, layout_svg(layout));
    face.say("picture  " + arguments.svg);
  }
  fmt::print("{}", face.json ? layout_json(layout) : layout_text(layout, face.style()));
  if (layout.fits()) return 0;
  fmt::print(stderr, "{}\n", miss_words(layout));
  return 1;
}

}  // namespace

void add_plan_memory_command(CLI::App& app, Session& session) {
  auto arguments = std::make_shared<PlanMemoryArguments>();
  CLI::App* command = app.add_subcommand(
      "plan-memory", "Places buffers with lifetimes in one memory: as small as can be, or within a capacity");
  command
      ->add_option("file", arguments->question.file,
                   "A table of buffers: id, lower, upper, size; lives in [lower, upper)")
      ->required()
      ->type_name("FILE");
  command
      ->add_option("--capacity", arguments->capacity,
                   "A plan within it is enough: 1048576, 1M. Without, the smallest")
      ->type_name("BYTES");
  command->add_option("--alignment", arguments->question.alignment, "Offsets are multiples of it")
      ->capture_default_str()
      ->type_name("BYTES");
  command
      ->add_option("--steps", arguments->question.most_steps,
                   "Placings that the search may try; 0: greed alone")
      ->capture_default_str()
      ->type_name("N");
  command->add_option("--out", arguments->out, "Write the plan as a table with an offset for each buffer")
      ->type_name("FILE.csv");
  command->add_option("--svg", arguments->svg, "Draw the plan: time across, offset up")
      ->type_name("FILE.svg");
  add_face_options(*command, session.face);
  command->callback([arguments, &session] {
    session.action = [arguments, &session] { return plan_and_print(*arguments, session.face); };
  });
}

}  // namespace astrolabe
