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
  std::string time = "5m";
  bool has_clock = true;
};

int examine_and_print(const DoctorArguments& arguments, const Session& session) {
  DoctorOptions options = arguments.options;
  if (arguments.has_clock) options.seconds = parse_duration(arguments.time, "--time");
  options.command = shell_text(session.arguments);
  install_signal_handlers();
  const std::unique_ptr<Progress> progress = session.face.progress();
  const DoctorResult result = doctor(options, *progress);
  fmt::print("{}", session.face.json ? doctor_json(result) : doctor_text(result, session.face.style()));
  return cancel_requested() ? 128 + cancel_signal() : 0;
}

}  // namespace

void add_doctor_command(CLI::App& app, Session& session) {
  auto arguments = std::make_shared<DoctorArguments>();
  DoctorOptions& o = arguments->options;
  CLI::App* command = app.add_subcommand(
      "doctor", "A training that does not move: which cause, with evidence, and a fix that was tried");
  command->add_option("run", o.folder, "The folder of a run")->required()->type_name("DIR");
  const CLI::Option* time =
      command->add_option("--time", arguments->time, "For all of it; what does not fit is named")
          ->type_name("60s|5m|1h")
          ->capture_default_str();
  const CLI::Option* pairs =
      command
          ->add_option("--pairs", o.pairs,
                       "Pairs of fits for each fix; given without --time there is no clock")
          ->check(CLI::Range(std::size_t{2}, std::size_t{100}))
          ->capture_default_str();
  command->add_option("--threads", o.threads, "0: all cores")->type_name("N");
  add_face_options(*command, session.face);
  command->callback([arguments, time, pairs, &session] {
    arguments->has_clock = time->count() > 0 || pairs->count() == 0;
    session.action = [arguments, &session] { return examine_and_print(*arguments, session); };
  });
}

}  // namespace astrolabe
