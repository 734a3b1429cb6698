// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "astrolabe/base/hash.h"
#include "astrolabe/base/text.h"
#include "astrolabe/report/explain_page.h"
#include "astrolabe/report/explain_words.h"
#include "astrolabe/report/json_numbers.h"
#include "astrolabe/report/terminal_lines.h"
#include "astrolabe/stats/metric.h"

namespace astrolabe {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kShownSettings = 6, kShownPairs = 4, kShownChanges = 8;

Json change_json(const TrainedChange& change) {
  return {{"what", change.what},
          {"instead", change.instead},
          {"text", change.text},
          {"before", json_number(change.before)},
          {"after", json_number(change.after)},
          {"gain", json_estimate(change.gain)},
          {"verdict", gain_verdict(change.gain)},
          {"pairs", change.pairs}};
}

Json changes_json(const std::vector<TrainedChange>& changes) {
  Json array = Json::array();
  for (const TrainedChange& change : changes) array.push_back(change_json(change));
  return array;
}

Json importance_json(const ExplainResult& result) {
  Json array = Json::array();
  for (const DimensionImportance& d : result.search.importance)
    array.push_back({{"dimension", result.search.space.dimensions()[d.dimension].name},
                     {"share", json_number(d.share)},
                     {"low", json_number(d.low)},
                     {"high", json_number(d.high)}});
  return array;
}

Json pairs_json(const ExplainResult& result) {
  Json array = Json::array();
  for (const PairImportance& pair : result.pairs_of_settings)
    array.push_back({{"first", result.search.space.dimensions()[pair.first].name},
                     {"second", result.search.space.dimensions()[pair.second].name},
                     {"share", json_number(pair.share)},
                     {"low", json_number(pair.low)},
                     {"high", json_number(pair.high)}});
  return array;
}

Json part_json(const PartExplanation& part) {
  Json experiments = Json::array();
  for (const ExperimentReport& report : part.experiments)
    experiments.push_back(Json::parse(experiment_json(report)));
  return {{"slot", part.formula.slot},
          {"text", part.formula.text},
          {"simplified", part.simplified},
          {"derivative", part.formula.derivative},
          {"baseline", part.baseline},
          {"properties", Json::parse(certificates_json(part.certified))["properties"]},
          {"experiments", std::move(experiments)},
          {"knock_outs", changes_json(part.knock_outs)},
          {"knock_ins", changes_json(part.knock_ins)}};
}

Json spent_json(const std::optional<SpentCurve>& spent) {
  if (!spent) return nullptr;
  Json sizes = Json::array(), scores = Json::array(), forecasts = Json::array();
  for (const CurvePoint& point : spent->points) {
    sizes.push_back(point.size);
    scores.push_back(point.scores);
  }
  for (const Forecast& forecast : spent->curve.forecasts)
    forecasts.push_back({{"size", forecast.size},
                         {"score", json_estimate(forecast.score)},
                         {"gain", json_estimate(forecast.gain)}});
  const PowerLaw& law = spent->curve.law;
  return {{"sizes", std::move(sizes)},
          {"scores", std::move(scores)},
          {"law", {{"limit", law.limit}, {"distance", law.distance}, {"rate", law.rate}}},
          {"forecasts", std::move(forecasts)}};
}

std::string heading(const TextStyle& style, std::string_view title) {
  return "\n" + bold(style, title) + "\n";
}

std::string line(const TextStyle& style, const std::string& words) {
  return "  " + wrapped(printable(words), style.width, 4) + "\n";
}

std::string settings_text(const ExplainResult& result, const TextStyle& style) {
  if (result.search.importance.empty()) return "";
  const auto name = [&](std::size_t d) { return result.search.space.dimensions()[d].name; };
  std::string text = heading(style, "Which settings decide");
  std::size_t shown = 0;
  for (const DimensionImportance& d : result.search.importance)
    if (d.share > 0 && shown++ < kShownSettings)
      text += line(style, fmt::format("{} {:.0f} % [{:.0f}, {:.0f}]", name(d.dimension), 100 * d.share,
                                      100 * d.low, 100 * d.high));
  shown = 0;
  for (const PairImportance& pair : result.pairs_of_settings)
    if (pair.low > 0 && shown++ < kShownPairs)
      text +=
          line(style, fmt::format("{} with {}: {:.0f} % [{:.0f}, {:.0f}] of all effects", name(pair.first),
                                  name(pair.second), 100 * pair.share, 100 * pair.low, 100 * pair.high));
  return text;
}

std::string part_text(const ExplainResult& result, const PartExplanation& part, const TextStyle& style) {
  std::string text =
      heading(style, fmt::format("The {}: {}", part.formula.slot, printable(part.formula.text)));
  if (!part.simplified.empty() && part.simplified != part.formula.text)
    text += line(style, "= " + part.simplified);
  if (!part.formula.derivative.empty()) text += line(style, "its derivative: " + part.formula.derivative);
  for (const Certificate& certificate : part.certified.certificates)
    if (certificate.certainty != Certainty::not_decided)
      text += line(style, fmt::format("{} {}: {}, {}", certainty_name(certificate.certainty),
                                      certificate.name, certificate.where, certificate.words));
  for (std::size_t i = 0; i < std::min(part.knock_outs.size(), kShownChanges); ++i)
    text += line(style, knock_out_words(result, part.knock_outs[i]));
  for (std::size_t i = 0; i < std::min(part.knock_ins.size(), kShownChanges); ++i)
    text += line(style, knock_in_words(result, part.knock_ins[i]));
  for (const ExperimentReport& report : part.experiments)
    text += line(style, fmt::format("{}: {}. {}", report.experiment.name,
                                    experiment_verdict_name(report.result.verdict), report.result.words));
  return text;
}

std::string spent_text(const ExplainResult& result, const TextStyle& style) {
  std::string text;
  for (const std::optional<SpentCurve>& spent : {result.rows, result.trials})
    if (spent)
      for (const Forecast& forecast : spent->curve.forecasts)
        text += line(style, forecast_words(result, *spent, forecast));
  return text.empty() ? "" : heading(style, "What more would bring") + text;
}

std::string list_text(const TextStyle& style, std::string_view title, const std::vector<std::string>& lines) {
  if (lines.empty()) return "";
  std::string text = heading(style, title);
  for (const std::string& words : lines) text += line(style, words);
  return text;
}

}  // namespace

std::string spent_curve_json(const std::optional<SpentCurve>& spent) {
  return spent_json(spent).dump();
}

std::string explain_json(const ExplainResult& result) {
  Json parts = Json::array();
  for (const PartExplanation& part : result.parts) parts.push_back(part_json(part));
  const Json json = {
      {"system", result.system},
      {"baseline", result.baseline},
      {"metric",
       {{"name", result.metric}, {"higher_is_better", find_metric(result.metric)->higher_is_better}}},
      {"headline", headline(result)},
      {"whole", result.whole ? change_json(*result.whole) : Json(nullptr)},
      {"path", changes_json(result.path)},
      {"importance", importance_json(result)},
      {"pairs_of_settings", pairs_json(result)},
      {"parts", std::move(parts)},
      {"model", result.model},
      {"rows", spent_json(result.rows)},
      {"trials", spent_json(result.trials)},
      {"left_out", result.left_out},
      {"open_rows", result.open_rows},
      {"pairs", result.pairs},
      {"tries", result.tries},
      {"seed", result.seed},
      {"data", {{"path", result.data_path}, {"hash", hash_to_hex(result.data_hash)}}},
      {"study", result.folder},
      {"command", result.command},
      {"version", result.version},
      {"page", result.page_path},
      {"time_s", result.seconds}};
  return json.dump(2) + "\n";
}

std::string explain_text(const ExplainResult& result, const TextStyle& style) {
  std::string text = wrapped(printable(headline(result)), style.width, 2) + "\n";
  if (!result.path.empty()) text += heading(style, "From the defaults on");
  for (const TrainedChange& step : result.path) text += line(style, step_words(result, step));
  text += settings_text(result, style);
  for (const PartExplanation& part : result.parts) text += part_text(result, part, style);
  text += spent_text(result, style);
  text += list_text(style, "The model that ships, by its report", result.model);
  text += list_text(style, "Left out", result.left_out);
  return text + fmt::format("\n  page    {}\n", printable(result.page_path));
}

}  // namespace astrolabe
