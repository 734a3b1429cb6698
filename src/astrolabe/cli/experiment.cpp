// SPDX-License-Identifier: Apache-2.0
// JSON: as report/experiment_text.h says; of `list`, of all or of those that
// are named behind it: experiments[].{name, question, source, options[]}. The exit code
// is 0 whatever the verdict is. The options of an experiment are those of its own table.
#include <chrono>
#include <filesystem>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "astrolabe/base/error.h"
#include "astrolabe/base/file.h"
#include "astrolabe/base/text.h"
#include "astrolabe/cli/command.h"
#include "astrolabe/report/experiment_text.h"
#include "astrolabe/workflow/program_template.h"

namespace astrolabe {
namespace {

struct ExperimentArguments {
  std::string name;
  std::uint64_t seed = 1;
  std::filesystem::path out;
};

// --kappa 1e5 and --kappa=1e5, as CLI11 left them.
std::map<std::string, std::string, std::less<>> options_in(const std::vector<std::string>& words) {
  std::map<std::string, std::string, std::less<>> options;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const bool is_option = words[i].starts_with("--") && words[i].size() > 2;
    const std::size_t equals = words[i].find('=');
    if (is_option && equals != std::string::npos) {
      options[words[i].substr(2, equals - 2)] = words[i].substr(equals + 1);
    } else if (is_option && i + 1 < words.size()) {
      options[words[i].substr(2)] = words[i + 1];
      ++i;
    } else {
      throw usage_error({.attempted = "reading the options of an experiment",
                         .expected = "--name value",
                         .found = words[i],
                         .remedy = "`astrolabe experiment list` shows the options of each."});
    }
  }
  return options;
}

const Experiment& require_experiment(const std::string& name) {
  if (const Experiment* found = find_experiment(name)) return *found;
  std::vector<std::string> names;
  for (const Experiment& experiment : experiments()) names.emplace_back(experiment.name);
  const std::optional<std::string> nearest = nearest_name(name, names);
  throw usage_error({.attempted = "running an experiment",
                     .expected = "one of " + join(names, ", "),
                     .found = name,
                     .remedy = nearest ? fmt::format("Did you mean {}?", *nearest)
                                       : "`astrolabe experiment list` shows them."});
}

nlohmann::ordered_json description(const Experiment& experiment) {
  nlohmann::ordered_json options = nlohmann::ordered_json::array();
  for (const ExperimentOption& option : experiment.options)
    options.push_back({{"name", option.name}, {"default", option.default_value}, {"doc", option.doc}});
  return {{"name", experiment.name},
          {"question", experiment.question},
          {"source", experiment.source},
          {"options", std::move(options)}};
}

// Of all, or of those that are named.
int list_experiments(const std::vector<std::string>& names, const Face& face) {
  std::vector<const Experiment*> chosen;
  for (const std::string& name : names) chosen.push_back(&require_experiment(name));
  if (!face.json) {
    if (chosen.empty()) fmt::print("{}", experiment_list(face.style()));
    for (const Experiment* experiment : chosen)
      fmt::print("{}", experiment_details(*experiment, face.style()));
    return 0;
  }
  if (chosen.empty())
    for (const Experiment& experiment : experiments()) chosen.push_back(&experiment);
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const Experiment* experiment : chosen) list.push_back(description(*experiment));
  const nlohmann::ordered_json json = {{"experiments", std::move(list)}};
  fmt::print("{}\n", json.dump(2));
  return 0;
}

int run_experiment(const ExperimentArguments& arguments, const std::vector<std::string>& words,
                   const Session& session) {
  if (arguments.name == "list") return list_experiments(words, session.face);
  const Experiment& experiment = require_experiment(arguments.name);
  const auto start = std::chrono::steady_clock::now();
  ExperimentResult result =
      experiment.run({.options = options_in(words), .key = Key::from_seed(arguments.seed)});
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
  const ExperimentReport report{.experiment = experiment,
                                .result = std::move(result),
                                .command = shell_text(session.arguments),
                                .seconds = taken.count()};
  if (!arguments.out.empty()) {
    write_file_atomically(arguments.out, experiment_html(report));
    session.face.say("page    " + arguments.out.string());
  }
  fmt::print("{}",
             session.face.json ? experiment_json(report) : experiment_text(report, session.face.style()));
  return 0;
}

}  // namespace

void add_experiment_command(CLI::App& app, Session& session) {
  auto arguments = std::make_shared<ExperimentArguments>();
  CLI::App* command = app.add_subcommand(
      "experiment", "A simple experiment: a question, a prediction, a verdict, in seconds");
  command->add_option("name", arguments->name, "Which one; list shows them all with their options")
      ->required()
      ->type_name("NAME|list");
  command->add_option("--seed", arguments->seed, "Of everything that is drawn")->capture_default_str();
  command->add_option("--out", arguments->out, "Write a page with the plot")->type_name("FILE.html");
  add_face_options(*command, session.face);
  command->allow_extras();
  command->callback([arguments, command, &session] {
    session.action = [arguments, words = command->remaining(), &session] {
      return run_experiment(*arguments, words, session);
    };
  });
}

}  // namespace astrolabe
