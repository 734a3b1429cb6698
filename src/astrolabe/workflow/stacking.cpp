// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/workflow/stacking.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "astrolabe/base/text.h"
#include "astrolabe/workflow/out_of_fold.h"

namespace astrolabe {
namespace {

constexpr std::size_t kFewestRows = 500;
constexpr std::size_t kFewestFolds = 3;
constexpr double kLeastShare = 0.02;  // of the weights: less is not worth predicting

// A second level over some systems, and what it says of each row by a fit without the row's fold.
struct Stack {
  std::vector<std::size_t> systems;
  SecondLevel level;
  std::vector<double> out_of_fold;
};

// The chosen first, then others by their score.
std::vector<std::size_t> systems_to_stack(const Selection& selection, const Labels& labels,
                                          const Metric& metric) {
  std::vector<std::size_t> systems;
  const std::vector<std::size_t> ranked = ranked_systems(selection, labels, metric);
  for (const bool wants_chosen : {true, false})
    for (const std::size_t index : ranked) {
      const bool is_chosen = std::ranges::find(selection.chosen, index) != selection.chosen.end();
      if (is_chosen == wants_chosen && systems.size() < kMostSystems) systems.push_back(index);
    }
  return systems;
}

SystemPredictions predictions_of(const Selection& selection, std::span<const std::size_t> systems,
                                 const Labels& labels) {
  SystemPredictions predictions;
  for (const std::size_t index : systems) predictions.of.push_back(selection.tried[index].out_of_fold);
  predictions.outputs = labels.outputs();
  for (const RowIndex row : selection.rows) {
    predictions.truth.push_back(labels.values[row]);
    if (!labels.weights.empty()) predictions.weight.push_back(labels.weights[row]);
  }
  return predictions;
}

// What greedy selection gave them; those that it left out start at nothing.
std::vector<double> greedy_weights(const Selection& selection, std::span<const std::size_t> systems) {
  std::vector<double> weights;
  for (const std::size_t index : systems) {
    const auto at = std::ranges::find(selection.chosen, index) - selection.chosen.begin();
    const bool is_chosen = at < std::ssize(selection.chosen);
    weights.push_back(is_chosen ? selection.weights[static_cast<std::size_t>(at)] : 0);
  }
  return weights;
}

std::vector<double> combine(const SecondLevel& level, const SystemPredictions& predictions,
                            std::span<const std::size_t> places) {
  std::vector<double> scores(places.size() * predictions.outputs, 0.0), some(scores.size());
  for (std::size_t system = 0; system < predictions.of.size(); ++system) {
    for (std::size_t i = 0; i < places.size(); ++i)
      std::copy_n(
          predictions.of[system].begin() + static_cast<std::ptrdiff_t>(places[i] * predictions.outputs),
          predictions.outputs, some.begin() + static_cast<std::ptrdiff_t>(i * predictions.outputs));
    level.add(system, some, scores);
  }
  level.finish(scores, predictions.outputs);
  return scores;
}

// Nothing when fewer than two systems have a say.
std::optional<Stack> fit_stack(const Selection& selection, std::vector<std::size_t> systems,
                               const Labels& labels, std::span<const Fold> folds) {
  std::vector<std::size_t> all(selection.rows.size());
  std::iota(all.begin(), all.end(), std::size_t{0});
  Stack stack{.systems = std::move(systems), .level = {}, .out_of_fold = {}};
  SystemPredictions predictions;
  std::vector<double> greedy;
  while (true) {
    predictions = predictions_of(selection, stack.systems, labels);
    greedy = greedy_weights(selection, stack.systems);
    stack.level = fit_second_level(labels.kind, predictions, all, greedy);
    const std::vector<double>& weights = stack.level.weights;
    const double least = kLeastShare * std::accumulate(weights.begin(), weights.end(), 0.0);
    std::vector<std::size_t> heard;
    for (std::size_t i = 0; i < weights.size(); ++i)
      if (weights[i] > least) heard.push_back(stack.systems[i]);
    if (heard.size() < 2) return std::nullopt;
    if (heard.size() == stack.systems.size()) break;
    stack.systems = std::move(heard);
  }
  stack.out_of_fold.resize(selection.out_of_fold.size());
  for (const Fold& fold : folds) {
    std::vector<std::size_t> judged, others;
    for (const std::size_t place : all)
      (std::ranges::binary_search(fold.valid, selection.rows[place]) ? judged : others).push_back(place);
    const std::vector<double> said =
        combine(fit_second_level(labels.kind, predictions, others, greedy), predictions, judged);
    const std::size_t outputs = predictions.outputs;
    for (std::size_t i = 0; i < judged.size(); ++i)
      for (std::size_t k = 0; k < outputs; ++k)
        stack.out_of_fold[judged[i] * outputs + k] = said[i * outputs + k];
  }
  return stack;
}

void put_stack(Selection& selection, Stack stack) {
  selection.chosen = std::move(stack.systems);
  selection.weights = stack.level.weights;
  selection.stack = std::move(stack.level);
  selection.out_of_fold = std::move(stack.out_of_fold);
  selection.system = name_of_several(selection, selection.chosen, "stack");
}

// Of the greedy choice and of a stack, on the same rows.
struct Comparison {
  double greedy = 0, stack = 0;
  bool is_better = false, is_surely_better = false;
};

Comparison compare(const Metric& metric, const JudgedRows& stack, const JudgedRows& greedy, Key key) {
  Comparison comparison{.greedy = metric.compute(greedy.scored()), .stack = metric.compute(stack.scored())};
  comparison.is_better = metric.better(comparison.stack, comparison.greedy);
  if (!comparison.is_better) return comparison;
  const Estimate effect = paired_difference(metric, stack.scored(), greedy.scored(), key).effect;
  comparison.is_surely_better = effect.low > 0 || effect.high < 0;
  return comparison;
}

std::vector<double> predict_as_shipped(const Selection& selection, const RehearsalRequest& request,
                                       const Table& table) {
  ModelCard card;
  card.task = request.task;
  card.second_level = selection.stack;
  return ShippedModel(std::move(card), members_of(selection)).predict(table, request.pool);
}

// On rows that no fit of either level saw. Nothing without the time, or when only one system had a say.
std::optional<Comparison> rehearse_both(const Selection& selection, const Stack& stack,
                                        const RehearsalRequest& request) {
  std::vector<std::size_t> systems = stack.systems;
  for (const std::size_t index : selection.chosen)
    if (index != 0 && std::ranges::find(systems, index) == systems.end()) systems.push_back(index);
  if (request.budget.has_deadline() && rehearsal_seconds(selection, systems) > request.budget.seconds_left())
    return std::nullopt;
  std::optional<Rehearsal> rehearsal = rehearse(selection, systems, request);
  if (!rehearsal) return std::nullopt;
  const Metric& metric = *find_metric(request.task.metric);
  const Selection greedy = select_system(std::move(rehearsal->tried), request.labels, request.task);
  std::optional<Stack> again = fit_stack(greedy, systems_to_stack(greedy, request.labels, metric),
                                         request.labels, request.folds.subspan(1));
  const Table held = request.table.take_rows(rehearsal->held);
  const JudgedRows by_greedy =
      judge(rehearsal->held, predict_as_shipped(greedy, request, held), request.labels);
  // Where the stack falls together it is the greedy choice.
  Selection stacked = greedy;
  if (again) put_stack(stacked, std::move(*again));
  const JudgedRows by_stack =
      judge(rehearsal->held, predict_as_shipped(stacked, request, held), request.labels);
  return compare(metric, by_stack, by_greedy, request.key.split("held"));
}

std::string scores_of(const Comparison& comparison) {
  return fmt::format("{} to {}", format_score(comparison.greedy), format_score(comparison.stack));
}

}  // namespace

StackVerdict consider_stack(Selection& selection, const RehearsalRequest& request) {
  const Metric& metric = *find_metric(request.task.metric);
  const std::vector<std::size_t> systems = systems_to_stack(selection, request.labels, metric);
  const bool has_grown = std::ranges::any_of(
      systems, [&](std::size_t index) { return selection.tried[index].parent != nullptr; });
  if (request.task.is_ranking() || systems.size() < 2 || request.folds.size() < kFewestFolds ||
      selection.rows.size() < kFewestRows || selection.rows.size() < request.table.rows() || has_grown)
    return {.end = StackEnd::impossible,
            .words = "no stack: a ranking, or too few systems, rows or folds for one"};
  std::optional<Stack> stack = fit_stack(selection, systems, request.labels, request.folds);
  if (!stack) return {.end = StackEnd::no_better, .words = "no stack: one system is best alone"};
  const Comparison open =
      compare(metric, judge(selection.rows, stack->out_of_fold, request.labels),
              judge(selection.rows, selection.out_of_fold, request.labels), request.key.split("out of fold"));
  const std::string open_words = fmt::format("{} from {} out of fold", metric.title, scores_of(open));
  if (!open.is_surely_better)
    return {.end = StackEnd::no_better,
            .words = fmt::format("no stack: {}, {}", open_words,
                                 open.is_better ? "not beyond the noise" : "no better")};
  const std::optional<Comparison> held = rehearse_both(selection, *stack, request);
  if (!held)
    return {.end = StackEnd::no_time, .words = "no stack: " + open_words + ", but no time to rehearse it"};
  const std::string held_words = fmt::format("{} on {} rows that no level saw", scores_of(*held),
                                             format_count(request.folds[0].valid.size()));
  if (!held->is_better)
    return {.end = StackEnd::does_not_hold,
            .words = fmt::format("no stack: {}, but {}: what it learned does not hold for new rows",
                                 open_words, held_words)};
  put_stack(selection, std::move(*stack));
  return {.end = StackEnd::ships,
          .words = fmt::format("{} ships: {}, {}", selection.system, open_words, held_words)};
}

}  // namespace astrolabe
