// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/report/search_text.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "astrolabe/base/text.h"
#include "astrolabe/report/search_summary.h"
#include "astrolabe/report/terminal_lines.h"

namespace astrolabe {
namespace {

constexpr std::size_t kShownBest = 10;
constexpr std::size_t kShownDimensions = 8;
constexpr std::size_t kShownReasons = 4;
constexpr std::size_t kBarWidth = 24;

std::string interval_text(const SearchTrial& trial) {
  if (!(trial.high > trial.low)) return "";
  return fmt::format("[{}, {}]", format_score(trial.low), format_score(trial.high));
}

std::string score_text(const SearchTrial& trial) {
  const std::string interval = interval_text(trial);
  return format_score(trial.score) + (interval.empty() ? "" : " " + interval);
}

std::size_t room(const TextStyle& style, std::size_t used) {
  const auto width = static_cast<std::size_t>(std::max(style.width, 40));
  return width > used + 16 ? width - used : 16;
}

std::string line(const TextStyle& style, std::string_view label, std::string_view text) {
  return fmt::format("  {:<11} {}\n", label, wrapped(printable(text), style.width, 14));
}

std::string counts_line(const SearchResult& result) {
  const TrialCounts& counts = result.counts;
  std::vector<std::string> parts;
  for (const auto& [count, name] : {std::pair{counts.complete, "complete"},
                                    {counts.pruned, "pruned"},
                                    {counts.failed, "failed"},
                                    {counts.running, "running"},
                                    {counts.waiting, "waiting"}}) {
    if (count > 0) parts.push_back(fmt::format("{} {}", format_count(count), name));
  }
  return format_count(counts.total) + (parts.empty() ? "" : ": " + join(parts, ", "));
}

std::string progress_lines(const SearchResult& result, const TextStyle& style) {
  std::string text = line(style, "state", result.is_running ? "running" : "ended");
  text += line(style, "metric", metric_words(result));
  text += line(style, "space",
               fmt::format("{} candidates in {} dimensions", point_count_text(candidate_count(result)),
                           result.space.size()));
  text += line(style, "trials", counts_line(result));
  const double rate = trials_per_minute(result);
  if (result.seconds > 0) {
    text += line(style, "time",
                 format_duration(result.seconds) + " of search" +
                     (std::isfinite(rate) ? fmt::format(", {:.3g} trials per minute", rate) : ""));
  }
  const std::string& summary = result.proposer_summary;
  const bool has_both = !result.proposer.empty() && !summary.empty();
  const std::string proposer = result.proposer + (has_both ? ": " : "") + summary;
  if (!proposer.empty()) text += line(style, "proposer", proposer);
  if (!result.pruner.empty()) text += line(style, "pruner", result.pruner);
  return text;
}

std::string best_lines(const SearchResult& result, const TextStyle& style) {
  const std::vector<std::size_t> best = best_trials(result, kShownBest);
  if (best.empty()) return "\nNo trial is complete yet.\n";
  const SearchTrial& first = result.trials[best[0]];
  std::string text = fmt::format("\n{}  (trial {}, after {})\n", bold(style, "Best " + score_text(first)),
                                 first.id, format_duration(first.at));
  for (const FoundFormula& formula : result.formulas) {
    text += line(style, printable(formula.slot), formula.text);
    if (!formula.derivative.empty()) text += line(style, "  slope", formula.derivative);
  }
  std::array<std::size_t, 3> widths{};
  std::vector<std::array<std::string, 3>> cells;
  for (const std::size_t i : best) {
    const SearchTrial& trial = result.trials[i];
    cells.push_back({fmt::format("{}", trial.id), format_score(trial.score), interval_text(trial)});
    for (std::size_t c = 0; c < 3; ++c) widths[c] = std::max(widths[c], cells.back()[c].size());
  }
  for (std::size_t row = 0; row < best.size(); ++row) {
    const auto& [id, score, interval] = cells[row];
    const std::string words = printable(trial_words(result, result.trials[best[row]]));
    const std::string column = widths[2] == 0 ? "" : fmt::format("  {:<{}}", interval, widths[2]);
    text += fmt::format("  {:>{}}  {:>{}}{}  {}\n", id, widths[0], score, widths[1], column,
                        shortened(words, room(style, 6 + widths[0] + widths[1] + column.size())));
  }
  return text;
}

std::string importance_lines(const SearchResult& result, const TextStyle& style) {
  std::string text;
  std::size_t width = 4;
  std::vector<DimensionImportance> shown;
  for (const DimensionImportance& d : result.importance) {
    if (d.share < 0.005 || shown.size() == kShownDimensions) continue;
    shown.push_back(d);
    width = std::max(
        width, std::min<std::size_t>(30, printable(result.space.dimensions()[d.dimension].name).size()));
  }
  for (const DimensionImportance& d : shown) {
    const auto bar = static_cast<std::size_t>(std::lround(d.share * kBarWidth));
    text += fmt::format("  {:<{}}  {:>3.0f} %  {:<{}}  [{:.0f}, {:.0f}]\n",
                        shortened(printable(result.space.dimensions()[d.dimension].name), width), width,
                        100 * d.share, std::string(bar, '#'), kBarWidth, 100 * d.low, 100 * d.high);
  }
  return text.empty() ? "" : "\n" + bold(style, "What decides (share, 95 % interval)") + "\n" + text;
}

std::string saving_lines(const SearchResult& result, const TextStyle& style) {
  std::string text;
  for (const Saving& saving : savings(result)) {
    text += fmt::format("  {:>8}  {:<44}  {}\n", format_count(saving.trials), printable(saving.trick),
                        std::isfinite(saving.seconds) ? format_duration(saving.seconds) : "");
  }
  std::string reasons;
  const std::vector<ReasonCount> counts = reason_counts(result);
  for (std::size_t i = 0; i < std::min(counts.size(), kShownReasons); ++i) {
    const std::string why = counts[i].reason.empty() ? "no reason given" : printable(counts[i].reason);
    reasons += fmt::format(
        "  {:>8}  {}\n", format_count(counts[i].trials),
        shortened(fmt::format("{}: {}", trial_state_name(counts[i].state), why), room(style, 12)));
  }
  if (!text.empty()) text = "\n" + bold(style, "Saved: trials, by what, time") + "\n" + text;
  if (!reasons.empty()) text += "\n" + bold(style, "Pruned or failed, and why") + "\n" + reasons;
  return text;
}

std::string proposer_lines(const SearchResult& result, const TextStyle& style) {
  const std::vector<ProposerRecord> records = proposer_records(result);
  if (records.size() < 2) return "";
  std::string text = "\n" + bold(style, "Proposers: trials, how often they bettered the best") + "\n";
  for (const ProposerRecord& record : records) {
    text += fmt::format("  {:<14}  {:>8}  {:>6}\n", shortened(printable(record.name), 14),
                        format_count(record.trials), format_count(record.improvements));
  }
  return text;
}

}  // namespace

std::string search_text(const SearchResult& result, const TextStyle& style) {
  std::string text = bold(style, printable(result.name)) + "\n";
  text += progress_lines(result, style);
  if (result.trials.empty()) return text + "\nNo trial has ended yet.\n";
  text += best_lines(result, style);
  text += importance_lines(result, style);
  text += saving_lines(result, style);
  text += proposer_lines(result, style);
  return text;
}

std::string search_line(const SearchResult& result) {
  const TrialCounts& counts = result.counts;
  const std::uint64_t ended = counts.complete + counts.pruned + counts.failed;
  std::string text = fmt::format("{} trials", format_count(ended));
  const double rate = trials_per_minute(result);
  if (std::isfinite(rate)) text += fmt::format(", {:.3g}/min", rate);
  const std::vector<std::size_t> best = best_trials(result, 1);
  if (best.empty()) return text + ", none complete yet";
  const SearchTrial& trial = result.trials[best[0]];
  text += fmt::format(", best {} (trial {})", score_text(trial), trial.id);
  if (counts.pruned > 0 && ended > 0)
    text += fmt::format(", {:.0f} % pruned",
                        100.0 * static_cast<double>(counts.pruned) / static_cast<double>(ended));
  if (counts.failed > 0) text += fmt::format(", {} failed", format_count(counts.failed));
  return text;
}

}  // namespace astrolabe
