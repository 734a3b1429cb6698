// SPDX-License-Identifier: Apache-2.0
// JSON: as report/audit_text.h says. The exit code is 0 whatever the decision is.
#include "astrolabe/workflow/audit.h"

#include <map>
#include <string>

#include <fmt/format.h>

#include "astrolabe/cli/command.h"
#include "astrolabe/report/audit_text.h"

namespace astrolabe {
namespace {

struct AuditArguments {
  AuditOptions options;
  bool header = false, no_header = false;
};

int audit_and_print(const AuditArguments& arguments, const Face& face) {
  AuditOptions options = arguments.options;
  if (arguments.header) options.header = Header::present;
  if (arguments.no_header) options.header = Header::absent;
  ThreadPool pool(0);
  const AuditResult result = audit(options, pool);
  fmt::print("{}", face.json ? audit_json(result) : audit_text(result, face.style()));
  return 0;
}

}  // namespace

void add_audit_command(CLI::App& app, Session& session) {
  auto arguments = std::make_shared<AuditArguments>();
  AuditOptions& o = arguments->options;
  CLI::App* command =
      app.add_subcommand("audit", "Whether anybody's predictions are worth using; no model needed");
  command->add_option("file", o.file, "A table with the truth and the predictions")
      ->required()
      ->type_name("FILE");
  command->add_option("--truth", o.truth, "The column that says what was right")
      ->required()
      ->type_name("COLUMN");
  command
      ->add_option(
          "--prediction", o.prediction,
          "The column to judge, or NAME of NAME:CLASS; by default probability:CLASS, else prediction")
      ->type_name("COLUMN");
  command->add_option("--baseline", o.baseline, "The column of predictions that there are already")
      ->type_name("COLUMN");
  command
      ->add_option("--data", o.data,
                   "The table that was predicted, row by row, with the truth if FILE lacks it")
      ->type_name("FILE");
  command->add_option("--train", o.train, "What the model was trained on: its rows are looked for")
      ->type_name("FILE");
  command->add_option("--tries", o.tries, "Models compared on these rows before this one was picked")
      ->check(from_one())
      ->capture_default_str();
  const std::map<std::string, TaskKind> kinds = {{"binary", TaskKind::binary},
                                                 {"multiclass", TaskKind::multiclass},
                                                 {"regression", TaskKind::regression}};
  command->add_option("--task", o.task, "What the truth is; by default as run would say")
      ->transform(CLI::CheckedTransformer(kinds).description(""))
      ->type_name("binary|multiclass|regression");
  command->add_option("--metric", o.metric, "What to judge by");
  command->add_option("--positive", o.positive, "The positive class")->type_name("CLASS");
  command->add_flag("--header", arguments->header, "The first row holds names");
  command->add_flag("--no-header", arguments->no_header, "The first row is data");
  add_face_options(*command, session.face);
  command->callback([arguments, &session] {
    session.action = [arguments, &session] { return audit_and_print(*arguments, session.face); };
  });
}

}  // namespace astrolabe
