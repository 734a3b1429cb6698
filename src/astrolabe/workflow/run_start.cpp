// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/workflow/run_start.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <utility>

#include <fmt/format.h>

#include "astrolabe/base/error.h"
#include "astrolabe/base/text.h"
#include "astrolabe/features/encoder_catalog.h"
#include "astrolabe/pipeline/catalog.h"
#include "astrolabe/pipeline/going_on.h"

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

// Of a run's folder, the model in it.
std::string model_path(const std::filesystem::path& from) {
  return (std::filesystem::is_directory(from) ? from / "model.astro" : from).string();
}

void require_learners(const RunOptions& options, const std::string& path) {
  for (const LearnerChoice& choice : options.learners) {
    if (choice.name == learners()[0]->name() || goes_on_from_models(*find_learner(choice.name))) continue;
    throw usage_error({.attempted = attempted(path),
                       .expected = fmt::format("learners that can go on from a model: {}",
                                               join(learners_that_go_on(), ", ")),
                       .found = choice.name,
                       .remedy = fmt::format(
                           "Leave {} out of --learner, or leave --from out to fit it from nothing: its fit "
                           "would be the same wherever it began.",
                           choice.name)});
  }
}

// Settings of a fit that decide what it is, as one text.
std::string kept_settings(const Member& member) {
  std::string text;
  for (const std::string_view name : find_going_on(member.learner)->keeps)
    text += setting_text(*find_learner(member.learner), member.settings, name) + ";";
  return text;
}

// Of a learner's fits, those of the system that weighs most: they are of one shape.
std::vector<const Member*> heaviest_system(const ShippedModel& model, std::string_view learner) {
  std::map<std::string, std::pair<double, std::vector<const Member*>>> systems;
  for (const Member& member : model.members()) {
    if (member.learner != learner) continue;
    auto& [weight, members] = systems[kept_settings(member)];
    weight += member.weight;
    members.push_back(&member);
  }
  if (systems.empty()) return {};
  return std::ranges::max_element(systems, {}, [](const auto& system) { return system.second.first; })
      ->second.second;
}

std::shared_ptr<StartFits> fits_of(const ShippedModel& model, RunStart& start) {
  auto fits = std::make_shared<StartFits>();
  std::vector<std::string> others;
  for (const Member& member : model.members()) {
    if (find_going_on(member.learner) == nullptr) {
      if (std::ranges::find(others, member.learner) == others.end()) others.push_back(member.learner);
      continue;
    }
    if (fits->by_learner.contains(member.learner)) continue;
    std::vector<FittedCandidate> of_learner;
    for (const Member* one : heaviest_system(model, member.learner))
      of_learner.push_back({.encoder = one->encoder, .model = one->model});
    fits->by_learner[member.learner] =
        std::make_shared<const std::vector<FittedCandidate>>(std::move(of_learner));
  }
  if (fits->by_learner.empty())
    throw usage_error(
        {.attempted = attempted(start.path),
         .expected = fmt::format("a model with fits of {}", join(learners_that_go_on(), " or ")),
         .found = fmt::format("one of {}", join(others, " and ")),
         .remedy = "Leave --from out: only boosted trees and nets can be gone on from."});
  if (!others.empty())
    start.notes.push_back(
        fmt::format("of {}, {} cannot be gone on from and stays behind", start.path, join(others, " and ")));
  return fits;
}

// What nobody sets of a learner is what the old fits were made with, as far as it decides what they are.
void keep_settings(const ShippedModel& model, RunOptions& options, const std::string& path) {
  for (LearnerChoice& choice : options.learners) {
    const GoingOn* how = find_going_on(choice.name);
    const std::vector<const Member*> members =
        how == nullptr ? std::vector<const Member*>{} : heaviest_system(model, choice.name);
    if (members.empty()) continue;
    const SettingValues& before = members[0]->settings;
    for (const std::string_view name : how->keeps) {
      const auto old = before.find(name);
      if (old != before.end() && !choice.stars.contains(std::string(name)))
        choice.settings.emplace(name, old->second);
    }
    if (how->refusal == nullptr || !choice.stars.empty()) continue;
    const std::string why = how->refusal(*find_learner(choice.name), choice.settings, before);
    if (why.empty()) continue;
    throw usage_error({.attempted = attempted(path),
                       .expected =
                           "a net that contains the old one: its layers as wide or wider, blocks between "
                           "them",
                       .found = why,
                       .remedy = "Leave these settings out to keep the old net, or leave --from out."});
  }
}

void require_fits(const RunOptions& options, const StartFits& fits, const RunStart& start) {
  for (const LearnerChoice& choice : options.learners) {
    if (choice.name == learners()[0]->name() || fits.by_learner.contains(choice.name)) continue;
    throw usage_error(
        {.attempted = attempted(start.path),
         .expected = fmt::format("a model with fits of {}", choice.name),
         .found = "one of " + start.card.system,
         .remedy = fmt::format("Leave {} out of --learner, or leave --from out.", choice.name)});
  }
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

void require_same_question(const RunStart& start, const Task& task) {
  const Task& old = start.card.task;
  if ((old.kind == TaskKind::regression) == (task.kind == TaskKind::regression) && old.group == task.group)
    return;
  refuse(start,
         fmt::format("the question that it answers: {} of {}{}", old.kind_name(), old.target,
                     old.is_ranking() ? " within " + old.group : ""),
         fmt::format("{} of {}{}", task.kind_name(), task.target,
                     task.is_ranking() ? " within " + task.group : ""),
         "Ask the same question with --target, --task and --group, or train from nothing without --from.");
}

void require_same_classes(const RunStart& start, const Task& task) {
  std::vector<std::string> before = start.card.task.classes, now = task.classes;
  std::ranges::sort(before);
  std::ranges::sort(now);
  if (before != now)
    refuse(start, fmt::format("the classes that it knows: {}", listed(start.card.task.classes)),
           listed(task.classes),
           "Spell classes alike and give rows of each, or train from nothing without --from.");
}

// The old classes in their order, then those that are new.
void join_classes(const RunStart& start, const RunOptions& options, Task& task) {
  const Task& old = start.card.task;
  if (old.kind == TaskKind::regression) return;
  std::vector<std::string> joined = old.classes;
  for (const std::string& name : task.classes)
    if (std::ranges::find(old.classes, name) == old.classes.end()) joined.push_back(name);
  if (joined.size() == old.classes.size() + task.classes.size())
    refuse(start, fmt::format("some of the classes that it knows: {}", listed(old.classes)),
           listed(task.classes), "Spell classes alike, or train from nothing without --from.");
  if (options.positive && (joined.size() > 2 || joined.back() != *options.positive))
    refuse(start,
           joined.size() > 2 ? "no --positive: there are several classes"
                             : "its positive class, " + joined.back(),
           *options.positive, "Leave --positive out.");
  task.classes = std::move(joined);
  const TaskKind kind = task.classes.size() > 2 ? TaskKind::multiclass : TaskKind::binary;
  if (kind == task.kind) return;
  task.kind = kind;
  const Metric* asked = options.metric ? find_metric(*options.metric) : nullptr;
  if (asked != nullptr && !task.suits(*asked))
    refuse(start, fmt::format("a metric of {} classes", task.classes.size()), *options.metric,
           "Leave --metric out, or choose another one.");
  if (asked == nullptr) task.metric = default_metric(task.kind, task.is_ranking()).name;
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

// What extends a model takes other columns, but not others only.
void require_common_column(const RunStart& start, const Table& table) {
  std::vector<WantedColumn> common;
  for (const WantedColumn& wanted : start.columns)
    if (table.find(wanted.name)) common.push_back(wanted);
  if (common.empty() && !start.columns.empty()) {
    std::vector<std::string> names;
    for (const WantedColumn& wanted : start.columns) names.push_back(wanted.name);
    refuse(start, "some of the columns that it reads: " + listed(names), "none of them",
           "Give a table that shares columns, by name, or train from nothing without --from.");
  }
  RunStart shared = start;
  shared.columns = std::move(common);
  require_same_columns(shared, table);  // of the same types
}

bool extends(const LearnerChoice& choice) {
  const GoingOn* how = find_going_on(choice.name);
  return how == nullptr || how->extends;
}

// An old model reads pictures in the shape that it was fitted on.
void note_other_pictures(RunStart& start, const Table& table) {
  for (const WantedColumn& wanted : start.columns) {
    const std::optional<std::size_t> place = table.find(wanted.name);
    if (!place || !table.column(*place).is_image() || wanted.type != ColumnType::image) continue;
    const ImageShape& shape = table.column(*place).pixels.shape;
    if (shape != wanted.picture)
      start.notes.push_back(fmt::format("pictures of {} are resized to {}, as {} reads them",
                                        shape_words(shape), shape_words(wanted.picture), start.path));
  }
}

std::vector<std::size_t> places_of(const std::vector<std::string>& some,
                                   const std::vector<std::string>& all) {
  std::vector<std::size_t> places;
  for (const std::string& name : some)
    places.push_back(static_cast<std::size_t>(std::ranges::find(all, name) - all.begin()));
  return places;
}

}  // namespace

bool RunStart::wants(const std::string& column) const {
  return std::ranges::find(columns, column, &WantedColumn::name) != columns.end();
}

std::vector<std::string> learners_of_start(const std::filesystem::path& from) {
  RunStart start;
  start.path = model_path(from);
  const auto known = fits_of(load_model(start.path), start);  // lives as long as the loop over its names
  std::vector<std::string> names;
  for (const auto& [name, fits] : known->by_learner) names.push_back(name);
  return names;
}

std::optional<RunStart> start_of(RunOptions& options) {
  if (options.from.empty()) return std::nullopt;
  RunStart start;
  start.path = model_path(options.from);
  require_learners(options, start.path);
  const ShippedModel model = load_model(start.path);
  start.card = model.card();
  start.columns = model.wanted_columns();
  if (start.card.privacy)
    throw usage_error(
        {.attempted = attempted(start.path),
         .expected = "a model that was trained without --privacy",
         .found = "a private one",
         .remedy = "Leave --from out: what its rows were promised cannot be promised to the new ones by "
                   "going on from it."});
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
  start.chose_learners = options.learners.empty();
  if (start.chose_learners)
    for (const auto& [name, fits] : start.fits->by_learner) options.learners.push_back({.name = name});
  require_fits(options, *start.fits, start);
  keep_settings(model, options, start.path);
  if (!options.task && start.card.task.kind != TaskKind::binary && !start.card.task.is_ranking())
    options.task = start.card.task.kind;
  return start;
}

void adapt_task(RunStart& start, RunOptions& options, const RunResult& result, TaskSetup& setup) {
  if (result.data_hash == start.card.data_hash)
    refuse(start, "rows that it has not seen",
           fmt::format("{}, the file that it was fitted on", options.data.string()),
           "Give the rows that came after it; rows that it knows would judge themselves.");
  require_same_question(start, setup.task);
  if (!std::ranges::all_of(options.learners, extends)) {
    try {
      require_same_classes(start, setup.task);
      require_same_columns(start, setup.table);
    } catch (const Error& error) {
      const bool can_do_without = start.chose_learners && std::ranges::any_of(options.learners, extends);
      if (!can_do_without) throw;
      start.notes.emplace_back("only the nets of " + start.path +
                               " are gone on from: trees need its columns and classes");
      std::erase_if(options.learners, [](const LearnerChoice& choice) { return !extends(choice); });
    }
  }
  start.extends = std::ranges::all_of(options.learners, extends);
  if (start.extends) require_common_column(start, setup.table);
  note_other_pictures(start, setup.table);
  join_classes(start, options, setup.task);
  start.fits->transfer = std::make_shared<const Transfer>(
      Transfer{.class_of = places_of(start.card.task.classes, setup.task.classes)});
}

}  // namespace astrolabe
