// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/workflow/run.h"

#include <cmath>
#include <cstdio>
#include <memory>

#include <fmt/format.h>

#include "astrolabe/base/budget.h"
#include "astrolabe/base/error.h"
#include "astrolabe/base/file.h"
#include "astrolabe/base/text.h"
#include "astrolabe/cli/command.h"
#include "astrolabe/cli/run_flags.h"
#include "astrolabe/report/private_report.h"
#include "astrolabe/report/run_report.h"
#include "astrolabe/report/terminal_text.h"
#include "astrolabe/search/proposer.h"
#include "astrolabe/search/pruner.h"
#include "astrolabe/workflow/private_run.h"
#include "astrolabe/workflow/program_template.h"
#include "astrolabe/workflow/resume.h"
#include "astrolabe/workflow/run_start.h"
#include "astrolabe/workflow/slot_choices.h"
#include "astrolabe/workflow/teaching.h"

namespace astrolabe {
namespace {

std::optional<std::string> if_given(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional(text);
}

TaskKind parse_task(const std::string& name) {
  if (name == "binary") return TaskKind::binary;
  return name == "multiclass" ? TaskKind::multiclass : TaskKind::regression;
}

std::vector<std::string> parse_names(const std::string& text) {
  std::vector<std::string> names;
  for (const std::string& name : split(text, ',')) {
    if (!trim(name).empty()) names.emplace_back(trim(name));
  }
  return names;
}

std::map<std::string, ColumnType> parse_types(const std::string& text) {
  std::map<std::string, ColumnType> types;
  for (const std::string& part : parse_names(text)) {
    const std::size_t equals = part.rfind('=');
    const auto type =
        equals == std::string::npos ? std::nullopt : find_column_type(trim(part.substr(equals + 1)));
    if (!type) {
      throw usage_error({.attempted = "reading --types",
                         .expected =
                             "COL=TYPE with TYPE one of number, whole_number, boolean, category, datetime, "
                             "text, identifier, image",
                         .found = "'" + part + "'",
                         .remedy = "Write it as --types zip=category,born=datetime."});
    }
    types[std::string(trim(part.substr(0, equals)))] = *type;
  }
  return types;
}

Header header_of(const RunArguments& arguments) {
  if (arguments.header) return Header::present;
  return arguments.no_header ? Header::absent : Header::detect;
}

// --trees-max-leaves 15 counts for every `trees` of --learner, and asks for trees when --learner is silent.
void apply_setting_flags(const RunArguments& arguments, RunOptions& options) {
  for (const auto& [name, given] : arguments.settings) {
    LearnerChoice filled{.name = name};
    for (const auto& [setting, text] : given)
      if (!text.empty()) fill(filled, setting, text);
    if (filled.settings.empty() && filled.stars.empty()) continue;
    bool is_there = false;
    for (LearnerChoice& choice : options.learners) {
      if (choice.name != name) continue;
      is_there = true;
      choice.settings.insert(filled.settings.begin(), filled.settings.end());
      choice.stars.insert(filled.stars.begin(), filled.stars.end());
    }
    if (!is_there && !arguments.learner.empty()) {
      throw usage_error({.attempted = fmt::format("reading the settings of {}", name),
                         .expected = fmt::format("{} in --learner", name),
                         .found = arguments.learner,
                         .remedy = fmt::format("Add {} to --learner, or leave its settings out.", name)});
    }
    if (!is_there) options.learners.push_back(filled);
  }
}

// What a session may use: no part of the question.
void apply_limits(const RunArguments& arguments, RunOptions& options) {
  if (!arguments.memory.empty()) {
    options.memory_bytes = parse_bytes(arguments.memory, "--memory");
  } else if (options.drawn && options.drawn->limit != DrawnRows::kNoLimit) {
    options.memory_bytes = options.drawn->limit;  // as before
  } else if (std::isfinite(options.seconds)) {
    options.memory_bytes = available_memory() / 5 * 4;
  }
  options.threads = arguments.threads;
}

RunOptions to_options(const RunArguments& arguments, const std::vector<std::string>& typed) {
  RunOptions options;
  options.data = arguments.data;
  if (!options.data.has_filename()) options.data = options.data.parent_path();  // "photos/"
  options.target = arguments.target.empty() ? std::string(kPictureLabel) : arguments.target;
  if (!arguments.task.empty()) options.task = parse_task(arguments.task);
  options.metric = if_given(arguments.metric);
  options.positive = if_given(arguments.positive);
  options.weight = if_given(arguments.weight);
  options.group = if_given(arguments.group);
  options.split = parse_split_rule(arguments.split);
  if (options.group && options.split.kind == SplitKind::random)
    options.split = {.kind = SplitKind::group, .column = *options.group};
  if (!arguments.test.empty()) options.test = arguments.test;
  options.reading = {.header = header_of(arguments),
                     .types = parse_types(arguments.types),
                     .drop = parse_names(arguments.drop)};
  if (!arguments.learner.empty()) options.learners = parse_learners(arguments.learner);
  SlotTexts slots;
  for (const auto& [slot, text] : arguments.slots)
    if (!text.empty()) slots[slot] = text;
  take_teacher(slots, options);
  const bool asks_start = !arguments.from.empty() && options.learners.empty() && !slots.empty();
  fill_slots(slots, options.learners,
             asks_start ? learners_of_start(arguments.from) : std::vector<std::string>{});
  apply_setting_flags(arguments, options);
  require_sound_texts(options.learners);
  options.from = arguments.from;
  options.grow = arguments.grow;
  options.refit = arguments.refit;
  if (!arguments.stack.empty()) options.stack = arguments.stack == "on";
  options.proposer = arguments.proposer.empty() ? default_proposer().name : arguments.proposer;
  options.pruner = arguments.pruner.empty() ? default_pruner().name : arguments.pruner;
  static_cast<void>(parse_proposer(options.proposer));
  static_cast<void>(parse_pruner(options.pruner));
  if (arguments.max_nodes > 0) options.max_nodes = arguments.max_nodes;
  if (!arguments.warm_start.empty()) options.warm_start = arguments.warm_start == "on";
  if (!arguments.grammar.empty()) options.grammars = read_file(arguments.grammar, "file of grammars");
  options.study = arguments.study;
  options.study_name = arguments.name;
  if (arguments.trials > 0) options.trials = arguments.trials;
  // With --trials alone no decision depends on the clock.
  if (!arguments.time.empty() || arguments.trials == 0) {
    options.seconds = parse_duration(arguments.time.empty() ? "5m" : arguments.time, "--time");
  }
  apply_limits(arguments, options);
  options.seed = arguments.seed;
  options.out = arguments.out;
  options.command = shell_text(typed);
  if (options.test && options.split.kind == SplitKind::given) {
    throw usage_error({.attempted = "reading --test",
                       .expected = "either a test file or --split given:COL",
                       .found = "both",
                       .remedy = "Leave one of them out."});
  }
  return options;
}

// A study that has nothing left to do: what it found stands.
int print_finished(const RunArguments& arguments, const ResumePlan& plan, const Session& session) {
  session.face.say(plan.finding);
  const std::filesystem::path result = std::filesystem::path(arguments.resume) / "result.json";
  if (session.face.json) fmt::print("{}", read_file(result, "result of the run"));
  return 0;
}

int run_privately_and_print(const RunArguments& arguments, const Session& session) {
  if (!arguments.resume.empty() || !arguments.replay.empty())
    throw usage_error(
        {.attempted = "reading --privacy",
         .expected = "a run of its own",
         .found = arguments.resume.empty() ? "--replay" : "--resume",
         .remedy = "A private run cannot go on or be repeated: every further step costs again."});
  const PrivacyRequest privacy = parse_privacy(*arguments.privacy);
  const RunOptions options = to_options(arguments, session.arguments);
  install_signal_handlers();
  const std::unique_ptr<Progress> progress = session.face.progress();
  const PrivateRunResult result = run_privately(options, privacy, *progress);
  const TextStyle plain{.width = detect_terminal_style(session.face.color).width, .color = false};
  if (session.face.json) {
    fmt::print("{}\n", private_run_json(result));
  } else {
    fmt::print("{}", private_run_text(result, plain));
  }
  return result.was_interrupted ? 128 + cancel_signal() : 0;
}

int run_and_print(const RunArguments& arguments, const Session& session) {
  if (arguments.privacy) return run_privately_and_print(arguments, session);
  RunOptions options;
  if (!arguments.replay.empty()) {
    options = plan_replay(arguments.replay);
    options.out = arguments.out;
    options.command = shell_text(session.arguments);
    apply_limits(arguments, options);
  } else if (arguments.resume.empty()) {
    options = to_options(arguments, session.arguments);
  } else {
    const auto trials = arguments.trials > 0 ? std::optional(arguments.trials) : std::nullopt;
    ResumePlan plan = plan_resume({.folder = arguments.resume, .time = arguments.time, .trials = trials});
    if (!plan.has_work) return print_finished(arguments, plan, session);
    options = std::move(plan.options);
    apply_limits(arguments, options);
  }
  install_signal_handlers();
  const std::unique_ptr<Progress> progress = session.face.progress();
  const TerminalStyle terminal = detect_terminal_style(session.face.color);
  const TextStyle talk{.width = terminal.width, .color = terminal.color};
  RunHooks hooks;
  hooks.on_data = [&](const RunResult& result) { session.face.say(describe_data(result, talk)); };
  const RunResult result = run(options, *progress, hooks);
  if (session.face.json) {
    fmt::print("{}\n", run_result_json(result));
  } else {
    const TextStyle plain{.width = terminal.width, .color = false};
    fmt::print("{}{}", leaderboard_text(result, plain), outcome_text(result, plain));
  }
  return result.was_interrupted ? 128 + cancel_signal() : 0;
}

}  // namespace

void add_run_command(CLI::App& app, Session& session) {
  auto arguments = std::make_shared<RunArguments>();
  CLI::App* run =
      app.add_subcommand("run", "Find the best model for a table, and prove its score on sealed rows");
  add_run_flags(*run, *arguments);
  add_face_options(*run, session.face);
  run->callback([arguments, &session] {
    const bool is_known = !arguments->resume.empty() || !arguments->replay.empty();
    if (!is_known && arguments->data.empty()) throw CLI::RequiredError("data");
    if (!is_known && arguments->target.empty() && !is_picture_set(arguments->data))
      throw CLI::RequiredError("--target");
    session.action = [arguments, &session] { return run_and_print(*arguments, session); };
  });
}

}  // namespace astrolabe
