// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/workflow/run_options_json.h"

#include <nlohmann/json.hpp>

#include "astrolabe/base/error.h"
#include "astrolabe/pipeline/catalog.h"

namespace astrolabe {
namespace {

using Json = nlohmann::ordered_json;

template <class Value>
void put(Json& json, const char* name, const std::optional<Value>& value) {
  if (value) json[name] = *value;
}

template <class Value>
void take(const Json& json, const char* name, std::optional<Value>& value) {
  if (json.contains(name)) value = json.at(name).get<Value>();
}

Json json_of(const ReadOptions& reading) {
  Json json = Json::object();
  json["header"] = static_cast<int>(reading.header);
  for (const auto& [column, type] : reading.types) json["types"][column] = column_type_name(type);
  json["drop"] = reading.drop;
  return json;
}

ReadOptions reading_of(const Json& json) {
  ReadOptions reading;
  const int header = json.at("header").get<int>();
  if (header < 0 || header > 2) throw std::out_of_range("header");
  reading.header = static_cast<Header>(header);
  if (json.contains("types"))
    for (const auto& [column, name] : json.at("types").items())
      reading.types[column] = find_column_type(name.get<std::string>()).value();
  reading.drop = json.at("drop").get<std::vector<std::string>>();
  return reading;
}

Json json_of(const LearnerChoice& choice) {
  Json json = {{"name", choice.name}, {"settings", Json::object()}, {"stars", choice.stars}};
  for (const auto& [name, value] : choice.settings)
    std::visit([&](const auto& plain) { json["settings"][name] = plain; }, value);
  return json;
}

SettingValue setting_of(const Json& json) {
  if (json.is_boolean()) return json.get<bool>();
  if (json.is_number_integer()) return json.get<std::int64_t>();
  if (json.is_number()) return json.get<double>();
  return json.get<std::string>();
}

LearnerChoice choice_of(const Json& json) {
  LearnerChoice choice{.name = json.at("name").get<std::string>()};
  const Learner* learner = find_learner(choice.name);
  if (learner == nullptr) throw std::out_of_range("learner " + choice.name);
  for (const auto& [name, value] : json.at("settings").items()) {
    const SettingField& field = require_field(choice.name, learner->fields(), name);
    choice.settings[name] = checked_value(choice.name, field, setting_of(value));
  }
  choice.stars = json.at("stars").get<std::map<std::string, std::string>>();
  return choice;
}

SplitRule split_of(const Json& json) {
  const int kind = json.at("kind").get<int>();
  if (kind < 0 || kind > 3) throw std::out_of_range("split");
  return {.kind = static_cast<SplitKind>(kind), .column = json.at("column").get<std::string>()};
}

RunOptions options_of(const Json& json) {
  RunOptions options;
  options.data = json.at("data").get<std::string>();
  options.target = json.at("target").get<std::string>();
  if (json.contains("task")) {
    const int kind = json.at("task").get<int>();
    if (kind < 0 || kind > 2) throw std::out_of_range("task");
    options.task = static_cast<TaskKind>(kind);
  }
  take(json, "metric", options.metric);
  take(json, "positive", options.positive);
  take(json, "weight", options.weight);
  take(json, "group", options.group);
  options.split = split_of(json.at("split"));
  if (json.contains("test")) options.test = json.at("test").get<std::string>();
  options.reading = reading_of(json.at("reading"));
  for (const Json& choice : json.at("learners")) options.learners.push_back(choice_of(choice));
  options.from = json.value("from", std::string());  // older studies knew none
  options.grow = json.value("grow", false);
  options.teacher = json.value("teacher", std::string());
  options.refit = json.at("refit").get<bool>();
  options.stack = json.value("stack", false);  // older studies knew none
  options.proposer = json.at("proposer").get<std::string>();
  options.pruner = json.at("pruner").get<std::string>();
  take(json, "max_nodes", options.max_nodes);
  options.warm_start = json.value("warm_start", false);  // older studies knew none
  options.grammars = json.at("grammars").get<std::string>();
  options.seed = json.at("seed").get<std::uint64_t>();
  return options;
}

}  // namespace

std::string run_options_json(const RunOptions& options) {
  Json json;
  json["data"] = std::filesystem::absolute(options.data).lexically_normal().string();
  json["target"] = options.target;
  if (options.task) json["task"] = static_cast<int>(*options.task);
  put(json, "metric", options.metric);
  put(json, "positive", options.positive);
  put(json, "weight", options.weight);
  put(json, "group", options.group);
  json["split"] = {{"kind", static_cast<int>(options.split.kind)}, {"column", options.split.column}};
  if (options.test) json["test"] = std::filesystem::absolute(*options.test).lexically_normal().string();
  json["reading"] = json_of(options.reading);
  json["learners"] = Json::array();
  for (const LearnerChoice& choice : options.learners) json["learners"].push_back(json_of(choice));
  if (!options.from.empty())
    json["from"] = std::filesystem::absolute(options.from).lexically_normal().string();
  if (options.grow) json["grow"] = true;
  if (!options.teacher.empty())
    json["teacher"] = std::filesystem::absolute(options.teacher).lexically_normal().string();
  json["refit"] = options.refit;
  if (options.stack) json["stack"] = true;
  json["proposer"] = options.proposer;
  json["pruner"] = options.pruner;
  put(json, "max_nodes", options.max_nodes);
  if (options.warm_start) json["warm_start"] = true;
  json["grammars"] = options.grammars;
  json["seed"] = options.seed;
  return json.dump();
}

RunOptions parse_run_options(std::string_view text) {
  try {
    return options_of(Json::parse(text));
  } catch (const std::exception& error) {
    throw bad_input({.attempted = "reading what the study was asked",
                     .expected = "the options of a run of this version of Astrolabe",
                     .found = error.what(),
                     .remedy = "Use the Astrolabe that wrote it, or start a new run."});
  }
}

}  // namespace astrolabe
