// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/report/explain_words.h"

#include <cmath>

#include <fmt/format.h>

#include "astrolabe/base/text.h"
#include "astrolabe/report/evidence_words.h"
#include "astrolabe/stats/metric.h"

namespace astrolabe {
namespace {

std::string title_of(const ExplainResult& result) {
  return std::string(find_metric(result.metric)->title);
}

std::string count_words(const SpentCurve& spent, double size) {
  const std::string count = format_count(static_cast<std::uint64_t>(std::llround(size)));
  return fmt::format("{} {}", count, spent.unit);
}

}  // namespace

std::string gain_verdict(const Estimate& gain) {
  if (gain.low > 0) return "better";
  if (gain.high < 0) return "worse";
  return "no clear difference";
}

std::string change_words(const ExplainResult& result, const TrainedChange& change) {
  return fmt::format("{} {} to {}, gain {}, {} pairs", title_of(result), format_score(change.before),
                     format_score(change.after), difference_words(change.gain), change.pairs);
}

std::string step_words(const ExplainResult& result, const TrainedChange& step) {
  const std::string from =
      step.text.empty() ? step.instead : fmt::format("{} to {}", step.text, step.instead);
  const std::string why =
      step.others == 0 ? ""
                       : fmt::format(", chosen before {} other{}", step.others, step.others == 1 ? "" : "s");
  return fmt::format("{}: {}{}: {}. {}", step.what, from, why, gain_verdict(step.gain),
                     change_words(result, step));
}

std::string knock_out_words(const ExplainResult& result, const TrainedChange& change) {
  const std::string verdict = change.gain.high < 0  ? "it is needed"
                              : change.gain.low > 0 ? "better without it"
                                                    : "whether it is needed stays open";
  return fmt::format("{} instead of {}: {}. {}", change.instead, change.what, verdict,
                     change_words(result, change));
}

std::string knock_in_words(const ExplainResult& result, const TrainedChange& change) {
  const std::string verdict = change.gain.low > 0    ? "it helps there too"
                              : change.gain.high < 0 ? "it hurts there"
                                                     : "no clear difference there";
  return fmt::format("{} put onto {}: {}. {}", change.what, change.instead, verdict,
                     change_words(result, change));
}

std::string forecast_words(const ExplainResult& result, const SpentCurve& spent, const Forecast& forecast) {
  const std::string verdict = forecast.gain.low > 0 ? "worth something" : "perhaps worth nothing";
  return fmt::format("{} instead of {}: {} {} [{}, {}], gain {}: {}", count_words(spent, forecast.size),
                     count_words(spent, spent.points.back().size), title_of(result),
                     format_score(forecast.score.value), format_score(forecast.score.low),
                     format_score(forecast.score.high), difference_words(forecast.gain), verdict);
}

std::string headline(const ExplainResult& result) {
  if (!result.whole) return fmt::format("{} was found; it was compared with nothing", result.system);
  std::string words =
      fmt::format("{} against {}: {}", result.system, result.baseline, change_words(result, *result.whole));
  const TrainedChange* most = nullptr;
  for (const TrainedChange& step : result.path)
    if (step.gain.low > 0 && (most == nullptr || step.gain.value > most->gain.value)) most = &step;
  if (most != nullptr)
    words += fmt::format(". Most of it comes from {}: {}", most->what, difference_words(most->gain));
  return words;
}

}  // namespace astrolabe
