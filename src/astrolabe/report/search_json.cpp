// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/report/search_json.h"

#include <cmath>

#include <nlohmann/json.hpp>

#include "astrolabe/report/json_numbers.h"
#include "astrolabe/report/search_summary.h"

namespace astrolabe {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kMostTrials = 100;

Json point_json(const Space& space, const Point& point) {
  Json object = Json::object();
  for (std::size_t d = 0; d < space.size(); ++d) {
    const Dimension& dimension = space.dimensions()[d];
    const double value = point.values[d];
    if (std::isnan(value)) continue;
    if (is_choice(dimension)) {
      object[dimension.name] = value_text(dimension, value);
    } else if (std::holds_alternative<WholeRange>(dimension.domain)) {
      object[dimension.name] = static_cast<std::int64_t>(value);
    } else {
      object[dimension.name] = value;
    }
  }
  return object;
}

Json trial_json(const SearchResult& result, std::size_t index) {
  const SearchTrial& trial = result.trials[index];
  Json object = {{"trial", trial.id},
                 {"by", trial.by},
                 {"score", json_number(trial.score)},
                 {"low", json_number(trial.low)},
                 {"high", json_number(trial.high)},
                 {"seconds", json_number(trial.seconds)},
                 {"at_s", json_number(trial.at)},
                 {"point", point_json(result.space, trial.point)}};
  if (trial.nodes > 0) object["nodes"] = trial.nodes;
  if (std::isfinite(trial.latency_us)) object["latency_us"] = trial.latency_us;
  if (std::isfinite(trial.memory_bytes)) object["memory_bytes"] = trial.memory_bytes;
  if (trial.grown_from > 0) object["grown_from"] = trial.grown_from;
  return object;
}

Json trials_json(const SearchResult& result, const std::vector<std::size_t>& indices) {
  Json list = Json::array();
  for (const std::size_t i : indices) list.push_back(trial_json(result, i));
  return list;
}

Json counts_json(const TrialCounts& counts) {
  return {{"total", counts.total},   {"complete", counts.complete}, {"pruned", counts.pruned},
          {"failed", counts.failed}, {"running", counts.running},   {"waiting", counts.waiting}};
}

Json findings_json(const SearchResult& result) {
  Json list = Json::array();
  for (const FoundFormula& formula : result.formulas) {
    Json object = {{"slot", formula.slot}, {"text", formula.text}};
    if (!formula.derivative.empty()) object["derivative"] = formula.derivative;
    list.push_back(std::move(object));
  }
  return list;
}

Json importance_json(const SearchResult& result) {
  Json list = Json::array();
  for (const DimensionImportance& d : result.importance) {
    list.push_back({{"name", result.space.dimensions()[d.dimension].name},
                    {"share", json_number(d.share)},
                    {"low", json_number(d.low)},
                    {"high", json_number(d.high)}});
  }
  return list;
}

Json curve_json(const SearchResult& result) {
  Json list = Json::array();
  for (const std::size_t i : improvements(result)) {
    const SearchTrial& trial = result.trials[i];
    list.push_back({{"trial", trial.id},
                    {"at_s", json_number(trial.at)},
                    {"score", json_number(trial.score)},
                    {"low", json_number(trial.low)},
                    {"high", json_number(trial.high)}});
  }
  return list;
}

Json costs_json(const SearchResult& result) {
  Json saved = Json::array(), proposers = Json::array(), reasons = Json::array();
  for (const Saving& saving : savings(result))
    saved.push_back(
        {{"trick", saving.trick}, {"trials", saving.trials}, {"seconds", json_number(saving.seconds)}});
  for (const ProposerRecord& record : proposer_records(result)) {
    proposers.push_back({{"name", record.name},
                         {"trials", record.trials},
                         {"improvements", record.improvements},
                         {"best", json_number(record.best)}});
  }
  for (const ReasonCount& count : reason_counts(result)) {
    reasons.push_back(
        {{"state", trial_state_name(count.state)}, {"reason", count.reason}, {"trials", count.trials}});
  }
  return {{"saved", saved}, {"proposers", proposers}, {"reasons", reasons}};
}

Json preflight_json(const std::optional<SearchOutlook>& preflight) {
  if (!preflight) return nullptr;
  return {{"count", json_number(preflight->count)},
          {"hours_in_full", json_number(preflight->hours_in_full)},
          {"budget", preflight->budget},
          {"smallest_difference", json_number(preflight->smallest_difference)}};
}

}  // namespace

std::string search_json_text(const SearchResult& result) {
  const std::vector<std::size_t> best = best_trials(result, kMostTrials);
  Json object = {
      {"name", result.name},
      {"metric", {{"name", result.metric}, {"higher_is_better", result.higher_is_better}}},
      {"running", result.is_running},
      {"trials", counts_json(result.counts)},
      {"best", best.empty() ? Json(nullptr) : trial_json(result, best[0])},
      {"findings", findings_json(result)},
      {"time_s", json_number(result.seconds)},
      {"trials_per_minute", json_number(trials_per_minute(result))},
      {"space", {{"candidates", json_number(candidate_count(result))}, {"dimensions", result.space.size()}}},
      {"proposer", result.proposer},
      {"proposer_summary", result.proposer_summary},
      {"pruner", result.pruner},
      {"preflight", preflight_json(result.preflight)},
      {"importance", importance_json(result)},
      {"best_trials", trials_json(result, best)},
      {"curve", curve_json(result)},
      {"front",
       {{"nodes", trials_json(result, front(result, Measure::nodes))},
        {"latency", trials_json(result, front(result, Measure::latency))},
        {"memory", trials_json(result, front(result, Measure::memory))}}},
      {"counters", result.counters}};
  object.update(costs_json(result));
  return object.dump(2, ' ', false, Json::error_handler_t::replace);
}

}  // namespace astrolabe
