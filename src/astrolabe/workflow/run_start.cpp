// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/workflow/run_start.h"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "astrolabe/base/error.h"
#include "astrolabe/base/text.h"
#include "astrolabe/features/encoder_catalog.h"
#include "astrolabe/pipeline/catalog.h"

namespace astrolabe {
namespace {

constexpr std::size_t kShownColumns = 8;

std::string attempted(const std::string& path) {
  return "going on from " + path;
}

std::vector<std::string> learners_that_go_on() {
  std::vector<std::string> names;
  for (const Learner* learner : learners())
    if (goes_on_from_models(*learner)) names.emplace_back(learner->name());
  return names;
}

void require_learners(const RunOptions& options, const std::string& path) {
  for (const LearnerChoice& choice : options.learners) {
    if (choice.name == learners()[0]->name() || goes_on_from_models(*find_learner(choice.name))) continue;
    throw usage_error(
        {.attempted = attempted(path),
         .expected =
             fmt::format("learners that can go on from a model: {}", join(learners_that_go_on(), ", ")),
         .found = choice.name,
         .remedy = fmt::format("Leave {} out of --learner, or leave --from out to fit it from nothing.",
                               choice.name)});
  }
}

std::shared_ptr<const std::vector<FittedCandidate>> fits_of(const ShippedModel& model, RunStart& start) {
  std::vector<FittedCandidate> fits;
  std::vector<std::string> others;
  for (const Member& member : model.members()) {
    const Learner* learner = find_learner(member.learner);
    if (learner != nullptr && goes_on_from_models(*learner)) {
      fits.push_back({.encoder = member.encoder, .model = member.model});
    } else if (std::ranges::find(others, member.learner) == others.end()) {
      others.push_back(member.learner);
    }
  }
  if (fits.empty())
    throw usage_error(
        {.attempted = attempted(start.path),
         .expected = fmt::format("a model with fits of {}", join(learners_that_go_on(), " or ")),
         .found = fmt::format("one of {}", join(others, " and ")),
         .remedy = "Leave --from out: only boosted trees can be gone on from."});
  if (!others.empty())
    start.notes.push_back(
        fmt::format("of {}, {} cannot be gone on from and stays behind", start.path, join(others, " and ")));
  return std::make_shared<const std::vector<FittedCandidate>>(std::move(fits));
}

// Names, the first few of them.
std::string listed(std::vector<std::string> names) {
  const std::size_t count = names.size();
  if (count > kShownColumns) {
    names.resize(kShownColumns);
    names.push_back(fmt::format("and {} more", count - kShownColumns));
  }
  return join(names, ", ");
}

[[noreturn]] void refuse(const RunStart& start, std::string expected, std::string found, std::string remedy) {
  throw bad_input({.attempted = attempted(start.path),
                   .expected = std::move(expected),
                   .found = std::move(found),
                   .remedy = std::move(remedy)});
}

void require_same_task(const RunStart& start, const RunOptions& options, Task& task) {
  const Task& old = start.card.task;
  if (old.kind != task.kind || old.group != task.group)
    refuse(start,
           fmt::format("the question that it answers: {} of {}{}", old.kind_name(), old.target,
                       old.is_ranking() ? " within " + old.group : ""),
           fmt::format("{} of {}{}", task.kind_name(), task.target,
                       task.is_ranking() ? " within " + task.group : ""),
           "Ask the same question with --target, --task and --group, or train from nothing without --from.");
  std::vector<std::string> before = old.classes, now = task.classes;
  std::ranges::sort(before);
  std::ranges::sort(now);
  if (before != now)
    refuse(start, fmt::format("the classes that it knows: {}", listed(old.classes)), listed(task.classes),
           "Spell classes alike and give rows of each, or train from nothing without --from.");
  if (options.positive && !old.classes.empty() && old.classes.back() != *options.positive)
    refuse(start, "its positive class, " + old.classes.back(), *options.positive, "Leave --positive out.");
  task.classes = old.classes;
}

void require_same_columns(const RunStart& start, const Table& table) {
  std::vector<std::string> missing;
  for (const WantedColumn& wanted : start.columns) {
    const std::optional<std::size_t> place = table.find(wanted.name);
    const Column* const column = place ? &table.columns()[*place] : nullptr;
    if (column == nullptr) {
      missing.push_back(wanted.name);
    } else if (storage_of(column->type) != storage_of(wanted.type)) {
      refuse(start, fmt::format("column {} of type {}", wanted.name, column_type_name(wanted.type)),
             std::string(column_type_name(column->type)),
             fmt::format("Mend its cells, or read it with --types {}={}.", wanted.name,
                         column_type_name(wanted.type)));
    }
  }
  if (!missing.empty())
    refuse(start, "every column that it reads, by name", fmt::format("no column {}", listed(missing)),
           "Give a table of the same schema, or train from nothing without --from.");
}

}  // namespace

bool RunStart::wants(const std::string& column) const {
  return std::ranges::find(columns, column, &WantedColumn::name) != columns.end();
}

std::optional<RunStart> start_of(RunOptions& options) {
  if (options.from.empty()) return std::nullopt;
  std::filesystem::path path = options.from;
  if (std::filesystem::is_directory(path)) path /= "model.astro";
  RunStart start;
  start.path = path.string();
  require_learners(options, start.path);
  const ShippedModel model = load_model(path);
  start.card = model.card();
  start.columns = model.wanted_columns();
  start.fits = fits_of(model, start);
  if (!options.study.empty())
    throw usage_error({.attempted = attempted(start.path),
                       .expected = "a run of one machine",
                       .found = "--study",
                       .remedy = "Leave one of the two out: workers have no such file."});
  if (options.target != start.card.task.target)
    throw usage_error({.attempted = attempted(start.path),
                       .expected = "its target, " + start.card.task.target,
                       .found = options.target,
                       .remedy = "Give --target " + start.card.task.target + ", or leave --from out."});
  if (options.learners.empty())
    for (const std::string& name : learners_that_go_on()) options.learners.push_back({.name = name});
  if (!options.task && start.card.task.kind != TaskKind::binary && !start.card.task.is_ranking())
    options.task = start.card.task.kind;
  return start;
}

void require_same_schema(const RunStart& start, const RunOptions& options, const RunResult& result,
                         TaskSetup& setup) {
  if (result.data_hash == start.card.data_hash)
    refuse(start, "rows that it has not seen",
           fmt::format("{}, the file that it was fitted on", options.data.string()),
           "Give the rows that came after it; rows that it knows would judge themselves.");
  require_same_task(start, options, setup.task);
  require_same_columns(start, setup.table);
}

}  // namespace astrolabe
