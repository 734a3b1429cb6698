// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/cli/run_flags.h"

#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "astrolabe/base/text.h"
#include "astrolabe/cli/command.h"
#include "astrolabe/pipeline/catalog.h"
#include "astrolabe/search/proposer.h"
#include "astrolabe/search/pruner.h"
#include "astrolabe/system/slots.h"
#include "astrolabe/workflow/run_options.h"

namespace astrolabe {
namespace {

// The rows, and what is asked of them.
void add_question_flags(CLI::App& command, RunArguments& arguments) {
  command
      .add_option(
          "data", arguments.data,
          "The table: CSV, TSV (plain, gz, zst), Parquet, Feather or JSON lines. Or pictures: a folder "
          "of class folders (PNG, JPEG), of IDX or of CIFAR files")
      ->type_name("FILE");
  command
      .add_option("--target", arguments.target, "The column to predict. Default, of pictures: their label")
      ->type_name("COL");
  command.add_option("--task", arguments.task, "Kind of task; found from the target unless said")
      ->check(CLI::IsMember({"binary", "multiclass", "regression"}));
  command
      .add_option("--metric", arguments.metric, "What to judge by. Default: auc, log_loss, rmse or ndcg@10")
      ->type_name("NAME");
  command.add_option("--positive", arguments.positive, "The positive class. Default: the rarer one")
      ->type_name("CLASS");
  command
      .add_option("--split", arguments.split,
                  "How rows are held out: random, group:COL, time:COL or given:COL")
      ->capture_default_str()
      ->type_name("RULE");
  command.add_option("--test", arguments.test, "A labelled file that takes the place of the sealed rows")
      ->type_name("FILE");
  command.add_option("--drop", arguments.drop, "Columns to leave out")->type_name("COL,..");
  command.add_option("--weight", arguments.weight, "The column with the weight of each row")
      ->type_name("COL");
  command
      .add_option("--group", arguments.group, "Rank rows within each value of this column, such as a query")
      ->type_name("COL");
  command.add_option("--types", arguments.types, "Types that are known better")->type_name("COL=TYPE,..");
  auto* header = command.add_flag("--header", arguments.header, "The first line has the column names");
  command.add_flag("--no-header", arguments.no_header, "There is no header: columns are named 1, 2, ...")
      ->excludes(header);
}

// What may answer it.
void add_answer_flags(CLI::App& command, RunArguments& arguments) {
  command
      .add_option("--learner", arguments.learner,
                  "Learners to try, such as trees,linear or 'trees(max_leaves=15)'")
      ->type_name("LIST");
  command
      .add_option("--from", arguments.from,
                  "Go on from this model, or the one of this run's folder, on new rows: trees, mlp, cnn")
      ->type_name("MODEL");
  command.add_flag("--grow", arguments.grow,
                   "Keep rows beside the model, so that it can grow with later ones by --from --grow");
  command.add_flag("--refit", arguments.refit, "Ship a model fitted on all rows, the sealed ones too");
  command
      .add_option("--stack", arguments.stack,
                  fmt::format("A second level over the best systems, where it surely helps: on or off. "
                              "Default: {}",
                              kStackDefault ? "on" : "off"))
      ->check(CLI::IsMember({"on", "off"}))
      ->type_name("ON|OFF");
}

void add_limit_flags(CLI::App& command, RunArguments& arguments) {
  command.add_option("--time", arguments.time, "Time limit: 60s, 5m, 1h. Default: 5m")->type_name("TIME");
  command.add_option("--memory", arguments.memory, "Memory limit: 512M, 4G. Default: 80 % of what is free")
      ->type_name("SIZE");
  command.add_option("--trials", arguments.trials, "Candidates to try at most; alone, it replaces the clock")
      ->check(from_one());
  command.add_option("--threads", arguments.threads, "Threads. Default: all cores")->check(from_one());
  command.add_option("--seed", arguments.seed, "Same seed, same bytes")->capture_default_str();
}

// Where results go, and results to go on from.
void add_folder_flags(CLI::App& command, RunArguments& arguments) {
  command.add_option("--out", arguments.out, "Folder for the results. Default: runs/<data name>")
      ->type_name("DIR");
  command
      .add_option("--resume", arguments.resume, "Go on with the run in this folder; --time +1h gives it more")
      ->type_name("DIR");
  command.add_option("--replay", arguments.replay, "Try what the run in this folder tried, without a clock")
      ->type_name("DIR");
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

void add_run_flags(CLI::App& command, RunArguments& arguments) {
  // A flag that is given twice counts as it was given last: what is typed wins over a run file.
  command.option_defaults()->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  add_question_flags(command, arguments);
  add_answer_flags(command, arguments);
  add_limit_flags(command, arguments);
  add_folder_flags(command, arguments);
  add_search_flags(command, arguments);
  add_learner_flags(command, arguments);
}

}  // namespace astrolabe
