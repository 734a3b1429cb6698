// SPDX-License-Identifier: Apache-2.0
#include <memory>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "astrolabe/base/budget.h"
#include "astrolabe/base/text.h"
#include "astrolabe/cli/command.h"
#include "astrolabe/workflow/work.h"

namespace astrolabe {
namespace {

struct WorkerArguments {
  std::string study, name = "study", data, time;
  std::size_t threads = 0;
};

int work_and_print(const WorkerArguments& arguments, const Session& session) {
  // A server that is away is waited for: nobody needs a worker's answer at a certain time.
  constexpr std::chrono::minutes kPatience{5};
  WorkOptions options{.study = {.url = arguments.study, .name = arguments.name, .patience = kPatience},
                      .threads = arguments.threads};
  if (!arguments.data.empty()) options.data = arguments.data;
  if (!arguments.time.empty()) options.seconds = parse_duration(arguments.time, "--time");
  install_signal_handlers();
  const std::unique_ptr<Progress> progress = session.face.progress();
  const WorkResult result = work(options, *progress);
  if (session.face.json) {
    const nlohmann::ordered_json json = {{"study", result.study}, {"trials", result.trials}};
    fmt::print("{}\n", json.dump(2));
  } else {
    fmt::print("{} {} for {}\n", format_count(result.trials), result.trials == 1 ? "trial" : "trials",
               result.study);
  }
  return exit_code_of_work();
}

}  // namespace

void add_worker_command(CLI::App& app, Session& session) {
  auto arguments = std::make_shared<WorkerArguments>();
  WorkerArguments& a = *arguments;
  CLI::App* worker = app.add_subcommand("worker", "Help a run with its study, on this machine or another");
  worker
      ->add_option("study", a.study,
                   "Where the study is: postgresql://host/db, or a study.db on this machine")
      ->required()
      ->type_name("URL");
  worker->add_option("--name", a.name, "Which study of that database")
      ->capture_default_str()
      ->type_name("NAME");
  worker->add_option("--data", a.data, "Where the table is on this machine. Default: where the run has it")
      ->type_name("FILE");
  worker->add_option("--time", a.time, "Time limit: 60s, 5m, 1h. Default: until the study ends")
      ->type_name("TIME");
  worker->add_option("--threads", a.threads, "Threads. Default: all cores")->check(from_one());
  add_face_options(*worker, session.face);
  worker->callback([arguments, &session] {
    session.action = [arguments, &session] { return work_and_print(*arguments, session); };
  });
}

}  // namespace astrolabe
