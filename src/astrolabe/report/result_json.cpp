// SPDX-License-Identifier: Apache-2.0

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "astrolabe/base/hash.h"
#include "astrolabe/report/figures_json.h"
#include "astrolabe/report/json_numbers.h"
#include "astrolabe/report/limits.h"
#include "astrolabe/report/run_report.h"
#include "astrolabe/report/search_json.h"
#include "astrolabe/report/start_section.h"

namespace astrolabe {
namespace {

using nlohmann::json;

json estimate_json(const Estimate& e) {
  json object = json_estimate<json>(e);
  object["method"] = e.method;
  return object;
}

json settings_json(const SettingValues& settings) {
  json object = json::object();
  for (const auto& [name, value] : settings) {
    std::visit([&, &key = name](const auto& held) { object[key] = held; }, value);
  }
  return object;
}

json row_json(const LeaderboardRow& row) {
  json object = {{"system", row.system},
                 {"learner", row.learner},
                 {"settings", settings_json(row.settings)},
                 {"validation", estimate_json(row.validation)},
                 {"best", row.is_best},
                 {"tie", row.is_tie},
                 {"folds_done", row.folds_done},
                 {"folds", row.folds},
                 {"cut_short", row.was_cut_short},
                 {"seconds", json_number<json>(row.seconds)},
                 {"note", row.note}};
  if (row.to_best) {
    object["to_best"] = estimate_json(row.to_best->effect);
    object["to_best"]["p_value"] = json_number<json>(row.to_best->p_value);
  }
  return object;
}

json task_json(const RunResult& result) {
  const Metric& metric = *find_metric(result.task.metric);
  return {{"kind", result.task.kind_name()},
          {"target", result.task.target},
          {"classes", result.task.classes},
          {"weight", result.task.weight},
          {"group", result.task.group},
          {"reason", result.task_reason},
          {"metric", {{"name", metric.name}, {"higher_is_better", metric.higher_is_better}}}};
}

json honest_json(const std::optional<HonestScore>& honest) {
  if (!honest) return nullptr;
  json object = estimate_json(honest->primary);
  object["label"] = honest->label;
  object["rows"] = honest->rows;
  if (honest->groups > 0) object["groups"] = honest->groups;
  object["opening"] = honest->opening;
  object["others"] = json::object();
  for (const auto& [name, e] : honest->others) object["others"][name] = estimate_json(e);
  return object;
}

json calibration_json(const CalibrationSummary& calibration) {
  if (calibration.kind.empty()) return nullptr;
  return {{"kind", calibration.kind},
          {"power", calibration.power},
          {"log_loss_before", json_number<json>(calibration.log_loss_before)},
          {"log_loss_after", json_number<json>(calibration.log_loss_after)}};
}

json columns_json(const RunResult& result) {
  json columns = json::array();
  for (const ColumnReading& reading : result.readings) {
    columns.push_back({{"name", reading.name},
                       {"type", column_type_name(reading.type)},
                       {"missing", reading.missing},
                       {"missing_markers", reading.markers},
                       {"infinities", reading.infinities}});
    const auto profile = std::ranges::find(result.profiles, reading.name, &ColumnProfile::name);
    if (profile == result.profiles.end() || profile->type != ColumnType::image) continue;
    columns.back()["picture"] = {{"width", profile->picture.width},
                                 {"height", profile->picture.height},
                                 {"channels", profile->picture.channels}};
  }
  return columns;
}

json importance_json(const RunResult& result) {
  json object = {{"by_model", json::array()}, {"by_shuffling", json::array()}};
  for (const auto& [column, share] : result.importance) {
    object["by_model"].push_back({{"column", column}, {"share", json_number<json>(share)}});
  }
  for (const ColumnImportance& column : result.permutation) {
    json entry = estimate_json(column.loss_of_score);
    entry["column"] = column.column;
    object["by_shuffling"].push_back(std::move(entry));
  }
  return object;
}

json effects_json(const RunResult& result) {
  if (!result.effects) return nullptr;
  json columns = json::array();
  for (const ColumnEffect& column : result.effects->columns)
    columns.push_back({{"column", column.column}, {"mean_size", json_number<json>(column.size)}});
  return {{"score", result.effects->score},
          {"expected", json_number<json>(result.effects->expected)},
          {"rows", result.effects->rows},
          {"columns", columns}};
}

json leaks_json(const RunResult& result) {
  json leaks = json::array();
  for (const Leak& leak : result.leaks) {
    leaks.push_back({{"kind", leak_kind_name(leak.kind)},
                     {"column", leak.column},
                     {"strength", json_number<json>(leak.strength)},
                     {"dropped", leak.drop},
                     {"message", leak.message}});
  }
  return leaks;
}

}  // namespace

std::string run_result_json(const RunResult& result) {
  json board = json::array();
  for (const LeaderboardRow& row : result.leaderboard) board.push_back(row_json(row));
  json object = {{"task", task_json(result)},
                 {"data",
                  {{"path", result.data_path},
                   {"format", result.data_format},
                   {"hash", hash_to_hex(result.data_hash)},
                   {"rows", result.rows},
                   {"rows_used", result.rows_used},
                   {"rows_sealed", result.rows_sealed},
                   {"columns", columns_json(result)}}},
                 {"split", result.split},
                 {"seed", result.seed},
                 {"version", result.version},
                 {"command", result.command},
                 {"best",
                  {{"system", result.system},
                   {"validation", estimate_json(result.validation)},
                   {"sealed", honest_json(result.honest)},
                   {"calibration", calibration_json(result.calibration)},
                   {"fitted_on", result.fitted_on}}},
                 {"leaderboard", board},
                 {"importance", importance_json(result)},
                 {"effects", effects_json(result)},
                 {"leaks", leaks_json(result)},
                 {"notes", result.notes},
                 {"warnings", result.warnings},
                 {"limits", limits_of(result)},
                 {"interrupted", result.was_interrupted},
                 {"time_s", json_number<json>(result.seconds)},
                 {"folder", result.folder},
                 {"model", result.model_path},
                 {"report", result.report_path}};
  if (result.start) object["start"] = start_json(result);
  if (result.search) object["search"] = json::parse(search_json_text(*result.search));
  std::string text = object.dump(2, ' ', false, json::error_handler_t::replace);
  // Long lists of numbers: indented, each would have a line of its own.
  text.replace(text.rfind("\n}"), 2, ",\n  \"figures\": " + figures_json_text(result) + "\n}");
  return text;
}

}  // namespace astrolabe
