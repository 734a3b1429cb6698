// SPDX-License-Identifier: Apache-2.0
// Anyone's program as the trial of a search:
//   astrolabe search --minimise loss -- python3 train.py --lr '*1e-4..1e-1' --act '*relu,gelu,silu'
//
// --json: what `astrolabe study` gives (trials, best, importance, reasons, ...) and command (of the best
// trial, as a shell takes it), words (of it), question, stopped (trials, time, exhausted or signal),
// trials_here, folder, study.{url,name}, report, time_s.
#include <algorithm>
#include <cstdio>
#include <memory>

#include <fmt/format.h>

#include "astrolabe/base/budget.h"
#include "astrolabe/base/error.h"
#include "astrolabe/base/file.h"
#include "astrolabe/base/text.h"
#include "astrolabe/cli/command.h"
#include "astrolabe/search/proposer.h"
#include "astrolabe/search/pruner.h"
#include "astrolabe/workflow/program_outcome.h"
#include "astrolabe/workflow/program_search.h"

namespace astrolabe {
namespace {

struct SearchArguments {
  std::string minimise, maximise, slots, time, trial_time, proposer, pruner, study, name, out, resume;
  std::uint64_t trials = 0, seed = 1;
  std::size_t jobs = 1;
  std::vector<const CLI::Option*> question;  // options that a study keeps
  const CLI::App* command = nullptr;
};

[[noreturn]] void refuse(const std::string& expected, const std::string& found, const std::string& remedy) {
  throw usage_error(
      {.attempted = "reading the options", .expected = expected, .found = found, .remedy = remedy});
}

// The program stands behind --, so that its options are not taken for ours.
void require_dashes(const SearchArguments& arguments) {
  const std::vector<std::string> others = arguments.command->remaining();
  if (others.empty()) return;
  refuse("options of ours, then -- and the program", shell_text(others),
         "Write astrolabe search --minimise NAME -- PROGRAM WORDS...; `astrolabe search --help` lists the "
         "options.");
}

ProgramGoal goal_of(const SearchArguments& arguments) {
  if (arguments.minimise.empty() && arguments.maximise.empty())
    refuse("--minimise NAME or --maximise NAME", "neither",
           "NAME is what the program prints, as in loss=0.31: --minimise loss.");
  if (!arguments.minimise.empty() && !arguments.maximise.empty())
    refuse("--minimise or --maximise", "both", "Take one of them out: a search has one goal.");
  const bool higher_is_better = arguments.minimise.empty();
  return {.name = higher_is_better ? arguments.maximise : arguments.minimise,
          .higher_is_better = higher_is_better};
}

ProgramSearchOptions new_search(const SearchArguments& arguments, const Session& session) {
  ProgramSearchOptions options{.words = session.behind_dashes, .goal = goal_of(arguments)};
  if (!arguments.slots.empty()) options.slots = read_file(arguments.slots, "file of slots");
  options.proposer = arguments.proposer;
  options.pruner = arguments.pruner;
  if (!arguments.trial_time.empty())
    options.trial_seconds = parse_duration(arguments.trial_time, "--trial-time");
  options.seed = arguments.seed;
  options.study = arguments.study;
  options.study_name = arguments.name;
  options.out = arguments.out;
  if (arguments.trials > 0) options.trials = arguments.trials;
  if (!arguments.time.empty() || arguments.trials == 0)
    options.seconds = parse_duration(arguments.time.empty() ? "5m" : arguments.time, "--time");
  return options;
}

// The study's own question; only what may be spent can be told anew.
ProgramSearchOptions resumed_search(const SearchArguments& arguments, const Session& session) {
  if (!session.behind_dashes.empty())
    refuse("nothing behind -- with --resume", shell_text(session.behind_dashes),
           "A study has one question: it goes on with the command that it was begun with.");
  for (const CLI::Option* option : arguments.question) {
    if (option->count() > 0)
      refuse("nothing of the question with --resume", "--" + option->get_lnames().front(),
             "A study has one question: only --time, --trials and --jobs can be told anew.");
  }
  ProgramSearchOptions options = program_search_of(std::filesystem::path(arguments.resume));
  if (arguments.trials > 0) options.trials = arguments.trials;
  if (!arguments.time.empty()) options.seconds = parse_duration(arguments.time, "--time");
  return options;
}

void require_found(const ProgramSearchOptions& options, const ProgramSearchResult& result) {
  if (result.best || result.trials_here == 0 || cancel_requested()) return;
  throw nothing_fitted(
      {.attempted = fmt::format("searching for the best {}", options.goal.name),
       .expected = "a trial that prints it, exits with 0 and comes to its end",
       .found = fmt::format("{} failed and {} pruned trials", result.counts.failed, result.counts.pruned),
       .remedy = fmt::format("{} has what they printed; `astrolabe study {}` says why.",
                             (result.folder / "trials").string(), result.folder.string())});
}

int search_and_print(const SearchArguments& arguments, const Session& session) {
  require_dashes(arguments);
  ProgramSearchOptions options =
      arguments.resume.empty() ? new_search(arguments, session) : resumed_search(arguments, session);
  options.jobs = arguments.jobs;
  install_signal_handlers();
  const std::unique_ptr<Progress> progress = session.face.progress();
  const ProgramSearchResult result = search_program(
      options, *progress, {.on_start = [&](const std::string& line) { session.face.say(line); }});
  const ProgramOutcome outcome = read_outcome(options, result);
  write_outcome(outcome);
  require_found(options, result);
  if (session.face.json) {
    fmt::print("{}\n", outcome_json(outcome));
  } else {
    const TerminalStyle terminal = detect_terminal_style(session.face.color);
    fmt::print("{}", outcome_text(outcome, {.width = terminal.width, .color = false}));
  }
  if (result.why != SearchStop::signal) return 0;
  session.face.say(fmt::format("interrupted: `astrolabe search --resume {}` goes on",
                               shell_text({{result.folder.string()}})));
  return 128 + cancel_signal();
}

template <class Row>
std::string names_of(std::span<const Row> rows) {
  std::vector<std::string> names;
  for (const Row& row : rows) names.emplace_back(row.name);
  return join(names, ", ");
}

void add_question(CLI::App& command, SearchArguments& a) {
  const auto add = [&](const std::string& flag, auto& value, const std::string& doc) {
    CLI::Option* option = command.add_option(flag, value, doc);
    a.question.push_back(option);
    return option;
  };
  add("--minimise,--minimize", a.minimise, "What the program prints as NAME=VALUE: lower is better")
      ->type_name("NAME");
  add("--maximise,--maximize", a.maximise, "The same, and higher is better")->type_name("NAME");
  add("--slots", a.slots, "TOML with [slot.NAME]: what {NAME} stands for in the command")->type_name("FILE");
  add("--trial-time", a.trial_time, "Time limit of one trial")->type_name("TIME");
  add("--proposer", a.proposer, "Who suggests what to try: " + names_of(proposer_rows()))->type_name("NAME");
  add("--pruner", a.pruner, "Who ends trials early: " + names_of(pruner_rows()))->type_name("NAME");
  add("--study", a.study,
      "Keep the study in this file, or on a server: postgresql://host/db. Several searches "
      "may share it")
      ->type_name("FILE|URL");
  add("--name", a.name, "Name of the study there")->type_name("NAME");
  add("--out", a.out, "Folder for the results. Default: runs/<program name>")->type_name("DIR");
  add("--seed", a.seed, "Same seed, same proposals; trials see it as ASTROLABE_SEED")->capture_default_str();
}

}  // namespace

void add_search_command(CLI::App& app, Session& session) {
  auto arguments = std::make_shared<SearchArguments>();
  SearchArguments& a = *arguments;
  CLI::App* command =
      app.add_subcommand("search", "Find the best words for a program of yours, in any language");
  command->footer(
      "Usage: astrolabe search [OPTIONS] --minimise NAME -- PROGRAM WORDS...\n"
      "A word of the program, or what follows NAME= in it, may be a star: '*1e-4..1e-1', '*1..8' or\n"
      "'*relu,gelu'. The program prints NAME=VALUE lines: the last one is its score, those before it\n"
      "are steps at which it may be ended early.");
  command->allow_extras();  // told by require_dashes, which knows what was meant
  a.command = command;
  add_question(*command, a);
  command->add_option("--resume", a.resume, "Go on with the search in this folder; --time +1h gives it more")
      ->type_name("DIR");
  command->add_option("--time", a.time, "Time limit: 60s, 5m, 1h. Default: 5m")->type_name("TIME");
  command->add_option("--trials", a.trials, "Trials of the whole study at most; alone, it replaces the clock")
      ->check(from_one());
  command->add_option("--jobs", a.jobs, "Trials side by side")
      ->capture_default_str()
      ->check(CLI::Range(1, 1'024));
  add_face_options(*command, session.face);
  command->callback([arguments, &session] {
    session.action = [arguments, &session] { return search_and_print(*arguments, session); };
  });
}

}  // namespace astrolabe
