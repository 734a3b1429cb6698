// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/report/start_section.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "astrolabe/base/text.h"
#include "astrolabe/report/html.h"
#include "astrolabe/report/json_numbers.h"
#include "astrolabe/report/page.h"
#include "astrolabe/report/start_words.h"

namespace astrolabe {
namespace {

using nlohmann::json;

json old_rows_json(const OldRowsResult& old) {
  json object = {{"rehearsed", old.trained},
                 {"judged", old.judged},
                 {"fell", old.fell},
                 {"before", json_estimate<json>(old.before)},
                 {"after", json_estimate<json>(old.after)},
                 {"change", nullptr}};
  if (old.change) object["change"] = json_estimate<json>(*old.change);
  return object;
}

json levels_json(const StartResult& start) {
  json levels = json::object();
  for (const auto& [column, count] : start.levels) levels[column] = count;
  return levels;
}

}  // namespace

std::string start_section(const RunResult& result) {
  if (!result.start) return {};
  const StartResult& start = *result.start;
  const Metric& metric = *find_metric(result.task.metric);
  std::string table = "<div class=\"panel\"><table>";
  const auto row = [&](std::string_view name, const std::string& words) {
    if (!words.empty()) table += fmt::format("<tr><th>{}</th><td>{}</td></tr>", name, escape_html(words));
  };
  row("The old model",
      fmt::format("{}, fitted on {} rows of {}", start.model, format_count(start.rows), start.data_name));
  row("Before the first step", certificate_words(start));
  row("What changed", changes_words(start));
  row("What it was worth", gain_words(start, metric));
  row("What was known", memory_words(start, metric));
  return section("Where it started", table + "</table></div>");
}

json start_json(const RunResult& result) {
  if (!result.start) return nullptr;
  const StartResult& start = *result.start;
  json object = {{"model", start.model},
                 {"data", start.data_name},
                 {"rows", start.rows},
                 {"columns", {{"kept", start.kept}, {"added", start.added}, {"gone", start.gone}}},
                 {"new_categories", levels_json(start)},
                 {"classes", {{"old", start.old_classes}, {"new", start.new_classes}}},
                 {"system", start.system},
                 {"net", {{"was", start.was}, {"is", start.is}}},
                 {"certificate",
                  {{"fits", start.fits},
                   {"warm", start.warm_fits},
                   {"rows", start.compared_rows},
                   {"largest_difference", json_number<json>(start.difference)},
                   {"answer_scale", json_number<json>(start.answer_scale)},
                   {"exact", start.is_exact},
                   {"why", start.why}}},
                 {"score", json_number<json>(start.score)},
                 {"seconds", json_number<json>(start.seconds)},
                 {"from_nothing", nullptr},
                 {"old_rows", nullptr}};
  if (!start.scratch.empty()) {
    object["from_nothing"] = {{"system", start.scratch},
                              {"score", json_number<json>(start.scratch_score)},
                              {"seconds", json_number<json>(start.scratch_seconds)},
                              {"gain", nullptr},
                              {"epoch_share", nullptr},
                              {"epochs", nullptr}};
    if (start.gain) object["from_nothing"]["gain"] = json_estimate<json>(*start.gain);
    if (start.epochs > 0 && start.scratch_epochs > 0)
      object["from_nothing"]["epochs"] = {{"going_on", start.epochs}, {"from_nothing", start.scratch_epochs}};
    if (start.epoch_share) object["from_nothing"]["epoch_share"] = *start.epoch_share;
  }
  if (start.old_rows) object["old_rows"] = old_rows_json(*start.old_rows);
  return object;
}

}  // namespace astrolabe
