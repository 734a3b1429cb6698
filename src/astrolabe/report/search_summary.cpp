// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/report/search_summary.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "astrolabe/base/text.h"
#include "astrolabe/search/study_facts.h"
#include "astrolabe/stats/metric.h"

namespace astrolabe {
namespace {

std::vector<std::size_t> complete_trials(const SearchResult& result) {
  std::vector<std::size_t> complete;
  for (std::size_t i = 0; i < result.trials.size(); ++i) {
    const SearchTrial& trial = result.trials[i];
    if (trial.state == TrialState::complete && std::isfinite(trial.score)) complete.push_back(i);
  }
  return complete;
}

double mean_seconds(const SearchResult& result) {
  double sum = 0;
  std::size_t count = 0;
  for (const SearchTrial& trial : result.trials) {
    if (trial.state != TrialState::complete) continue;
    sum += trial.seconds;
    ++count;
  }
  return count == 0 ? kUnknown : sum / static_cast<double>(count);
}

std::string trick_words(const std::string& counter) {
  if (counter == kDuplicatesCounter) return "proposed again: its result was known";
  if (counter == kEquivalentsCounter) return "the same function as one that was tried";
  if (counter == kRefusedCounter) return "seen to be hopeless before any training";
  std::string words = counter;
  std::ranges::replace(words, '_', ' ');
  return words;
}

// Trials that were stopped before their end; a failed one saved nothing.
Saving pruning(const SearchResult& result, double mean) {
  Saving saving{.trick = "stopped early: others were better", .trials = 0, .seconds = 0};
  for (const SearchTrial& trial : result.trials) {
    if (trial.state != TrialState::pruned) continue;
    ++saving.trials;
    saving.seconds += std::max(0.0, mean - trial.seconds);
  }
  if (std::isnan(mean)) saving.seconds = kUnknown;
  return saving;
}

// Complete trials that began with the nets of another one.
Saving growing(const SearchResult& result) {
  Saving saving{.trick = "grown from a smaller net, not from nothing", .trials = 0, .seconds = 0};
  for (const SearchTrial& trial : result.trials) {
    if (trial.state != TrialState::complete || trial.grown_from == 0) continue;
    ++saving.trials;
    saving.seconds += trial.seconds_spared;
  }
  return saving;
}

// The reason without its numbers.
std::string pattern_of(std::string_view reason) {
  std::string pattern;
  for (const char c : reason) {
    const bool is_number = (c >= '0' && c <= '9') || c == '.';
    if (is_number && !pattern.empty() && pattern.back() == '#') continue;
    pattern += is_number ? '#' : c;
  }
  return pattern;
}

}  // namespace

bool is_better_score(const SearchResult& result, double a, double b) {
  return result.higher_is_better ? a > b : a < b;
}

std::vector<std::size_t> best_trials(const SearchResult& result, std::size_t limit) {
  std::vector<std::size_t> order = complete_trials(result);
  std::ranges::sort(order, [&](std::size_t a, std::size_t b) {
    const SearchTrial& x = result.trials[a];
    const SearchTrial& y = result.trials[b];
    return x.score == y.score ? x.id < y.id : is_better_score(result, x.score, y.score);
  });
  if (order.size() > limit) order.resize(limit);
  return order;
}

std::vector<std::size_t> improvements(const SearchResult& result) {
  std::vector<std::size_t> better;
  for (const std::size_t i : complete_trials(result)) {
    if (better.empty() || is_better_score(result, result.trials[i].score, result.trials[better.back()].score))
      better.push_back(i);
  }
  return better;
}

std::string_view measure_title(Measure measure) {
  switch (measure) {
    case Measure::nodes:
      return "nodes of its formulas";
    case Measure::latency:
      return "microseconds to predict a row";
    case Measure::memory:
      break;
  }
  return "memory of what ships, bytes";
}

double measure_of(const SearchTrial& trial, Measure measure) {
  switch (measure) {
    case Measure::nodes:
      return trial.nodes > 0 ? static_cast<double>(trial.nodes) : kUnknown;
    case Measure::latency:
      return trial.latency_us;
    case Measure::memory:
      break;
  }
  return trial.memory_bytes;
}

std::string measure_text(double value, Measure measure) {
  switch (measure) {
    case Measure::nodes:
      return fmt::format("{:.0f}", value);
    case Measure::latency:
      return fmt::format("{:.3g} µs", value);
    case Measure::memory:
      break;
  }
  return format_bytes(static_cast<std::uint64_t>(std::max(0.0, value)));
}

std::vector<std::size_t> front(const SearchResult& result, Measure measure) {
  std::vector<std::size_t> order;
  for (const std::size_t i : complete_trials(result)) {
    if (std::isfinite(measure_of(result.trials[i], measure))) order.push_back(i);
  }
  const auto size = [&](std::size_t i) { return measure_of(result.trials[i], measure); };
  std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) {
    if (size(a) != size(b)) return size(a) < size(b);
    return is_better_score(result, result.trials[a].score, result.trials[b].score);
  });
  if (order.empty() || size(order.front()) == size(order.back())) return {};
  std::vector<std::size_t> kept;
  for (const std::size_t i : order) {
    if (kept.empty() || is_better_score(result, result.trials[i].score, result.trials[kept.back()].score))
      kept.push_back(i);
  }
  return kept;
}

std::vector<Saving> savings(const SearchResult& result) {
  const double mean = mean_seconds(result);
  std::vector<Saving> table;
  for (const auto& [name, count] : result.counters) {
    if (name == kProposedCounter || name == kSetAsideCounter || name.ends_with(".milliseconds") || count <= 0)
      continue;
    const auto measured = result.counters.find(name + ".milliseconds");
    const auto trials = static_cast<std::uint64_t>(count);
    const bool is_known =
        name == kDuplicatesCounter || name == kEquivalentsCounter || name == kRefusedCounter;
    double seconds = is_known ? static_cast<double>(trials) * mean : kUnknown;
    if (measured != result.counters.end()) seconds = static_cast<double>(measured->second) / 1000;
    table.push_back({.trick = trick_words(name), .trials = trials, .seconds = seconds});
  }
  if (const Saving pruned = pruning(result, mean); pruned.trials > 0) table.push_back(pruned);
  if (const Saving grown = growing(result); grown.trials > 0) table.push_back(grown);
  std::ranges::stable_sort(table, [](const Saving& a, const Saving& b) {
    return (std::isnan(a.seconds) ? -1 : a.seconds) > (std::isnan(b.seconds) ? -1 : b.seconds);
  });
  return table;
}

std::vector<ProposerRecord> proposer_records(const SearchResult& result) {
  std::vector<ProposerRecord> records;
  const auto record_of = [&](const std::string& name) -> ProposerRecord& {
    const auto found = std::ranges::find(records, name, &ProposerRecord::name);
    if (found != records.end()) return *found;
    records.push_back({.name = name});
    return records.back();
  };
  for (const SearchTrial& trial : result.trials) ++record_of(trial.by).trials;
  for (const std::size_t i : improvements(result)) ++record_of(result.trials[i].by).improvements;
  for (const std::size_t i : complete_trials(result)) {
    ProposerRecord& record = record_of(result.trials[i].by);
    const double score = result.trials[i].score;
    if (std::isnan(record.best) || is_better_score(result, score, record.best)) record.best = score;
  }
  std::ranges::stable_sort(records, std::ranges::greater{}, &ProposerRecord::trials);
  return records;
}

std::vector<ReasonCount> reason_counts(const SearchResult& result) {
  std::vector<ReasonCount> counts;
  std::map<std::pair<TrialState, std::string>, std::size_t> known;
  for (const SearchTrial& trial : result.trials) {
    if (trial.state == TrialState::complete) continue;
    const auto [at, is_new] = known.try_emplace({trial.state, pattern_of(trial.reason)}, counts.size());
    if (is_new) counts.push_back({.state = trial.state, .reason = trial.reason});
    ++counts[at->second].trials;
  }
  std::ranges::stable_sort(counts, std::ranges::greater{}, &ReasonCount::trials);
  return counts;
}

double trials_per_minute(const SearchResult& result) {
  constexpr std::size_t kLast = 100;
  if (result.trials.size() < 2) return kUnknown;
  const std::size_t first = result.trials.size() > kLast ? result.trials.size() - kLast : 0;
  const double took = result.trials.back().at - result.trials[first].at;
  if (!(took > 0)) return kUnknown;
  return 60 * static_cast<double>(result.trials.size() - first - 1) / took;
}

std::string point_words(const Space& space, const Point& point) {
  std::vector<std::string> words;
  for (std::size_t d = 0; d < space.size(); ++d) {
    if (std::isnan(point.values[d])) continue;
    const Dimension& dimension = space.dimensions()[d];
    words.push_back(dimension.name + "=" + value_text(dimension, point.values[d]));
  }
  return join(words, ", ");
}

std::string trial_words(const SearchResult& result, const SearchTrial& trial) {
  const std::string words = point_words(result.space, trial.point);
  return trial.grown_from == 0 ? words : words + fmt::format(", grown from #{}", trial.grown_from);
}

std::string point_count_text(double count) {
  if (!std::isfinite(count)) return "no end of";
  return count < 1e9 ? format_count(static_cast<std::uint64_t>(count)) : fmt::format("{:.2g}", count);
}

double candidate_count(const SearchResult& result) {
  const bool was_said = result.preflight && !std::isnan(result.preflight->count);
  return was_said ? result.preflight->count : result.space.count();
}

std::string long_duration(double seconds) {
  constexpr double kDay = 86'400, kYear = 365.25 * kDay;
  if (!(seconds >= 2 * kDay) || std::isinf(seconds)) return format_duration(seconds);
  if (seconds < 100 * kDay) return fmt::format("{:.0f} days", seconds / kDay);
  const double years = seconds / kYear;
  if (years < 10) return fmt::format("{:.1f} years", years);
  if (years < 1e6) return format_count(static_cast<std::uint64_t>(std::round(years))) + " years";
  return fmt::format("10^{:.0f} years", std::log10(years));
}

std::string metric_title(const SearchResult& result) {
  if (const Metric* metric = find_metric(result.metric)) return std::string(metric->title);
  return result.metric.empty() ? "score" : result.metric;
}

std::string metric_words(const SearchResult& result) {
  return fmt::format("{} ({} is better)", metric_title(result), result.higher_is_better ? "higher" : "lower");
}

}  // namespace astrolabe
