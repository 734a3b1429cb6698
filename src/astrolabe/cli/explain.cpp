// SPDX-License-Identifier: Apache-2.0
// JSON: explain.json (report/explain_page.h). The exit code is 0 whatever is found out.
#include "astrolabe/workflow/explain.h"

#include <fmt/format.h>

#include "astrolabe/base/budget.h"
#include "astrolabe/base/text.h"
#include "astrolabe/cli/command.h"
#include "astrolabe/report/explain_page.h"
#include "astrolabe/workflow/program_template.h"

namespace astrolabe {
namespace {

struct ExplainArguments {
  ExplainOptions options;
  PairsClock clock = {};
};

int explain_and_print(const ExplainArguments& arguments, const Session& session) {
  ExplainOptions options = arguments.options;
  options.seconds = arguments.clock.seconds();
  options.command = shell_text(session.arguments);
  install_signal_handlers();
  const std::unique_ptr<Progress> progress = session.face.progress();
  const ExplainResult result = explain(options, *progress);
  fmt::print("{}", session.face.json ? explain_json(result) : explain_text(result, session.face.style()));
  return exit_code_of_work();
}

}  // namespace

void add_explain_command(CLI::App& app, Session& session) {
  auto arguments = std::make_shared<ExplainArguments>();
  ExplainOptions& o = arguments->options;
  CLI::App* command = app.add_subcommand(
      "explain", "Why the system that a run found is what it is: ablations, formulas, experiments");
  command->add_option("run", o.folder, "The folder of a run")->required()->type_name("DIR");
  add_pairs_clock(*command, arguments->clock, o.pairs, "each comparison");
  command->add_option("--tuning", o.tries, "Learning rates tried for either side of a knock-out; 1: none")
      ->check(CLI::Range(std::size_t{1}, std::size_t{5}))
      ->capture_default_str();
  command->add_option("--threads", o.threads, "0: all cores")->type_name("N");
  add_face_options(*command, session.face);
  command->callback([arguments, &session] {
    session.action = [arguments, &session] { return explain_and_print(*arguments, session); };
  });
}

}  // namespace astrolabe
