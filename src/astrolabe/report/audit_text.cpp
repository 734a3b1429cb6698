// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/report/audit_text.h"

#include <cmath>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "astrolabe/base/text.h"
#include "astrolabe/report/json_numbers.h"
#include "astrolabe/report/terminal_lines.h"

namespace astrolabe {
namespace {

using Json = nlohmann::ordered_json;

Json comparison_json(const AuditComparison& comparison) {
  return {{"name", comparison.name},
          {"score", json_number(comparison.score)},
          {"verdict", verdict_name(comparison.verdict)},
          {"effect", json_estimate(comparison.difference.effect)},
          {"p_value", json_number(comparison.p_adjusted)},
          {"shrunk", json_number(comparison.shrunk)},
          {"rows_to_settle", json_number(comparison.rows_to_settle)}};
}

std::string_view decision_name(AuditDecision decision) {
  switch (decision) {
    case AuditDecision::use:
      return "use";
    case AuditDecision::do_not_use:
      return "do_not_use";
    case AuditDecision::need_more:
      break;
  }
  return "need_more";
}

std::string_view decision_words(AuditDecision decision) {
  switch (decision) {
    case AuditDecision::use:
      return "Use it";
    case AuditDecision::do_not_use:
      return "Do not use it";
    case AuditDecision::need_more:
      break;
  }
  return "Not settled";
}

std::string line(const TextStyle& style, std::string_view label, const std::string& text) {
  return fmt::format("  {:<11} {}\n", label, wrapped(printable(text), style.width, 14));
}

std::string estimate_words(const Estimate& e) {
  if (!std::isfinite(e.low) || !std::isfinite(e.high)) return format_score(e.value) + ", no interval";
  return fmt::format("{} [{}, {}]", format_score(e.value), format_score(e.low), format_score(e.high));
}

std::string comparison_words(const AuditResult& result, const AuditComparison& comparison) {
  const Estimate& effect = comparison.difference.effect;
  std::string words =
      fmt::format("{} scores {}: ours {} by {:+.4g} [{:+.4g}, {:+.4g}], p {:.2g}", comparison.name,
                  format_score(comparison.score), verdict_name(comparison.verdict), effect.value, effect.low,
                  effect.high, comparison.p_adjusted);
  if (result.tries > 1 && effect.value > 0)
    words += fmt::format("; of the best of {} tries {:+.4g} is left", result.tries, comparison.shrunk);
  return words;
}

std::string findings_text(const AuditResult& result, const TextStyle& style) {
  std::string text;
  if (std::isfinite(result.calibration_error))
    text += line(
        style, "calibration",
        fmt::format("probabilities are off by {:.1f} points on average", 100 * result.calibration_error));
  if (result.repeated_rows > 0)
    text += line(style, "repeated",
                 fmt::format("{} rows are equal to another one: they count as one",
                             format_count(result.repeated_rows)));
  if (result.seen_rows) {
    std::string seen = fmt::format("{} rows were trained on", format_count(*result.seen_rows));
    if (result.unseen_score) seen += "; without them " + format_score(*result.unseen_score);
    text += line(style, "seen", seen);
  }
  for (const std::string& leak : result.leaks) text += line(style, "leak", leak);
  for (const WeakSlice& slice : result.slices)
    text += line(style, "weak",
                 fmt::format("{}: {} {:.4g} on {} rows, {:.4g} elsewhere", slice.words, result.slice_loss,
                             slice.loss.value, format_count(slice.rows), slice.elsewhere));
  return text;
}

}  // namespace

std::string audit_text(const AuditResult& result, const TextStyle& style) {
  const Metric& metric = *find_metric(result.task.metric);
  std::string text = bold(style, decision_words(result.decision)) + ": " +
                     wrapped(printable(join(result.reasons, "; ")), style.width, 2) + "\n\n";
  text += line(style, "file", fmt::format("{}, {} rows", result.file, format_count(result.rows)));
  text += line(style, "truth", fmt::format("{}, {} task", result.task.target, result.task.kind_name()));
  text += line(style, "judged", result.predictions);
  text += line(style, std::string(metric.title), estimate_words(result.score));
  text += line(style, "floor", comparison_words(result, result.floor));
  if (result.baseline) text += line(style, "baseline", comparison_words(result, *result.baseline));
  return text + findings_text(result, style);
}

std::string audit_json(const AuditResult& result) {
  Json slices = Json::array();
  for (const WeakSlice& slice : result.slices)
    slices.push_back({{"column", slice.column},
                      {"slice", slice.words},
                      {"rows", slice.rows},
                      {"loss", json_estimate(slice.loss)},
                      {"elsewhere", json_number(slice.elsewhere)},
                      {"p_value", json_number(slice.p_value)}});
  const Metric& metric = *find_metric(result.task.metric);
  Json json = {{"decision", decision_name(result.decision)},
               {"reasons", result.reasons},
               {"file", result.file},
               {"rows", result.rows},
               {"tries", result.tries},
               {"task", result.task.kind_name()},
               {"target", result.task.target},
               {"predictions", result.predictions},
               {"metric", {{"name", metric.name}, {"higher_is_better", metric.higher_is_better}}},
               {"score", json_estimate(result.score)},
               {"floor", comparison_json(result.floor)},
               {"baseline", result.baseline ? comparison_json(*result.baseline) : Json(nullptr)},
               {"calibration_error", json_number(result.calibration_error)},
               {"repeated_rows", result.repeated_rows},
               {"seen_rows", result.seen_rows ? Json(*result.seen_rows) : Json(nullptr)},
               {"unseen_score", result.unseen_score ? json_number(*result.unseen_score) : Json(nullptr)},
               {"leaks", result.leaks},
               {"slice_loss", result.slice_loss},
               {"slices", std::move(slices)}};
  return json.dump(2) + "\n";
}

}  // namespace astrolabe
