// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/report/doctor_text.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "astrolabe/base/text.h"
#include "astrolabe/report/evidence_words.h"
#include "astrolabe/report/explain_page.h"
#include "astrolabe/report/explain_words.h"
#include "astrolabe/report/json_numbers.h"
#include "astrolabe/report/terminal_lines.h"
#include "astrolabe/stats/metric.h"

namespace astrolabe {
namespace {

using Json = nlohmann::ordered_json;

Json net_json(const std::optional<NetLook>& net) {
  if (!net) return nullptr;
  return {{"rows", net->rows},
          {"parameters", net->parameters},
          {"steps", net->steps},
          {"layers", net->layers},
          {"start_loss", json_number(net->start_loss)},
          {"own_rate", net->own_rate},
          {"own_loss", json_number(net->own_loss)},
          {"best_rate", net->best_rate},
          {"best_loss", json_number(net->best_loss)},
          {"newton_steps", net->newton_steps},
          {"newton_loss", json_number(net->newton_loss)},
          {"standing_loss", json_number(net->standing_loss)},
          {"nudged_loss", json_number(net->nudged_loss)},
          {"unmoved", net->unmoved},
          {"dead_at_start", net->dead_at_start},
          {"dead_after", net->dead_after},
          {"signal_ratio", json_number(net->signal_ratio)}};
}

Json fix_json(const DoctorResult& result, std::size_t i) {
  const TriedFix& fix = result.symptoms.fixes[i];
  return {{"against", cause_name(fix.against)},
          {"what", fix.what},
          {"before", json_number(result.tried[i].before)},
          {"after", json_number(result.tried[i].after)},
          {"gain", json_estimate(fix.gain)},
          {"helps", fix.gain.low > 0}};
}

std::string net_text(const NetLook& net, const TextStyle& style) {
  const auto line = [&](const std::string& words) { return "  " + wrapped(words, style.width, 4) + "\n"; };
  std::string text = line(fmt::format(
      "inside, on {} rows: loss {:.4g} at the start, {:.4g} after {} steps of "
      "rate {:.2g}, {:.4g} at the best rate, {:.2g}",
      net.rows, net.start_loss, net.own_loss, net.steps, net.own_rate, net.best_loss, net.best_rate));
  text += line(fmt::format("Gauss-Newton: loss {:.4g} after {} steps of {} weights", net.newton_loss,
                           net.newton_steps, format_count(net.parameters)));
  text += line(fmt::format(
      "{:.0f} % of units dead at the start, {:.0f} % after; gradient of the first of {} "
      "layers {:.2g} times that of the last; {:.0f} % of weights unmoved by a step",
      100 * net.dead_at_start, 100 * net.dead_after, net.layers, net.signal_ratio, 100 * net.unmoved));
  return text;
}

}  // namespace

std::string doctor_text(const DoctorResult& result, const TextStyle& style) {
  const auto line = [&](const std::string& words) {
    return "  " + wrapped(printable(words), style.width, 4) + "\n";
  };
  const std::string title(find_metric(result.metric)->title);
  const std::string cause(cause_name(result.diagnosis.cause));
  std::string text = wrapped(printable(fmt::format("{}: {}", cause, result.decision)), style.width, 2);
  text = bold(style, text.substr(0, cause.size())) + text.substr(cause.size()) + "\n\n" +
         bold(style, "Measured") + "\n";
  text += line(fmt::format("{}: {}", result.system, result.summary));
  text += line(fmt::format("over a constant it gains {} of {}",
                           difference_words(result.symptoms.over_constant), title));
  if (result.symptoms.net) text += net_text(*result.symptoms.net, style);
  if (!result.tried.empty()) text += "\n" + bold(style, "Tried") + "\n";
  for (std::size_t i = 0; i < result.tried.size(); ++i) {
    const TrainedChange& change = result.tried[i];
    text += line(fmt::format("{} (against {}): {} {} to {}, gain {}{}", result.symptoms.fixes[i].what,
                             cause_name(result.symptoms.fixes[i].against), title, format_score(change.before),
                             format_score(change.after), difference_words(change.gain),
                             change.gain.low > 0 ? ": helps" : ""));
  }
  ExplainResult context;
  context.metric = result.metric;
  if (result.rows) text += "\n" + bold(style, "What data would settle it") + "\n";
  if (result.rows)
    for (const Forecast& forecast : result.rows->curve.forecasts)
      text += line(forecast_words(context, *result.rows, forecast));
  if (!result.left_out.empty()) text += "\n" + bold(style, "Left out") + "\n";
  for (const std::string& words : result.left_out) text += line(words);
  return text + fmt::format("\ndone in {}\n", format_duration(result.seconds));
}

std::string doctor_json(const DoctorResult& result) {
  Json tried = Json::array();
  for (std::size_t i = 0; i < result.tried.size(); ++i) tried.push_back(fix_json(result, i));
  const Json json = {
      {"cause", cause_name(result.diagnosis.cause)},
      {"why", result.diagnosis.words},
      {"decision", result.decision},
      {"fix", result.diagnosis.fix ? fix_json(result, *result.diagnosis.fix) : Json(nullptr)},
      {"system", result.system},
      {"summary", result.summary},
      {"metric",
       {{"name", result.metric}, {"higher_is_better", find_metric(result.metric)->higher_is_better}}},
      {"over_constant", json_estimate(result.symptoms.over_constant)},
      {"diverged", result.symptoms.diverged},
      {"cut_short", result.symptoms.cut_short},
      {"net", net_json(result.symptoms.net)},
      {"tried", std::move(tried)},
      {"rows", Json::parse(spent_curve_json(result.rows))},
      {"open_rows", result.open_rows},
      {"left_out", result.left_out},
      {"data", result.data_path},
      {"study", result.folder},
      {"command", result.command},
      {"version", result.version},
      {"time_s", result.seconds}};
  return json.dump(2) + "\n";
}

}  // namespace astrolabe
