// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/workflow/study_reading.h"

#include <algorithm>
#include <cmath>
#include <filesystem>

#include <nlohmann/json.hpp>

#include "astrolabe/base/error.h"
#include "astrolabe/parts/catalog.h"
#include "astrolabe/search/space_text.h"
#include "astrolabe/search/study_facts.h"
#include "astrolabe/workflow/expression_formulas.h"

namespace astrolabe {
namespace {

using nlohmann::json;

constexpr std::size_t kReadAtOnce = 1'000;
constexpr std::size_t kLeastJudged = 20;  // trials; of fewer, what decides is anybody's guess
constexpr std::size_t kMostJudged = 20'000;
constexpr double kLongestPause = 60;  // seconds; a longer one is no search

// Opening a file that is not there would make one.
StudyStore opened(const StudyAddress& address) {
  if (!address.is_server() && !std::filesystem::is_regular_file(address.url)) {
    throw bad_input({.attempted = "reading the study " + address.url,
                     .expected = "a run's folder, its study.db, or postgresql://...",
                     .found = "no such file",
                     .remedy = "Every run and search leaves its study in its folder."});
  }
  return StudyStore::open(address);
}

std::string text_of(const std::map<std::string, std::string>& texts, std::string_view name) {
  const auto found = texts.find(std::string(name));
  return found == texts.end() ? "" : found->second;
}

double number_of(const json& object, std::string_view name) {
  const auto found = object.find(std::string(name));
  return found != object.end() && found->is_number() ? found->get<double>() : kUnknown;
}

// A run's outcome has them as they are, a program's among the values that it printed.
double fact_of(const json& outcome, std::string_view name) {
  if (!outcome.is_object()) return kUnknown;
  const double own = number_of(outcome, name);
  const auto values = outcome.find("values");
  if (!std::isnan(own) || values == outcome.end() || !values->is_object()) return own;
  return number_of(*values, name);
}

std::optional<SearchOutlook> outlook_of(const std::string& note) {
  const json object = json::parse(note, nullptr, false);
  if (!object.is_object()) return std::nullopt;
  SearchOutlook outlook;
  const auto count = object.find("count");
  const bool is_endless = count != object.end() && count->is_null();
  outlook.count = is_endless ? std::numeric_limits<double>::infinity() : number_of(object, "count");
  outlook.hours_in_full = number_of(object, "hours_in_full");
  const auto budget = object.find("budget");
  if (budget != object.end() && budget->is_string()) outlook.budget = budget->get<std::string>();
  outlook.smallest_difference = number_of(object, "smallest_difference");
  return outlook;
}

// The derivative in what the slot's formulas are drawn over; empty when there is none to be read.
std::string derivative_of(const std::string& slot, const std::string& text) {
  const std::string name = slot.substr(slot.rfind('.') + 1);
  for (const Vocabulary vocabulary : {Vocabulary::activation, Vocabulary::loss, Vocabulary::schedule}) {
    if (vocabulary_name(vocabulary) != name) continue;
    try {
      const std::vector<Formula> formulas = formulas_of(resolve_part(vocabulary, text).expression);
      for (const Formula& formula : formulas) {
        if (formula.name == "d/dx" || formula.name == "d/dz" || formula.name == "d/dt") return formula.text;
      }
    } catch (const Error&) {
      return "";  // another version's language
    }
  }
  return "";
}

}  // namespace

StudyReading::StudyReading(const StudyAddress& address) : store_(opened(address)) {
  read_head(address);
  refresh();
}

void StudyReading::read_head(const StudyAddress& address) {
  const std::optional<StudyHead> head = store_.head();
  if (!head) {
    // A server's URL may hold a password.
    throw bad_input({.attempted = "reading the study " + (address.is_server() ? address.name : address.url),
                     .expected = address.is_server() ? "one of that name on the server" : "a study",
                     .found = "none",
                     .remedy = address.is_server()
                                   ? "Name it with --name, as the run did."
                                   : "It was made by an older version, or has not begun yet."});
  }
  const std::filesystem::path path = address.url;
  const bool is_of_folder = !address.is_server() && path.filename() == "study.db" && path.has_parent_path();
  result_.name = address.is_server() ? address.name
                 : is_of_folder      ? path.parent_path().string()
                                     : path.string();
  result_.space = parse_space(head->space);
  result_.metric = text_of(head->options, kMetricOption);
  result_.higher_is_better = text_of(head->options, kDirectionOption) == "maximise";
  result_.proposer = text_of(head->options, kProposerOption);
  result_.pruner = text_of(head->options, kPrunerOption);
}

void StudyReading::read_notes() {
  const std::map<std::string, std::string> notes = store_.notes();
  result_.counters = store_.counters();
  result_.proposer_summary = text_of(notes, kProposerNote);
  result_.preflight = outlook_of(text_of(notes, kPreflightNote));
  // Of a worker that was killed the note remains, and trials whose leases run out.
  const std::uint64_t leased = store_.leased();
  const std::string state = text_of(notes, kStateNote);
  const bool is_left_behind = result_.counts.running > 0 && leased == 0;
  result_.is_running = state == "running" ? !is_left_behind : leased > 0;
}

void StudyReading::refresh() {
  for (;;) {
    const std::vector<TrialRecord> records = store_.finished_after(read_, kReadAtOnce);
    for (const TrialRecord& record : records) add(record);
    if (records.size() < kReadAtOnce) break;
  }
  result_.counts = store_.counts();
  read_notes();
}

void StudyReading::add(const TrialRecord& record) {
  const double sign = result_.higher_is_better ? -1 : 1;
  SearchTrial trial;
  trial.id = record.id;
  trial.by = record.what.by;
  trial.state = record.end.state;
  trial.steps = record.steps.size();
  trial.seconds = record.end.seconds;
  trial.point = parse_point(result_.space, record.what.point);
  trial.reason = record.end.reason;
  if (trial.state != TrialState::failed) {
    trial.score = sign * record.end.cost;
    trial.low = std::min(sign * record.end.low, sign * record.end.high);
    trial.high = std::max(sign * record.end.low, sign * record.end.high);
  }
  const json outcome = json::parse(record.end.outcome, nullptr, false);
  const double nodes = fact_of(outcome, kNodesOutcome);
  if (nodes >= 1 && nodes < 1e9) trial.nodes = static_cast<std::size_t>(nodes);
  trial.latency_us = fact_of(outcome, kLatencyOutcome);
  trial.memory_bytes = fact_of(outcome, kMemoryOutcome);
  const double parent = fact_of(outcome, kGrownFromOutcome), spared = fact_of(outcome, kSparedOutcome);
  if (parent >= 1 && parent < 1e15) trial.grown_from = static_cast<std::uint64_t>(parent);
  if (spared > 0) trial.seconds_spared = spared;
  set_time(record, trial);
  if (trial.state == TrialState::complete && !(best_cost_ && *best_cost_ <= record.end.cost)) {
    best_cost_ = record.end.cost;
    read_formulas(record.end.outcome);
  }
  read_ = record.finished;
  result_.seconds = std::max(result_.seconds, trial.at);
  result_.trials.push_back(std::move(trial));
}

// Search goes on from the first start; long times in which nothing ran are taken out.
void StudyReading::set_time(const TrialRecord& record, SearchTrial& trial) {
  const double start = record.ended_at - trial.seconds;
  if (result_.trials.empty()) {
    began_ = covered_until_ = start;
  } else if (start - covered_until_ > kLongestPause) {
    pauses_ += start - covered_until_;
  }
  covered_until_ = std::max(covered_until_, record.ended_at);
  // Clocks are set back now and then.
  const double before = result_.trials.empty() ? 0 : result_.trials.back().at;
  trial.at = std::max(before, record.ended_at - began_ - pauses_);
}

void StudyReading::read_formulas(const std::string& outcome_text) {
  result_.formulas.clear();
  const json outcome = json::parse(outcome_text, nullptr, false);
  if (!outcome.is_object()) return;
  const auto formulas = outcome.find(std::string(kFormulasOutcome));
  if (formulas == outcome.end() || !formulas->is_object()) return;
  for (const auto& [slot, text] : formulas->items()) {
    if (!text.is_string()) continue;
    const std::string formula = text.get<std::string>();
    result_.formulas.push_back({.slot = slot, .text = formula, .derivative = derivative_of(slot, formula)});
  }
}

SearchResult StudyReading::result() const {
  SearchResult result = result_;
  if (result.trials.size() < kLeastJudged) return result;
  const std::size_t count = std::min(result.trials.size(), kMostJudged);
  const double sign = result.higher_is_better ? -1 : 1;
  std::vector<Observation> seen;
  for (std::size_t i = 0; i < count; ++i) {
    const SearchTrial& trial = result.trials[i * result.trials.size() / count];
    seen.push_back({.point = trial.point, .by = trial.by, .state = trial.state, .steps = trial.steps});
    if (trial.state != TrialState::failed) seen.back().cost = sign * trial.score;
  }
  result.importance = dimension_importance(result.space, seen, Key::from_seed(1).split("importance"));
  return result;
}

}  // namespace astrolabe
