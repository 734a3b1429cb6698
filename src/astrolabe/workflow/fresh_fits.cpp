// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/workflow/fresh_fits.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <limits>
#include <numeric>

#include <fmt/format.h>

#include "astrolabe/base/error.h"
#include "astrolabe/parts/catalog.h"
#include "astrolabe/pipeline/catalog.h"
#include "astrolabe/workflow/out_of_fold.h"

namespace astrolabe {
namespace {

constexpr double kWatchedShare = 0.2;
constexpr double kTuningShare = 0.25;
constexpr std::size_t kOpenFolds = 4;
constexpr std::array<double, 4> kFactors = {0.5, 2, 0.25, 4};
constexpr std::string_view kRate = "learning_rate";

const SettingField* field_of(const FilledSystem& system, std::string_view name) {
  const std::span<const SettingField> fields = find_learner(system.learner)->fields();
  const auto found = std::ranges::find(fields, name, &SettingField::name);
  return found == fields.end() ? nullptr : &*found;
}

SettingValue value_of(const FilledSystem& system, const SettingField& field) {
  const auto set = system.settings.find(field.name);
  return set == system.settings.end() ? field.default_value : set->second;
}

// Where to look for a rate: at the system's own. One that leaves it open (0) has its optimizer's, and a
// formula that nobody has a rate for, or a learner that goes by its rows, about what such ones need.
double usual_rate(const FilledSystem& system, const SettingField& rate) {
  constexpr double kOfFormulas = 0.01, kOfRounds = 0.05;
  const SettingValue own = value_of(system, rate);
  if (const auto* set = std::get_if<double>(&own); set != nullptr && *set > 0) return *set;
  const SettingField* optimizer = field_of(system, "optimizer");
  if (optimizer == nullptr) return kOfRounds;
  const std::string text = std::get<std::string>(value_of(system, *optimizer));
  const PartRow* row = resolve_part(Vocabulary::optimizer, text).row;
  return row == nullptr || row->learning_rate <= 0 ? kOfFormulas : row->learning_rate;
}

// What may be set, beside leaving it as it is.
std::vector<double> other_rates(const FilledSystem& system, std::size_t tries) {
  const SettingField* rate = field_of(system, kRate);
  std::vector<double> rates;
  if (rate == nullptr) return rates;
  for (const double factor : std::span(kFactors).first(std::min(tries, kFactors.size() + 1) - 1))
    rates.push_back(std::min(rate->high, usual_rate(system, *rate) * factor));
  return rates;
}

Holdout hold_out_open(const FreshRows& rows, double share, Key key) {
  const Table& table = rows.open.split_column.columns().empty() ? rows.open.features : rows.open.split_column;
  return hold_out(table, rows.rule, rows.open.strata, share, key);
}

// A quarter to judge, of a time split the latest; the rest to fit.
Fold fold_open(const FreshRows& rows, Key key) {
  const Table& table = rows.open.split_column.columns().empty() ? rows.open.features : rows.open.split_column;
  std::vector<RowIndex> all(table.rows());
  std::iota(all.begin(), all.end(), RowIndex{0});
  const std::size_t folds = std::max<std::size_t>(2, std::min(kOpenFolds, most_folds(table, all, rows.rule)));
  return make_folds(table, all, rows.rule, rows.open.strata, folds, key).back();
}

// Watched are those of the fold that are among these, but never all.
Holdout without_watched(const std::vector<RowIndex>& rows, const std::vector<RowIndex>& watch) {
  Holdout parts;
  std::ranges::set_difference(rows, watch, std::back_inserter(parts.rest));
  std::ranges::set_intersection(rows, watch, std::back_inserter(parts.held_out));
  if (parts.rest.empty()) return {.rest = rows, .held_out = {}};
  return parts;
}

}  // namespace

FreshFits::FreshFits(const FreshRows& rows, Key key, ThreadPool& pool, const Budget& budget,
                     Progress& progress)
    : rows_(rows), key_(key), pool_(pool), budget_(budget), progress_(progress) {}

void FreshFits::judge_on(const Table& table, Key seeds) {
  seeds_ = seeds;
  judged_table_ = &table;
  judged_.resize(table.rows());
  std::iota(judged_.begin(), judged_.end(), RowIndex{0});
}

std::size_t FreshFits::add(const FilledSystem& system) {
  for (std::size_t i = 0; i < systems_.size(); ++i)
    if (systems_[i].filled.learner == system.learner && systems_[i].filled.settings == system.settings)
      return i;
  Candidate candidate{
      .learner = find_learner(system.learner), .settings = system.settings, .name = system.label};
  candidate.settings.merge(settings_for_metric(*candidate.learner, rows_.task.metric));
  systems_.push_back({.filled = system, .candidate = std::move(candidate)});
  return systems_.size() - 1;
}

std::size_t FreshFits::add_floor() {
  const std::string name(learners()[0]->name());
  return add({.learner = name, .settings = {}, .label = name});
}

std::optional<FittedCandidate> FreshFits::fit(const Candidate& candidate, const Holdout& parts, Key key) {
  if (budget_.should_stop()) return std::nullopt;
  try {
    FittedCandidate fitted = fit_candidate(candidate, {.table = rows_.open.features,
                                                       .labels = rows_.open.labels,
                                                       .train = parts.rest,
                                                       .watch = parts.held_out,
                                                       .key = key,
                                                       .pool = pool_,
                                                       .budget = budget_});
    if (fitted.model->was_cut_short()) return std::nullopt;
    return fitted;
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::cancelled) throw;
    return std::nullopt;
  }
}

std::optional<double> FreshFits::judge(const Candidate& candidate) {
  const Metric& metric = *find_metric(rows_.task.metric);
  const Key key = key_.split("tuning");
  const Holdout parts = hold_out_open(rows_, kTuningShare, key.split("rows"));
  // Nothing is watched: the judged rows must not say when to stop, and all rates are judged alike.
  const std::optional<FittedCandidate> fitted =
      fit(candidate, {.rest = parts.rest, .held_out = {}}, key.split("fit"));
  if (!fitted) return std::nullopt;
  const std::vector<double> predicted = fitted->predict(rows_.open.features, parts.held_out, pool_);
  const double score = score_rows(metric, parts.held_out, predicted, rows_.open.labels);
  return metric.higher_is_better ? score : -score;
}

bool FreshFits::tune(std::size_t tries) {
  for (std::size_t i = 0; i < systems_.size(); ++i)
    if (!tune_one(i, tries)) return false;
  return true;
}

bool FreshFits::tune_one(std::size_t index, std::size_t tries) {
  System& system = systems_.at(index);
  if (system.is_tuned) return true;
  std::vector<Candidate> candidates = {system.candidate};
  for (const double rate : other_rates(system.filled, tries)) {
    candidates.push_back(system.candidate);
    candidates.back().settings[std::string(kRate)] = rate;
  }
  double best = -std::numeric_limits<double>::infinity();
  for (std::size_t i = 0; i < candidates.size() && candidates.size() > 1; ++i) {
    progress_.update(
        {.stage = fmt::format("tuning {}: {} of {}", candidates[i].name, i + 1, candidates.size()),
         .fraction = -1,
         .seconds_left = -1,
         .best = ""});
    const std::optional<double> score = judge(candidates[i]);
    if (!score) return false;
    if (!(*score > best)) continue;  // an undefined score is none
    best = *score;
    system.candidate = candidates[i];
  }
  system.is_tuned = true;
  system.open_scores.clear();
  return true;
}

std::optional<double> FreshFits::score_open(std::size_t index, std::size_t seed, double share) {
  System& system = systems_.at(index);
  const auto known = system.open_scores.find({seed, share});
  if (known != system.open_scores.end()) return known->second;
  const Key key = key_.split("open fits").split(seed);
  const Fold fold = fold_open(rows_, key.split("rows"));
  const std::vector<std::uint32_t>& groups = rows_.open.labels.groups;
  const auto wanted = static_cast<std::size_t>(std::lround(share * static_cast<double>(fold.train.size())));
  Holdout parts{.rest = draw_rows(fold.train, groups, wanted, key.split("share")), .held_out = {}};
  if (system.candidate.learner->stops_early()) parts = without_watched(parts.rest, fold.watch);
  progress_.update(
      {.stage = fmt::format("seed {}: {}", seed + 1, system.candidate.name),
       .fraction = budget_.has_deadline() ? budget_.seconds_used() / budget_.seconds_limit() : -1,
       .seconds_left = budget_.has_deadline() ? budget_.seconds_left() : -1,
       .best = ""});
  const std::optional<FittedCandidate> fitted = fit(system.candidate, parts, key.split("fit"));
  if (!fitted) return std::nullopt;
  const Metric& metric = *find_metric(rows_.task.metric);
  const std::vector<double> predicted = fitted->predict(rows_.open.features, fold.valid, pool_);
  const double score = score_rows(metric, fold.valid, predicted, rows_.open.labels);
  return system.open_scores[{seed, share}] = metric.higher_is_better ? score : -score;
}

std::size_t FreshFits::fitted_rows(double share) const {
  const double all = static_cast<double>(rows_.open.features.rows()) / (1 + kJudgedForEachFitted);
  return static_cast<std::size_t>(std::lround(share * all));
}

const std::vector<double>* FreshFits::predict(std::size_t index, std::size_t seed) {
  ASTROLABE_CHECK(judged_table_ != nullptr, "it is known which rows to predict");
  if (seed != seed_)
    for (System& other : systems_) other.predicted.reset();
  seed_ = seed;
  System& system = systems_.at(index);
  if (system.predicted) return &*system.predicted;
  const std::optional<FittedCandidate> fitted = train(index, seed);
  if (!fitted) return nullptr;
  system.predicted = fitted->predict(*judged_table_, judged_, pool_);
  return &*system.predicted;
}

std::optional<FittedCandidate> FreshFits::train(std::size_t index, std::size_t seed) {
  const System& system = systems_.at(index);
  const Key key = seeds_.split(seed);
  const Holdout parts = hold_out_open(rows_, kWatchedShare, key.split("rows"));
  progress_.update(
      {.stage = fmt::format("pair {}: {}", seed + 1, system.candidate.name),
       .fraction = budget_.has_deadline() ? budget_.seconds_used() / budget_.seconds_limit() : -1,
       .seconds_left = budget_.has_deadline() ? budget_.seconds_left() : -1,
       .best = ""});
  return fit(system.candidate, parts, key.split("fit"));
}

std::string FreshFits::settings(std::size_t system) const {
  return format_settings(systems_.at(system).candidate.settings);
}

}  // namespace astrolabe
