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
#include "astrolabe/pipeline/catalog.h"
#include "astrolabe/report/private_report.h"
#include "astrolabe/report/run_report.h"
#include "astrolabe/report/terminal_text.h"
#include "astrolabe/search/proposer.h"
#include "astrolabe/search/pruner.h"
#include "astrolabe/system/slots.h"
#include "astrolabe/workflow/private_run.h"
#include "astrolabe/workflow/program_template.h"
#include "astrolabe/workflow/resume.h"
#include "astrolabe/workflow/run_start.h"
#include "astrolabe/workflow/slot_choices.h"
#include "astrolabe/workflow/teaching.h"

namespace astrolabe {
namespace {

// The options as typed; turned into RunOptions when the command runs, so that errors name the option.
struct RunArguments {
  std::string data, target, task, metric, positive, weight, group,
      split = "random", test, drop, types, learner, time, memory, out, resume, from, replay, proposer, pruner,
      study, name, grammar, warm_start, stack;
  std::optional<std::string> privacy;
  bool header = false, no_header = false, refit = false, grow = false;
  std::size_t trials = 0, threads = 0, max_nodes = 0;
  std::uint64_t seed = 1;
  std::map<std::string, std::map<std::string, std::string>> settings;  // learner -> setting -> text
  SlotTexts slots;                                                     // empty texts: not given
};

std::string dashed(std::string name) {
  std::replace(name.begin(), name.end(), '_', '-');
  return name;
}

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

void add_setting_flags(CLI::App& command, RunArguments& arguments) {
  for (const Learner* learner : learners()) {
    const std::string name(learner->name());
    for (const SettingField& field : learner->fields()) {
      command
          .add_option("--" + dashed(name + "-" + std::string(field.name)),
                      arguments.settings[name][std::string(field.name)],
                      fmt::format("{} Default: {}", field.doc, format_setting(field.default_value)))
          ->group("Settings of " + name)
          ->type_name(std::string(field.unit));
    }
  }
}

template <class Rows>
std::string names_of(const Rows& rows) {
  std::vector<std::string> names;
  for (const auto& row : rows) names.emplace_back(row.name);
  return join(names, ", ");
}

void add_search_flags(CLI::App& command, RunArguments& arguments) {
  const std::string group = "Search: what a star becomes (astrolabe parts SLOT --space)";
  command
      .add_option("--proposer", arguments.proposer,
                  fmt::format("Who suggests what to try: {}", names_of(proposer_rows())))
      ->group(group)
      ->type_name("NAME");
  command
      .add_option("--pruner", arguments.pruner,
                  fmt::format("Who ends trials early: {}", names_of(pruner_rows())))
      ->group(group)
      ->type_name("NAME");
  command.add_option("--max-nodes", arguments.max_nodes, "Formulas of at most so many operations")
      ->group(group)
      ->check(from_one());
  command
      .add_option(
          "--warm-start", arguments.warm_start,
          fmt::format("Larger nets grow from the fitted ones of an earlier trial, in a fraction of the "
                      "time: on or off. Default: {}",
                      kWarmStartDefault ? "on" : "off"))
      ->group(group)
      ->check(CLI::IsMember({"on", "off"}))
      ->type_name("ON|OFF");
  command
      .add_option("--grammar", arguments.grammar, "TOML with grammars of your own, for stars such as *mine")
      ->group(group)
      ->type_name("FILE");
  command
      .add_option("--study", arguments.study,
                  "Keep the study on a server, postgresql://host/db, where workers can help")
      ->group(group)
      ->type_name("URL");
  command.add_option("--name", arguments.name, "Name of the study there. Default: that of the folder")
      ->group(group)
      ->type_name("NAME");
}

void add_privacy_flag(CLI::App& command, RunArguments& arguments) {
  command
      .add_option(
          "--privacy", arguments.privacy,
          "Train mlp or linear so that no row can be told from the model: 'epsilon=3,delta=1e-5', and "
          "clip, low, high, target_low, target_high, batch, epochs, buckets, held_out (docs/privacy.md)")
      ->type_name("LIST");
}

void add_slot_flags(CLI::App& command, RunArguments& arguments) {
  for (const SlotRow& row : slot_rows()) {
    const std::string name(row.name);
    command.add_option("--" + dashed(name), arguments.slots[name], std::string(row.doc))
        ->group("Slots: they count for every chosen learner that has them (astrolabe parts SLOT)")
        ->type_name(row.parts ? "PART" : "VALUE");
  }
}

// What learners are filled with, and how they are fitted.
void add_learner_flags(CLI::App& command, RunArguments& arguments) {
  add_privacy_flag(command, arguments);
  add_slot_flags(command, arguments);
  add_setting_flags(command, arguments);
}

}  // namespace

void add_run_command(CLI::App& app, Session& session) {
  auto arguments = std::make_shared<RunArguments>();
  RunArguments& a = *arguments;
  CLI::App* run =
      app.add_subcommand("run", "Find the best model for a table, and prove its score on sealed rows");
  // A flag that is given twice counts as it was given last: what is typed wins over a run file.
  run->option_defaults()->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  run->add_option(
         "data", a.data,
         "The table: CSV, TSV (plain, gz, zst), Parquet, Feather or JSON lines. Or pictures: a folder "
         "of class folders (PNG, JPEG), of IDX or of CIFAR files")
      ->type_name("FILE");
  run->add_option("--target", a.target, "The column to predict. Default, of pictures: their label")
      ->type_name("COL");
  run->add_option("--task", a.task, "Kind of task; found from the target unless said")
      ->check(CLI::IsMember({"binary", "multiclass", "regression"}));
  run->add_option("--metric", a.metric, "What to judge by. Default: auc, log_loss, rmse or ndcg@10")
      ->type_name("NAME");
  run->add_option("--positive", a.positive, "The positive class. Default: the rarer one")->type_name("CLASS");
  run->add_option("--split", a.split, "How rows are held out: random, group:COL, time:COL or given:COL")
      ->capture_default_str()
      ->type_name("RULE");
  run->add_option("--test", a.test, "A labelled file that takes the place of the sealed rows")
      ->type_name("FILE");
  run->add_option("--drop", a.drop, "Columns to leave out")->type_name("COL,..");
  run->add_option("--weight", a.weight, "The column with the weight of each row")->type_name("COL");
  run->add_option("--group", a.group, "Rank rows within each value of this column, such as a query")
      ->type_name("COL");
  run->add_option("--types", a.types, "Types that are known better")->type_name("COL=TYPE,..");
  auto* header = run->add_flag("--header", a.header, "The first line has the column names");
  run->add_flag("--no-header", a.no_header, "There is no header: columns are named 1, 2, ...")
      ->excludes(header);
  run->add_option("--learner", a.learner, "Learners to try, such as trees,linear or 'trees(max_leaves=15)'")
      ->type_name("LIST");
  run->add_option("--from", a.from,
                  "Go on from this model, or the one of this run's folder, on new rows: trees, mlp, cnn")
      ->type_name("MODEL");
  run->add_flag("--grow", a.grow,
                "Keep rows beside the model, so that it can grow with later ones by --from --grow");
  run->add_flag("--refit", a.refit, "Ship a model fitted on all rows, the sealed ones too");
  run->add_option("--stack", a.stack,
                  fmt::format("A second level over the best systems, where it surely helps: on or off. "
                              "Default: {}",
                              kStackDefault ? "on" : "off"))
      ->check(CLI::IsMember({"on", "off"}))
      ->type_name("ON|OFF");
  run->add_option("--time", a.time, "Time limit: 60s, 5m, 1h. Default: 5m")->type_name("TIME");
  run->add_option("--memory", a.memory, "Memory limit: 512M, 4G. Default: 80 % of what is free")
      ->type_name("SIZE");
  run->add_option("--trials", a.trials, "Candidates to try at most; alone, it replaces the clock")
      ->check(from_one());
  run->add_option("--threads", a.threads, "Threads. Default: all cores")->check(from_one());
  run->add_option("--seed", a.seed, "Same seed, same bytes")->capture_default_str();
  run->add_option("--out", a.out, "Folder for the results. Default: runs/<data name>")->type_name("DIR");
  run->add_option("--resume", a.resume, "Go on with the run in this folder; --time +1h gives it more")
      ->type_name("DIR");
  run->add_option("--replay", a.replay, "Try what the run in this folder tried, without a clock")
      ->type_name("DIR");
  add_search_flags(*run, a);
  add_learner_flags(*run, a);
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
