// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/workflow/teaching.h"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "astrolabe/base/error.h"
#include "astrolabe/base/text.h"
#include "astrolabe/pipeline/catalog.h"
#include "astrolabe/system/star.h"
#include "astrolabe/workflow/answers_for.h"

namespace astrolabe {
namespace {

constexpr std::string_view kWord = "distill(";
constexpr const char *kTemperature = "4", *kShare = "0.7";

constexpr const char *kTemperatureSetting = "distill_temperature", *kShareSetting = "distill_share";

struct Distilling {
  std::string model;
  std::string temperature, share;  // numbers or stars, sound ones
  std::string labels;              // the loss by the labels, or a star; empty: the learner's own
};

[[noreturn]] void refuse_text(std::string_view text, std::string found) {
  throw usage_error({.attempted = fmt::format("reading the loss {}", text),
                     .expected =
                         "distill(MODEL, T, a, LOSS): a model, a temperature from 0.1 to 100, the teacher's "
                         "share from 0 to 1 and a loss; all but the model may be left out, and each of them "
                         "may be *, both numbers a range as 2..8",
                     .found = std::move(found),
                     .remedy = "Write it as --loss 'distill(runs/big/model.astro, 4, 0.7)'."});
}

std::optional<Distilling> read_distilling(std::string_view text) {
  const std::string_view trimmed = trim(text);
  if (!trimmed.starts_with(kWord)) return std::nullopt;
  if (!trimmed.ends_with(')')) refuse_text(text, "no closing parenthesis at the end");
  std::string_view inner = trimmed.substr(kWord.size(), trimmed.size() - kWord.size() - 1);
  const std::vector<std::string_view> parts = split_outside_parentheses(inner, ',');
  if (parts.empty() || trim(parts[0]).empty()) refuse_text(text, "no model");
  if (parts.size() > 4) refuse_text(text, fmt::format("{} parts", parts.size()));
  Distilling found{
      .model = std::string(trim(parts[0])), .temperature = kTemperature, .share = kShare, .labels = {}};
  const auto number = [&](std::string_view part, double low, double high) {
    const std::string_view word = trim(part);
    const std::optional<double> value = parse_number(word);
    const std::optional<StarRange> range = find_range(word);
    const bool is_value = value && *value >= low && *value <= high;
    const bool is_range = range && range->low >= low && range->high <= high && range->low < range->high;
    if (word != "*" && !is_value && !is_range) refuse_text(text, fmt::format("'{}'", word));
    return std::string(word);
  };
  if (parts.size() > 1) found.temperature = number(parts[1], 0.1, 100);
  if (parts.size() > 2) found.share = number(parts[2], 0, 1);
  if (parts.size() > 3) found.labels = std::string(trim(parts[3]));
  return found;
}

bool can_be_taught(const Learner& learner) {
  const auto fields = learner.fields();
  return std::ranges::find(fields, "distill_share", &SettingField::name) != fields.end();
}

std::vector<std::string> taught_learners() {
  std::vector<std::string> names;
  for (const Learner* learner : learners())
    if (can_be_taught(*learner)) names.emplace_back(learner->name());
  return names;
}

// Who learns where nobody is named: those that any table can be given to.
std::vector<LearnerChoice> open_to_teaching() {
  std::vector<LearnerChoice> choices;
  for (const Learner* learner : learners())
    if (can_be_taught(*learner) && !learner->needs().images)
      choices.push_back({.name = std::string(learner->name())});
  return choices;
}

void set_teacher(const Distilling& distilling, LearnerChoice& choice, RunOptions& options) {
  if (!can_be_taught(*find_learner(choice.name)))
    throw usage_error(
        {.attempted = "reading the loss distill(...) of " + choice.name,
         .expected = "a learner that can be taught: " + join(taught_learners(), " or "),
         .found = choice.name,
         .remedy = fmt::format("Give {} a loss of its own, or leave it out of --learner.", choice.name)});
  if (!options.teacher.empty() && options.teacher != distilling.model)
    throw usage_error({.attempted = "reading the loss distill(...)",
                       .expected = "one teacher",
                       .found = options.teacher.string() + " and " + distilling.model,
                       .remedy = "A mean of several models is one model: let that teach."});
  options.teacher = distilling.model;
  for (const char* const name : {kTemperatureSetting, kShareSetting, "loss"}) {
    choice.settings.erase(name);
    choice.stars.erase(name);
  }
  fill(choice, kTemperatureSetting, distilling.temperature);
  fill(choice, kShareSetting, distilling.share);
  if (!distilling.labels.empty()) fill(choice, "loss", distilling.labels);
}

[[noreturn]] void refuse_teacher(const Run& run, std::string expected, std::string found,
                                 std::string remedy) {
  throw bad_input({.attempted = "learning from " + run.options.teacher.string(),
                   .expected = std::move(expected),
                   .found = std::move(found),
                   .remedy = std::move(remedy)});
}

}  // namespace

void take_teacher(SlotTexts& slots, RunOptions& options) {
  const auto slot = slots.find("loss");
  if (slot != slots.end()) {
    if (const std::optional<Distilling> distilling = read_distilling(slot->second)) {
      if (options.learners.empty()) options.learners = open_to_teaching();
      for (LearnerChoice& choice : options.learners) set_teacher(*distilling, choice, options);
      slots.erase(slot);
    }
  }
  for (LearnerChoice& choice : options.learners) {
    const auto loss = choice.settings.find("loss");
    const auto star = choice.stars.find("loss");
    const auto* text = loss == choice.settings.end() ? nullptr : std::get_if<std::string>(&loss->second);
    if (star != choice.stars.end()) text = &star->second;
    if (text == nullptr) continue;
    if (const std::optional<Distilling> distilling = read_distilling(*text))
      set_teacher(*distilling, choice, options);
  }
}

std::optional<ShippedModel> teacher_of(const RunOptions& options) {
  if (options.teacher.empty()) return std::nullopt;
  std::filesystem::path path = options.teacher;
  if (std::filesystem::is_directory(path)) path /= "model.astro";
  return load_model(path);
}

void require_teacher(Run& run) {
  if (!run.options.study.empty())
    throw usage_error({.attempted = "learning from " + run.options.teacher.string(),
                       .expected = "a run of one machine",
                       .found = "--study",
                       .remedy = "Leave one of the two out: workers have no such file."});
  const ModelCard& card = run.teacher->card();
  const Task& task = run.result.task;
  if ((card.task.kind == TaskKind::regression) != (task.kind == TaskKind::regression) ||
      card.task.is_ranking() != task.is_ranking())
    refuse_teacher(run, fmt::format("a teacher of the same question: {}", task.kind_name()),
                   std::string(card.task.kind_name()), "Choose a model that answers it.");
  const auto knows = [&](const std::string& name) {
    return std::ranges::find(card.task.classes, name) != card.task.classes.end();
  };
  if (!std::ranges::all_of(task.classes, knows))
    refuse_teacher(run, "a teacher that knows every class: " + join(task.classes, ", "),
                   join(card.task.classes, ", "),
                   "Choose another model, or leave out the rows of other classes.");
  if (card.data_hash != run.result.data_hash || card.data_hash == 0) {
    say_all(run, {fmt::format("taught by {} of {}, fitted on {}", card.system, run.options.teacher.string(),
                              card.data_name)});
    return;
  }
  // It was fitted on this very file: what this run seals it must not have seen.
  if (card.seed != run.options.seed)
    refuse_teacher(
        run, fmt::format("a teacher that has not seen the rows that this run seals: --seed {}", card.seed),
        fmt::format("--seed {}, which seals others of the same file", run.options.seed),
        fmt::format("Give --seed {}.", card.seed));
  if (card.fitted_on.starts_with("all rows"))
    refuse_teacher(run, "a teacher that has not seen the rows that this run seals",
                   "one that was fitted with --refit", "Train the teacher without --refit.");
  say_all(run,
          {fmt::format("taught by {} of {}, which was fitted on the open rows of this file: only the sealed "
                       "score is of rows that neither of them saw",
                       card.system, run.options.teacher.string())});
}

std::shared_ptr<const std::vector<double>> taught_rows(Run& run, const Table& features) {
  if (!run.teacher) return nullptr;
  return std::make_shared<const std::vector<double>>(
      answers_for(*run.teacher, run.result.task, features, run.pool));
}

}  // namespace astrolabe
