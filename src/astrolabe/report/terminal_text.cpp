// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/report/terminal_text.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include <fmt/format.h>

#include "astrolabe/base/text.h"
#include "astrolabe/report/start_words.h"
#include "astrolabe/report/terminal_lines.h"

namespace astrolabe {
namespace {

constexpr std::size_t kShownMissing = 5;
constexpr std::size_t kShownNotes = 12;

std::string dim(const TextStyle& style, std::string_view text) {
  return painted(style, "2", text);
}
std::string yellow(const TextStyle& style, std::string_view text) {
  return painted(style, "33", text);
}

std::string line(const TextStyle& style, std::string_view label, std::string_view text) {
  constexpr int kIndent = 12;
  return fmt::format("  {}{}\n", dim(style, fmt::format("{:<10}", label)),
                     wrapped(text, style.width, kIndent));
}

std::string column_summary(const RunResult& result) {
  std::map<ColumnType, std::size_t> counts;
  for (const ColumnReading& reading : result.readings) ++counts[reading.type];
  std::vector<std::string> parts;
  for (const auto& [type, count] : counts) {
    std::string name(column_type_name(type));
    std::replace(name.begin(), name.end(), '_', ' ');
    parts.push_back(fmt::format("{} {}", count, name));
  }
  return fmt::format("{} ({})", result.readings.size(), join(parts, ", "));
}

std::string markers_text(const ColumnReading& reading) {
  std::vector<std::string> parts;
  for (const auto& [marker, count] : reading.markers)
    parts.push_back(marker.empty() ? "blank" : "'" + printable(marker) + "'");
  return parts.empty() ? "" : " as " + join(parts, ", ");
}

// The columns with most missing cells, with how these were spelt.
std::string missing_summary(const RunResult& result) {
  std::vector<const ColumnReading*> with;
  std::uint64_t cells = 0;
  for (const ColumnReading& reading : result.readings) {
    cells += reading.missing;
    if (reading.missing > 0) with.push_back(&reading);
  }
  if (with.empty()) return "none";
  std::stable_sort(with.begin(), with.end(),
                   [](const auto* a, const auto* b) { return a->missing > b->missing; });
  std::vector<std::string> parts;
  for (std::size_t i = 0; i < std::min(with.size(), kShownMissing); ++i) {
    const double share = 100.0 * static_cast<double>(with[i]->missing) /
                         static_cast<double>(std::max<std::size_t>(1, result.rows));
    parts.push_back(fmt::format("{} {:.1f} %{}", printable(with[i]->name), share, markers_text(*with[i])));
  }
  std::string text = fmt::format("{} {} in {} {}: {}", format_count(cells), cells == 1 ? "cell" : "cells",
                                 with.size(), with.size() == 1 ? "column" : "columns", join(parts, "; "));
  if (with.size() > kShownMissing) text += fmt::format("; and {} more columns", with.size() - kShownMissing);
  return text;
}

std::string infinities_summary(const RunResult& result) {
  std::uint64_t cells = 0;
  for (const ColumnReading& reading : result.readings) cells += reading.infinities;
  return cells == 0 ? "" : format_count(cells) + " infinite cells are taken as missing";
}

std::string judged_rows(const RunResult& result) {
  if (result.rows_sealed > 0) {
    return fmt::format("{} of {} rows, opened once, after the selection", format_count(result.rows_sealed),
                       format_count(result.rows_used));
  }
  if (result.rows_of_test_part > 0)
    return fmt::format("{} rows, the set's own test part, opened once, after the selection",
                       format_count(result.rows_of_test_part));
  return result.rows_used < 1000 ? "none below 1,000 rows: the score will be resampled" : "the test file";
}

std::string interval_text(const Estimate& e) {
  if (std::isnan(e.low) || std::isnan(e.high)) return "";
  return fmt::format("[{}, {}]", format_score(e.low), format_score(e.high));
}

// "hardest classes by F1: J 0.8150, T 0.8170"; empty for few classes.
std::string hardest_words(const RunResult& result) {
  constexpr std::size_t kNamed = 3, kLongName = 24;
  const std::vector<ClassScore>& scores = result.honest->classes;
  if (scores.size() <= kNamed || scores.size() != result.task.classes.size()) return "";
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < scores.size(); ++i)
    if (!std::isnan(scores[i].f1)) order.push_back(i);
  std::ranges::stable_sort(order, {}, [&](std::size_t i) { return scores[i].f1; });
  std::vector<std::string> parts;
  for (std::size_t k = 0; k < std::min(order.size(), kNamed); ++k)
    parts.push_back(fmt::format("{} {}", shortened(printable(result.task.classes[order[k]]), kLongName),
                                format_score(scores[order[k]].f1)));
  return parts.empty() ? "" : "hardest classes by F1: " + join(parts, ", ");
}

// What the same rows say beside the score.
std::vector<std::string> judged_words(const RunResult& result) {
  const HonestScore& honest = *result.honest;
  std::vector<std::string> lines;
  for (const auto& [name, estimate] : honest.others)
    if (name == "accuracy")
      lines.push_back(fmt::format("accuracy  {}  {}", format_score(estimate.value), interval_text(estimate)));
  if (honest.reliability && !honest.reliability->bins.empty()) {
    const Reliability& found = *honest.reliability;
    lines.push_back(
        fmt::format("probabilities are off by {:.1f} % on average", 100 * calibration_error(found.bins)));
    if (!found.before.empty())
      lines.back() += fmt::format(", {:.1f} % without calibration", 100 * calibration_error(found.before));
  }
  if (std::string words = hardest_words(result); !words.empty()) lines.push_back(std::move(words));
  if (honest.coverage)
    lines.push_back(fmt::format("{:.0f} % ranges held {:.1f} % of the truths",
                                100 * honest.coverage->promised, 100 * honest.coverage->all.share.value));
  return lines;
}

std::string verdict(const LeaderboardRow& row) {
  if (row.is_best) return "best";
  return row.is_tie ? "tie" : "";
}

}  // namespace

std::string calibration_words(const CalibrationSummary& calibration) {
  return fmt::format("calibrated by {}: log loss {} to {} out of fold",
                     calibration.kind == "temperature" ? "a temperature" : "a rising curve",
                     format_score(calibration.log_loss_before), format_score(calibration.log_loss_after));
}

std::string describe_data(const RunResult& result, const TextStyle& style) {
  std::string text = bold(style, printable(result.data_path)) + "\n";
  text += line(style, "format", result.data_format);
  text += line(style, "rows", format_count(result.rows));
  text += line(style, "columns", column_summary(result));
  text += line(style, "missing", missing_summary(result));
  if (const std::string infinities = infinities_summary(result); !infinities.empty()) {
    text += line(style, "infinite", infinities);
  }
  text += line(style, "target", printable(result.task_reason));
  if (result.task.kind == TaskKind::binary)
    text += line(style, "positive", printable(result.task.classes[1]));
  text += line(style, "metric",
               fmt::format("{} ({} is better)", find_metric(result.task.metric)->title,
                           find_metric(result.task.metric)->higher_is_better ? "higher" : "lower"));
  text += line(style, "sealed", judged_rows(result));
  for (std::size_t i = 0; i < std::min(result.notes.size(), kShownNotes); ++i) {
    text += line(style, i == 0 ? "notes" : "", printable(result.notes[i]));
  }
  if (result.notes.size() > kShownNotes) {
    text += line(style, "", fmt::format("and {} more in the report", result.notes.size() - kShownNotes));
  }
  std::size_t shown = 0;
  for (const Leak& leak : result.leaks) {
    if (++shown > kShownNotes) break;
    const std::string message = wrapped(printable(leak.message), style.width, 12);
    text += fmt::format("  {}{}\n", dim(style, fmt::format("{:<10}", shown == 1 ? "suspect" : "")),
                        leak.drop ? message : yellow(style, message));
  }
  if (result.leaks.size() > kShownNotes) {
    text += line(style, "", fmt::format("and {} more in the report", result.leaks.size() - kShownNotes));
  }
  return text;
}

std::string leaderboard_text(const RunResult& result, const TextStyle& style) {
  constexpr std::size_t kLeastNameWidth = 12;
  std::vector<std::array<std::string, 4>> cells;
  std::array<std::size_t, 4> widths{};
  for (const LeaderboardRow& row : result.leaderboard) {
    cells.push_back({format_score(row.validation.value), interval_text(row.validation),
                     format_duration(row.seconds), verdict(row)});
    for (std::size_t i = 0; i < widths.size(); ++i) widths[i] = std::max(widths[i], cells.back()[i].size());
  }
  std::size_t numbers_width = 2;
  for (const std::size_t width : widths) numbers_width += width + 2;
  const std::size_t line_width = static_cast<std::size_t>(std::max(style.width, 0));
  const std::size_t room =
      line_width > numbers_width + kLeastNameWidth ? line_width - numbers_width : kLeastNameWidth;
  std::size_t name_width = 6;
  for (const LeaderboardRow& row : result.leaderboard)
    if (row.system.size() <= room) name_width = std::max(name_width, row.system.size());

  std::string text = bold(style, fmt::format("Leaderboard: {}, out of fold, with 95 % intervals\n",
                                             find_metric(result.task.metric)->title));
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const LeaderboardRow& row = result.leaderboard[i];
    const auto& [score, interval, seconds, place] = cells[i];
    // A name without room beside the numbers has a line of its own.
    const bool fits = row.system.size() <= name_width;
    std::string entry = fits ? "" : fmt::format("  {}\n", row.system);
    entry += fmt::format("  {:<{}}  {:>{}}  {:<{}}  {:>{}}  {}", fits ? row.system : "", name_width, score,
                         widths[0], interval, widths[1], seconds, widths[2], place);
    entry.erase(entry.find_last_not_of(' ') + 1);
    text += (row.is_best ? bold(style, entry) : entry) + "\n";
    if (row.was_cut_short) text += fmt::format("  {:<{}}  {}\n", "", name_width, dim(style, row.note));
  }
  return text;
}

std::string outcome_text(const RunResult& result, const TextStyle& style) {
  std::string text;
  if (result.honest) {
    const HonestScore& honest = *result.honest;
    const std::string groups =
        honest.groups > 0 ? fmt::format(" in {} groups", format_count(honest.groups)) : "";
    text +=
        fmt::format("\n{}  {}  {} on {} rows{} ({})\n",
                    bold(style, fmt::format("{} {}", find_metric(result.task.metric)->title, honest.label)),
                    bold(style, format_score(honest.primary.value)), interval_text(honest.primary),
                    format_count(honest.rows), groups, result.system);
    if (!result.calibration.kind.empty()) text += "  " + calibration_words(result.calibration) + "\n";
    for (const std::string& words : judged_words(result))
      text += "  " + wrapped(words, style.width, 2) + "\n";
    if (honest.opening > 1) {
      text += yellow(style, fmt::format("  opening number {} of these rows: the score is no longer fresh\n",
                                        honest.opening));
    }
  } else {
    text += "\nThere is no honest score; the warnings say why.\n";
  }
  if (result.start)
    for (const std::string& words : start_words(*result.start, *find_metric(result.task.metric)))
      text += "  " + wrapped(printable(words), style.width, 2) + "\n";
  for (const std::string& warning : result.warnings) {
    text += yellow(style, "  ! ") + wrapped(printable(warning), style.width, 4) + "\n";
  }
  text += fmt::format("\n  model   {}\n  report  {}\n  done in {}\n", result.model_path, result.report_path,
                      format_duration(result.seconds));
  return text;
}

}  // namespace astrolabe
