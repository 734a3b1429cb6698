// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/workflow/run_judging.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

#include <fmt/format.h>

#include "astrolabe/base/text.h"
#include "astrolabe/model/limited_fit.h"
#include "astrolabe/workflow/describe_choice.h"
#include "astrolabe/workflow/honest_score.h"
#include "astrolabe/workflow/prediction_spread.h"
#include "astrolabe/workflow/run_search.h"
#include "astrolabe/workflow/shown_pictures.h"

namespace astrolabe {
namespace {

constexpr std::size_t kImportanceRows = 2'000;
constexpr std::size_t kImportanceColumns = 60;

// `residuals`, where the model has ranges: in units of their rows' spread.
HonestScore score_sealed(Run& run, const Sealing& sealing, const ShippedModel& model, SealJournal& journal,
                         std::vector<double>& residuals) {
  const SealedTable& sealed = *sealing.score;
  const Opening opening = journal.record(sealed.slice(), "the run's score");
  const Table& rows = sealed.open(opening);
  const Labels labels = labels_of(rows, run.result.task, sealing.sealed_file);
  std::vector<RowIndex> all(rows.rows());
  std::iota(all.begin(), all.end(), RowIndex{0});
  const JudgedPredictions predicted = predict_to_judge(model, rows, run.pool);
  const JudgedRows judged = judge(all, predicted.values, labels);
  HonestScore score =
      score_honestly(run.result.task, judged, sealing.label, run.key.split("sealed score"), predicted);
  if (model.card().range) residuals = in_units(residuals_of(judged), model.spread(rows, run.pool));
  score.opening = opening.number();
  run.result.mistakes = surest_mistakes(rows, labels, predicted.values, run.result.task);
  return score;
}

std::optional<HonestScore> score_resampled(Run& run, const Prepared& prepared) {
  if (run.budget.should_stop()) {
    run.result.warnings.emplace_back("no time for a resampled score: the validation score is optimistic");
    return std::nullopt;
  }
  // Rows of earlier runs judge nothing: the model has seen them.
  const std::size_t rows = prepared.data.features.rows() - prepared.old_rows;
  std::vector<RowIndex> new_rows(rows);
  std::iota(new_rows.begin(), new_rows.end(), RowIndex{0});
  const OpenData own = prepared.old_rows == 0 ? OpenData{} : take_open_rows(prepared.data, new_rows);
  const OpenData& data = prepared.old_rows == 0 ? prepared.data : own;
  std::optional<HonestScore> score = score_by_resampling(
      {.table = data.features,
       .labels = data.labels,
       .task = run.result.task,
       .split_table = data.split_column,
       .rule = run.options.split,
       .strata = data.strata,
       .select = [&](const InnerSelection& inner) { return search_again(run, prepared.space, inner); },
       .key = run.key.split("resampling"),
       .pool = run.pool,
       .budget = budget_of_fits(run, budget_before_finish(run.budget)),
       .progress = run.progress});
  if (!score)
    run.result.warnings.emplace_back(
        "no part of the rows is enough to repeat the selection on: no resampled score, and the validation "
        "score is optimistic");
  return score;
}

// A score that does not exist on its rows (AUC of one class) is said, not shown as a gap.
void warn_of_undefined_score(Run& run) {
  if (!run.result.honest || std::isfinite(run.result.honest->primary.value)) return;
  if (std::isinf(run.result.honest->primary.value)) {
    run.result.warnings.push_back(fmt::format(
        "{} is infinite: the numbers of {} are too large to be squared and added. Divide them, by 1e100 say",
        find_metric(run.result.task.metric)->title, run.result.task.target));
    return;
  }
  run.result.warnings.push_back(
      fmt::format("{} is undefined on the {} {} {}{}", find_metric(run.result.task.metric)->title,
                  format_count(run.result.honest->rows), run.result.honest->label,
                  run.result.honest->rows == 1 ? "row" : "rows",
                  run.result.task.kind == TaskKind::binary ? ": one class only" : ""));
}

// An optimizer or a loss that runs away ends its own fits, not the run: said, so that nobody takes what is
// left of them for all that the learner can do.
void warn_of_divergence(Run& run, const Selection& selection) {
  for (const CrossValidation& tried : selection.tried) {
    const auto diverged =
        std::ranges::count_if(tried.fitted, [](const auto& fold) { return fold.model->has_diverged(); });
    if (diverged == 0) continue;
    run.result.warnings.push_back(fmt::format(
        "{}: training diverged in {} of {} folds and was stopped early; the best weights before that "
        "are kept. A smaller step may help",
        tried.candidate.name, diverged, tried.fitted.size()));
  }
}

// What a memory limit asked of fits, once for each learner: of what ships, else of what was tried first.
void tell_of_memory(Run& run, const Selection& selection) {
  std::set<std::string_view> told;
  const auto tell = [&](const CrossValidation& tried) {
    for (const FittedCandidate& fold : tried.fitted) {
      const auto* limited = dynamic_cast<const LimitedFit*>(fold.model.get());
      if (limited == nullptr || limited->memory_words().empty()) continue;
      if (told.insert(tried.candidate.learner->name()).second)
        run.result.warnings.push_back(
            fmt::format("--memory: {}: {}", tried.candidate.name, limited->memory_words()));
    }
  };
  for (const std::size_t index : selection.chosen) tell(selection.tried[index]);
  std::ranges::for_each(selection.tried, tell);
}

}  // namespace

void record_selection(Run& run, const Selection& selection, const Prepared& prepared) {
  RunResult& result = run.result;
  result.leaderboard = make_leaderboard(selection, prepared.data.labels, result.task, prepared.folds.size(),
                                        run.key.split("leaderboard"));
  result.system = selection.system;
  result.system_summary = result.leaderboard.front().note;
  result.validation = result.leaderboard.front().validation;
  result.ensemble = describe_ensemble(selection, prepared.data.labels, result.leaderboard);
  result.fits = describe_fits(selection, result.leaderboard);
  warn_of_divergence(run, selection);
  tell_of_memory(run, selection);
}

std::vector<double> judge_honestly(Run& run, const Sealing& sealing, const Prepared& prepared,
                                   const ShippedModel& model, SealJournal& journal) {
  std::vector<double> residuals;
  run.result.honest =
      sealing.score ? score_sealed(run, sealing, model, journal, residuals) : score_resampled(run, prepared);
  warn_of_undefined_score(run);
  return residuals;
}

std::vector<ColumnImportance> importance_by_shuffling(Run& run, const Prepared& prepared,
                                                      const Selection& selection) {
  if (run.budget.should_stop()) return {};
  const OpenData& data = prepared.data;
  if (data.features.columns().size() > kImportanceColumns) {
    say_all(run, {fmt::format("importance by shuffling is left out above {} columns", kImportanceColumns)});
    return {};
  }
  const std::vector<RowIndex> rows = draw_rows(prepared.folds[0].valid, data.labels.groups, kImportanceRows,
                                               run.key.split("importance rows"));
  const Labels labels = take_labels(data.labels, rows);
  const auto predict = [&](const Table& table) {
    std::vector<RowIndex> all(table.rows());
    std::iota(all.begin(), all.end(), RowIndex{0});
    std::vector<std::vector<double>> predictions;
    for (const std::size_t index : selection.chosen)
      predictions.push_back(selection.tried[index].fitted[0].predict(table, all, run.pool));
    return put_together(selection, labels.outputs(), predictions);
  };
  const Budget budget =
      run.budget.has_deadline() ? run.budget.slice(0.5 * run.budget.seconds_left()) : run.budget;
  return permutation_importance({.table = data.features.take_rows(rows),
                                 .labels = labels,
                                 .task = run.result.task,
                                 .predict = predict,
                                 .repeats = 5,
                                 .key = run.key.split("importance"),
                                 .budget = budget});
}

}  // namespace astrolabe
