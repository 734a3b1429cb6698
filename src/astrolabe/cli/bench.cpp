// SPDX-License-Identifier: Apache-2.0
// JSON: bench.json (report/bench_page.h); of --list: suites[].{name, doc, tasks[], hosts[], slots[], seeds},
// tasks[].{name, doc, kind, metric, rows}. The exit code is 0 whatever the verdicts are.
#include "astrolabe/workflow/bench.h"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "astrolabe/base/budget.h"
#include "astrolabe/base/error.h"
#include "astrolabe/base/text.h"
#include "astrolabe/cli/command.h"
#include "astrolabe/report/bench_page.h"
#include "astrolabe/report/terminal_lines.h"
#include "astrolabe/system/slots.h"
#include "astrolabe/workflow/bench_suites.h"
#include "astrolabe/workflow/bench_tables.h"
#include "astrolabe/workflow/program_template.h"

namespace astrolabe {
namespace {

struct BenchArguments {
  BenchOptions options;
  std::string mode, hosts, tasks, learner, data, target, metric, time;
  std::map<std::string, std::string> slots;  // empty texts: not given
  std::vector<std::string> settings;         // "epochs=20,40"
  std::size_t seeds = 0, tries = 0, rows = 0;
  std::optional<double> alpha, rope;
  bool list = false, own_draws = false;
};

// ---- --list

std::string slots_words(const BenchQuestion& question) {
  std::vector<std::string> words;
  for (const BenchSlotParts& slot : question.slots)
    words.push_back(fmt::format("{} {}", slot.slot, join(slot.parts, ",")));
  return join(words, "; ");
}

int list_suites(const Face& face) {
  nlohmann::ordered_json json{{"suites", nlohmann::json::array()}, {"tasks", nlohmann::json::array()}};
  const TextStyle style = face.style();
  std::string text;
  for (const BenchSuite& suite : bench_suites()) {
    std::vector<std::string> tasks;
    for (const BenchTaskRequest& task : suite.question.tasks) tasks.push_back(task.name);
    json["suites"].push_back({{"name", suite.name},
                              {"doc", suite.doc},
                              {"tasks", tasks},
                              {"hosts", suite.question.hosts},
                              {"slots", slots_words(suite.question)},
                              {"seeds", suite.question.seeds}});
    text += bold(style, std::string(suite.name)) + "\n  " + wrapped(suite.doc, style.width, 2) + "\n";
    text += "  " +
            wrapped(fmt::format("{} seeds; {}; by default {}", suite.question.seeds,
                                join(suite.question.hosts, ", "), slots_words(suite.question)),
                    style.width, 2) +
            "\n  " + wrapped(join(tasks, ", "), style.width, 2) + "\n";
  }
  text += "\n" + bold(style, "tasks") + "\n";
  for (const BenchTable& table : bench_tables()) {
    json["tasks"].push_back({{"name", table.name},
                             {"doc", table.doc},
                             {"kind", task_kind_name(table.kind)},
                             {"metric", table.metric},
                             {"rows", table.rows}});
    text += fmt::format("  {:<13} {}\n", table.name,
                        wrapped(fmt::format("{} {}, {} rows, {}", table.doc, task_kind_name(table.kind),
                                            table.rows, table.metric),
                                style.width, 16));
  }
  fmt::print("{}", face.json ? json.dump(2) + "\n" : text);
  return 0;
}

// ---- What was typed, over what the suite says.

void take_slots(const BenchArguments& arguments, BenchQuestion& question) {
  std::vector<BenchSlotParts> slots;
  for (const SlotRow& row : slot_rows()) {
    const std::string& text = arguments.slots.at(std::string(row.name));
    if (!text.empty())
      slots.push_back({std::string(row.name), parse_bench_list(fmt::format("the {}", row.name), text)});
  }
  if (!arguments.learner.empty())
    slots.push_back({"learner", parse_bench_list("--learner", arguments.learner)});
  for (const std::string& setting : arguments.settings) {
    const std::size_t equals = setting.find('=');
    if (equals == std::string::npos || equals == 0) {
      throw usage_error({.attempted = "reading --setting",
                         .expected = "NAME=VALUE,VALUE",
                         .found = "'" + setting + "'",
                         .remedy = "Write it as --setting epochs=20,40."});
    }
    slots.push_back({setting.substr(0, equals), parse_bench_list("--setting", setting.substr(equals + 1))});
  }
  if (slots.empty()) return;
  question.slots = std::move(slots);
  question.slots_are_typed = true;
}

BenchTaskRequest task_of_file(const BenchArguments& arguments) {
  if (arguments.target.empty()) {
    throw usage_error({.attempted = "reading --data",
                       .expected = "--target beside it",
                       .found = "none",
                       .remedy = "Name the column to predict: --target COLUMN."});
  }
  const std::filesystem::path data(arguments.data);
  const std::string file = data.filename().string();
  return {.name = file.substr(0, file.find('.', 1)),
          .data = data,
          .target = arguments.target,
          .metric = arguments.metric,
          .rows = arguments.rows};
}

void take_tasks(const BenchArguments& arguments, BenchQuestion& question) {
  if (arguments.tasks.empty() && arguments.data.empty()) return;
  std::vector<BenchTaskRequest> tasks;
  if (!arguments.tasks.empty())
    for (const std::string& name : parse_bench_list("--tasks", arguments.tasks)) {
      const auto known = std::ranges::find(question.tasks, name, &BenchTaskRequest::name);
      tasks.push_back(known == question.tasks.end() ? BenchTaskRequest{.name = name, .table = name} : *known);
    }
  if (!arguments.data.empty()) tasks.push_back(task_of_file(arguments));
  question.tasks = std::move(tasks);
  question.tasks_are_typed = true;
}

BenchOptions to_options(const BenchArguments& arguments, const Session& session) {
  BenchOptions options = arguments.options;
  BenchQuestion& question = options.question;
  question = read_bench_suite(options.suite);
  take_slots(arguments, question);
  take_tasks(arguments, question);
  if (!arguments.hosts.empty()) {
    question.hosts = parse_bench_list("--host", arguments.hosts);
    question.hosts_are_typed = true;
  }
  if (!arguments.mode.empty()) question.mode = parse_bench_mode(arguments.mode);
  if (arguments.seeds > 0) question.seeds = arguments.seeds;
  if (arguments.tries > 0) question.tries = arguments.tries;
  if (arguments.own_draws) question.own_draws = true;
  if (arguments.alpha) question.alpha = *arguments.alpha;
  if (arguments.rope) question.rope = *arguments.rope;
  if (!arguments.time.empty()) options.seconds = parse_duration(arguments.time, "--time");
  options.command = shell_text(session.arguments);
  return options;
}

int bench_and_print(const BenchArguments& arguments, const Session& session) {
  if (arguments.list) return list_suites(session.face);
  const BenchOptions options = to_options(arguments, session);
  install_signal_handlers();
  const std::unique_ptr<Progress> progress = session.face.progress();
  const BenchResult result = run_bench(options, *progress);
  fmt::print("{}", session.face.json ? bench_json(result) : bench_text(result, session.face.style()));
  return exit_code_of_work();
}

void add_question(CLI::App& command, BenchArguments& a) {
  command
      .add_option("--mode", a.mode,
                  "drop-in: the host's settings as they are; tuned: as many learning rates for either side; "
                  "interaction: all pairs of the parts of two slots. Default: the suite's, or tuned")
      ->check(CLI::IsMember({"drop-in", "tuned", "interaction"}))
      ->type_name("MODE");
  command.add_option("--host", a.hosts, "Systems that the parts are put into, such as 'mlp,mlp(dropout=0)'")
      ->type_name("LIST");
  command.add_option("--tasks", a.tasks, "Tasks of the suite, or tables that the program draws")
      ->type_name("LIST");
  command.add_option("--data", a.data, "A table of yours, in place of the suite's tasks")->type_name("FILE");
  command.add_option("--target", a.target, "Its column to predict")->type_name("COL");
  command.add_option("--metric", a.metric, "What it is judged by. Default: auc, log_loss or rmse")
      ->type_name("NAME");
  command.add_option("--rows", a.rows, "Rows of it, drawn at random. Default: all")->check(from_one());
  command.add_option("--seeds", a.seeds, "Pairs for each comparison and task. Default: the suite's")
      ->check(CLI::Range(std::size_t{1}, std::size_t{1000}));
  command.add_option("--tuning", a.tries, "Learning rates tried for either side. Default: 3 where tuned")
      ->check(CLI::Range(std::size_t{1}, std::size_t{5}));
  command.add_flag("--own-draws", a.own_draws,
                   "Each part draws weights and batches of its own; by default both sides share them");
  command.add_option("--alpha", a.alpha, "Wrong verdicts allowed, over all comparisons. Default: 0.05")
      ->check(CLI::Range(0.0001, 0.5))
      ->type_name("NUMBER");
  command
      .add_option("--rope", a.rope,
                  "Differences up to this share of the best part's gain make none. Default: 0.01")
      ->check(CLI::Range(0.0, 0.5))
      ->type_name("NUMBER");
}

void add_slots(CLI::App& command, BenchArguments& a) {
  const std::string group =
      "Slots: parts with commas between them; the first is what the others are compared with";
  for (const SlotRow& row : slot_rows())
    command.add_option("--" + dashed(row.name), a.slots[std::string(row.name)], std::string(row.doc))
        ->group(group)
        ->type_name("LIST");
  command.add_option("--learner", a.learner, "Whole learners, in no host")->group(group)->type_name("LIST");
  command.add_option("--setting", a.settings, "Any other setting of the hosts: epochs=20,40")
      ->group(group)
      ->type_name("NAME=LIST");
}

}  // namespace

void add_bench_command(CLI::App& app, Session& session) {
  auto arguments = std::make_shared<BenchArguments>();
  BenchArguments& a = *arguments;
  CLI::App* command = app.add_subcommand(
      "bench", "Compare parts of a slot on many tasks, with equal budgets and honest intervals");
  command->add_option("suite", a.options.suite, "smoke, small, core, or a TOML of yours")->type_name("SUITE");
  command->add_flag("--list", a.list, "Show the suites and tasks there are");
  add_question(*command, a);
  command->add_option("--time", a.time, "Stop after this long; --resume goes on. Default: until it is done")
      ->type_name("60s|5m|1h");
  command->add_option("--threads", a.options.threads, "Rows side by side. Default: all cores")
      ->type_name("N");
  command->add_option("--seed", a.options.seed, "Same seed, same numbers")->capture_default_str();
  command->add_option("--out", a.options.out, "Folder for the results. Default: runs/bench-<suite>")
      ->type_name("DIR");
  command->add_flag(
      "--resume", a.options.resume,
      "Go on with the same benchmark, or help a process that works on it; begins it where there is "
      "none");
  command->add_option("--cache", a.options.cache, "Folder of predictions to share with other benchmarks")
      ->type_name("DIR");
  command->add_option("--study", a.options.study, "Keep the rows on a server: postgresql://...")
      ->type_name("URL");
  command->add_option("--name", a.options.study_name, "Its name there. Default: the folder's");
  add_slots(*command, a);
  add_face_options(*command, session.face);
  command->callback([arguments, &session] {
    if (!arguments->list && arguments->options.suite.empty()) throw CLI::RequiredError("suite");
    session.action = [arguments, &session] { return bench_and_print(*arguments, session); };
  });
}

}  // namespace astrolabe
