// SPDX-License-Identifier: Apache-2.0
// JSON: evidence.json (report/evidence_page.h). The exit code is 0 whatever the verdicts are.
#include "astrolabe/workflow/prove.h"

#include <fmt/format.h>

#include "astrolabe/base/budget.h"
#include "astrolabe/base/text.h"
#include "astrolabe/cli/command.h"
#include "astrolabe/report/evidence_page.h"
#include "astrolabe/workflow/program_template.h"

namespace astrolabe {
namespace {

struct ProveArguments {
  ProveOptions options;
  std::string time = "5m";
  bool no_ledger = false;
};

int prove_and_print(const ProveArguments& arguments, const Session& session) {
  ProveOptions options = arguments.options;
  options.seconds = parse_duration(arguments.time, "--time");
  options.keeps_ledger = !arguments.no_ledger;
  options.command = shell_text(session.arguments);
  install_signal_handlers();
  const std::unique_ptr<Progress> progress = session.face.progress();
  const EvidenceResult result = prove(options, *progress);
  if (session.face.json) {
    fmt::print("{}", evidence_json(result));
  } else {
    fmt::print("{}", evidence_text(result, session.face.style()));
  }
  return exit_code_of_work();
}

}  // namespace

void add_prove_command(CLI::App& app, Session& session) {
  auto arguments = std::make_shared<ProveArguments>();
  ProveOptions& o = arguments->options;
  CLI::App* command =
      app.add_subcommand("prove", "Whether what a search found holds on rows and seeds that it never saw");
  command->add_option("run", o.folder, "The folder of a run with a star")->required()->type_name("DIR");
  command->add_option("--time", arguments->time, "For all of it")
      ->type_name("60s|5m|1h")
      ->capture_default_str();
  command->add_option("--seeds", o.most_pairs, "Pairs of fresh fits at most")
      ->check(CLI::Range(std::size_t{2}, std::size_t{1000}))
      ->capture_default_str();
  command->add_option("--tuning", o.tries, "Learning rates tried for either side before; 1: none")
      ->check(CLI::Range(std::size_t{1}, std::size_t{5}))
      ->capture_default_str();
  command
      ->add_option("--findings", o.most_findings, "Findings to prove at most; each shares the error allowed")
      ->check(from_one())
      ->capture_default_str();
  command->add_option("--alpha", o.alpha, "Wrong claims allowed, over all findings and openings")
      ->check(CLI::Range(0.0001, 0.5))
      ->capture_default_str();
  command
      ->add_option(
          "--rope", o.rope,
          "Differences up to this make none, in the metric's unit; by default a hundredth of what the "
          "baseline gains on a constant")
      ->check(CLI::NonNegativeNumber)
      ->type_name("NUMBER");
  command->add_option("--threads", o.threads, "0: all cores")->type_name("N");
  command->add_flag("--no-ledger", arguments->no_ledger, "Write no line into the ledger of claims");
  add_face_options(*command, session.face);
  command->callback([arguments, &session] {
    session.action = [arguments, &session] { return prove_and_print(*arguments, session); };
  });
}

}  // namespace astrolabe
