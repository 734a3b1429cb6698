// SPDX-License-Identifier: Apache-2.0
// JSON: doctor.json (report/doctor_text.h). The exit code is 0 whatever the cause is.
#include "astrolabe/workflow/doctor.h"

#include <fmt/format.h>

#include "astrolabe/base/budget.h"
#include "astrolabe/base/text.h"
#include "astrolabe/cli/command.h"
#include "astrolabe/report/doctor_text.h"
#include "astrolabe/workflow/program_template.h"

namespace astrolabe {
namespace {

struct DoctorArguments {
  DoctorOptions options;
  PairsClock clock = {};
};

int examine_and_print(const DoctorArguments& arguments, const Session& session) {
  DoctorOptions options = arguments.options;
  options.seconds = arguments.clock.seconds();
  options.command = shell_text(session.arguments);
  install_signal_handlers();
  const std::unique_ptr<Progress> progress = session.face.progress();
  const DoctorResult result = doctor(options, *progress);
  fmt::print("{}", session.face.json ? doctor_json(result) : doctor_text(result, session.face.style()));
  return exit_code_of_work();
}

}  // namespace

void add_doctor_command(CLI::App& app, Session& session) {
  auto arguments = std::make_shared<DoctorArguments>();
  DoctorOptions& o = arguments->options;
  CLI::App* command = app.add_subcommand(
      "doctor", "A training that does not move: which cause, with evidence, and a fix that was tried");
  command->add_option("run", o.folder, "The folder of a run")->required()->type_name("DIR");
  add_pairs_clock(*command, arguments->clock, o.pairs, "each fix");
  command->add_option("--threads", o.threads, "0: all cores")->type_name("N");
  add_face_options(*command, session.face);
  command->callback([arguments, &session] {
    session.action = [arguments, &session] { return examine_and_print(*arguments, session); };
  });
}

}  // namespace astrolabe
