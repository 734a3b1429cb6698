// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/workflow/run_shipping.h"

#include <algorithm>

#include <fmt/format.h>

#include "astrolabe/base/version.h"
#include "astrolabe/data/concatenate.h"
#include "astrolabe/workflow/final_fit.h"
#include "astrolabe/workflow/prediction_range.h"
#include "astrolabe/workflow/prediction_spread.h"
#include "astrolabe/workflow/stacking.h"

namespace astrolabe {
namespace {

constexpr std::size_t kFewestUnseen = 100;  // residuals that set the ends of ranges
constexpr const char* kFoldModels = "rows outside the seal, as the folds' models together";

ModelCard make_card(const Run& run, const Selection& selection) {
  ModelCard card;
  card.version = version();
  card.task = run.result.task;
  card.system = selection.system;
  card.data_name = run.options.data.filename().string();
  card.data_hash = run.result.data_hash;
  card.rows = run.result.rows_used - run.result.rows_sealed - run.result.rows_for_proof;
  card.seed = run.options.seed;
  card.fitted_on = run.result.fitted_on;
  card.date_orders = date_orders_of(run.result.readings);
  if (!run.result.leaderboard.empty()) card.validation = run.result.validation;
  return card;
}

void record_calibration(RunResult& result, const ChosenCalibration& chosen) {
  if (chosen.calibration.kind == CalibrationKind::none) return;
  result.calibration = {.kind = std::string(calibration_kind_name(chosen.calibration.kind)),
                        .power = chosen.calibration.power,
                        .log_loss_before = chosen.log_loss_before,
                        .log_loss_after = chosen.log_loss_after};
}

// The systems again, on the open rows.
RehearsalRequest request_of(Run& run, const Prepared& prepared, const Budget& budget, std::string_view what) {
  return {.table = prepared.data.features,
          .labels = prepared.data.labels,
          .task = run.result.task,
          .folds = prepared.folds,
          .key = run.key.split(what),
          .pool = run.pool,
          .budget = budget,
          .progress = run.progress};
}

// Each chosen system as one fit on all open rows, not as its folds' models.
bool ships_refits(const Run& run) {
  return run.options.split.kind == SplitKind::time;
}

// Fold models, or a refit where that is better or asked for.
std::vector<Member> members_to_ship(Run& run, const OpenData& data, const Selection& selection) {
  run.result.fitted_on = kFoldModels;
  if (!ships_refits(run)) return members_of(selection);
  auto members = refit_members(selection, {.table = data.features,
                                           .labels = data.labels,
                                           .key = run.key.split("refit"),
                                           .pool = run.pool,
                                           .budget = budget_of_fits(run, run.budget),
                                           .progress = run.progress});
  if (!members) {
    run.result.warnings.emplace_back("no time for a refit on the newest rows: the folds' models ship");
    return members_of(selection);
  }
  run.result.fitted_on = "rows outside the seal";
  return std::move(*members);
}

// --refit: everything, the sealed rows too. The score stays that of the fit before.
std::optional<std::vector<Member>> refit_on_all(Run& run, const Sealing& sealing, const Selection& selection,
                                                const std::vector<std::string>& columns,
                                                SealJournal& journal) {
  Table all = sealing.open_rows;
  std::string fitted_on = "all rows";
  if (sealing.score && sealing.label == "sealed") {
    const Opening opening = journal.record(sealing.score->slice(), "--refit");
    all = concatenate(all, sealing.score->open(opening));
    fitted_on = "all rows, the sealed ones too; the score belongs to the fit before it";
  }
  OpenData data = separate(all, run.result.task, run.options.split, run.options.data.string());
  std::vector<std::string> unused;
  for (const std::string& name : data.features.names()) {
    if (std::find(columns.begin(), columns.end(), name) == columns.end()) unused.push_back(name);
  }
  auto members = refit_members(selection, {.table = data.features.without_columns(unused),
                                           .labels = data.labels,
                                           .key = run.key.split("refit"),
                                           .pool = run.pool,
                                           .budget = budget_of_fits(run, run.budget),
                                           .progress = run.progress});
  if (members) {
    run.result.fitted_on = fitted_on;
  } else {
    run.result.warnings.emplace_back("no time for --refit: the model fitted without the sealed rows ships");
  }
  return members;
}

}  // namespace

void stack_where_better(Run& run, const Sealing& sealing, const Prepared& prepared, Selection& selection) {
  // A resampled score repeats the selection as it was searched; a refit is no mean of folds' models.
  if (!run.options.stack || sealing.label == "resampled" || ships_refits(run)) return;
  const Budget budget = budget_before_finish(run.budget);
  const StackVerdict verdict = consider_stack(selection, request_of(run, prepared, budget, "stack"));
  const bool is_warning = verdict.end == StackEnd::does_not_hold;
  (is_warning ? run.result.warnings : run.result.notes).push_back(verdict.words);
  if (!is_warning) run.progress.say(verdict.words);
}

ShippedModel model_so_far(const Run& run, const Selection& selection) {
  ModelCard card = make_card(run, selection);
  card.fitted_on = kFoldModels;
  return {std::move(card), members_of(selection)};
}

ShippedModel model_to_score(Run& run, const Prepared& prepared, const Selection& selection) {
  std::vector<Member> members = members_to_ship(run, prepared.data, selection);
  // A refit that found no time leaves the folds' models.
  const bool is_one_fit = ships_refits(run) && members.size() == 1;
  const ChosenCalibration chosen = choose_calibration(
      selection, prepared.data.labels, run.result.task,
      is_one_fit ? Predictor::one_fit : Predictor::mean_of_fits, run.key.split("calibration"));
  record_calibration(run.result, chosen);
  ModelCard card = make_card(run, selection);
  card.calibration = chosen.calibration;
  card.second_level = selection.stack;
  const Budget budget =
      run.budget.has_deadline() ? run.budget.slice(0.3 * run.budget.seconds_left()) : run.budget;
  Spread spread = fit_spread(selection, request_of(run, prepared, budget, "ranges"));
  card.range = prediction_range(selection, prepared.data.labels, spread.out_of_fold);
  if (!card.range) spread.members.clear();
  return {std::move(card), std::move(members), std::move(spread.members)};
}

ShippedModel model_to_ship(Run& run, const Sealing& sealing, const Prepared& prepared,
                           const Selection& selection, const ShippedModel& scored,
                           std::span<const double> unseen, SealJournal& journal) {
  std::optional<std::vector<Member>> refitted;
  if (run.options.refit) {
    refitted = refit_on_all(run, sealing, selection, prepared.data.features.names(), journal);
  }
  ModelCard card = scored.card();
  card.fitted_on = run.result.fitted_on;
  card.rows = refitted ? run.result.rows_used : card.rows;
  if (card.range && unseen.size() >= kFewestUnseen) {
    card.range = prediction_range(unseen).value_or(*card.range);
    run.result.notes.push_back(
        fmt::format("the ends of the ranges that the model predicts are those that hold {:.0f} % of the {} "
                    "rows, which no "
                    "fit saw; what the report says of coverage is of the ends before",
                    100 * card.range->coverage, sealing.label));
  }
  if (run.result.honest) card.sealed = run.result.honest->primary;
  card.sealed_label = sealing.label;
  return {std::move(card), std::move(refitted).value_or(scored.members()), scored.spread_members()};
}

}  // namespace astrolabe
