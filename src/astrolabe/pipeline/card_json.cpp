// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/pipeline/card_json.h"

#include <cmath>

#include <nlohmann/json.hpp>

#include "astrolabe/base/error.h"
#include "astrolabe/base/hash.h"

namespace astrolabe {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxClasses = 100'000;
constexpr std::size_t kMaxMembers = 1'000;

// JSON has no NaN and no infinity: they travel as null.
json number_json(double value) {
  return std::isfinite(value) ? json(value) : json(nullptr);
}
double number_from(const json& value) {
  return value.is_null() ? std::nan("") : value.get<double>();
}

json estimate_json(const std::optional<Estimate>& estimate) {
  if (!estimate) return nullptr;
  return {{"score", number_json(estimate->value)},
          {"low", number_json(estimate->low)},
          {"high", number_json(estimate->high)},
          {"method", estimate->method}};
}

std::optional<Estimate> estimate_from(const json& value) {
  if (value.is_null()) return std::nullopt;
  return Estimate{number_from(value.at("score")), number_from(value.at("low")), number_from(value.at("high")),
                  value.at("method").get<std::string>()};
}

json settings_json(const SettingValues& settings) {
  json object = json::object();
  for (const auto& [name, value] : settings) {
    std::visit([&, &key = name](const auto& held) { object[key] = held; }, value);
  }
  return object;
}

SettingValues settings_from(const json& object) {
  SettingValues settings;
  for (const auto& [name, value] : object.items()) {
    if (value.is_boolean()) {
      settings[name] = value.get<bool>();
    } else if (value.is_number_integer()) {
      settings[name] = value.get<std::int64_t>();
    } else if (value.is_number()) {
      settings[name] = value.get<double>();
    } else {
      settings[name] = value.get<std::string>();
    }
  }
  return settings;
}

json task_json(const Task& task) {
  return {{"kind", task_kind_name(task.kind)},
          {"target", task.target},
          {"classes", task.classes},
          {"metric", task.metric},
          {"weight", task.weight}};
}

TaskKind kind_from(const std::string& name) {
  for (const TaskKind kind : {TaskKind::binary, TaskKind::multiclass, TaskKind::regression}) {
    if (task_kind_name(kind) == name) return kind;
  }
  ArchiveReader::damaged("the kind of task");
}

Task task_from(const json& object) {
  Task task{.kind = kind_from(object.at("kind").get<std::string>()),
            .target = object.at("target").get<std::string>(),
            .classes = object.at("classes").get<std::vector<std::string>>(),
            .metric = object.at("metric").get<std::string>(),
            .weight = object.at("weight").get<std::string>()};
  const std::size_t classes = task.classes.size();
  const bool fits = task.kind == TaskKind::regression ? classes == 0
                    : task.kind == TaskKind::binary   ? classes == 2
                                                      : classes > 2 && classes <= kMaxClasses;
  if (!fits || find_metric(task.metric) == nullptr) ArchiveReader::damaged("the task");
  return task;
}

json range_json(const std::optional<PredictionRange>& range) {
  if (!range) return nullptr;
  return {{"low", range->low}, {"high", range->high}, {"coverage", range->coverage}};
}

std::optional<PredictionRange> range_from(const json& value) {
  if (value.is_null()) return std::nullopt;
  return PredictionRange{value.at("low").get<double>(), value.at("high").get<double>(),
                         value.at("coverage").get<double>()};
}

json card_json(const ModelCard& card) {
  return {{"version", card.version},
          {"task", task_json(card.task)},
          {"system", card.system},
          {"data", {{"name", card.data_name}, {"hash", hash_to_hex(card.data_hash)}, {"rows", card.rows}}},
          {"seed", card.seed},
          {"fitted_on", card.fitted_on},
          {"validation", estimate_json(card.validation)},
          {"sealed", estimate_json(card.sealed)},
          {"sealed_label", card.sealed_label},
          {"range", range_json(card.range)}};
}

ModelCard card_from(const json& object) {
  return {.version = object.at("version").get<std::string>(),
          .task = task_from(object.at("task")),
          .system = object.at("system").get<std::string>(),
          .data_name = object.at("data").at("name").get<std::string>(),
          .data_hash = std::stoull(object.at("data").at("hash").get<std::string>(), nullptr, 16),
          .rows = object.at("data").at("rows").get<std::uint64_t>(),
          .seed = object.at("seed").get<std::uint64_t>(),
          .fitted_on = object.at("fitted_on").get<std::string>(),
          .validation = estimate_from(object.at("validation")),
          .sealed = estimate_from(object.at("sealed")),
          .sealed_label = object.at("sealed_label").get<std::string>(),
          .range = range_from(object.at("range"))};
}

CardSection section_from(const json& object) {
  CardSection section{.card = card_from(object.at("card")), .members = {}};
  const json& members = object.at("members");
  if (!members.is_array() || members.empty() || members.size() > kMaxMembers)
    ArchiveReader::damaged("the members");
  for (const json& member : members) {
    section.members.push_back({member.at("learner").get<std::string>(), settings_from(member.at("settings")),
                               member.at("weight").get<double>()});
    const double weight = section.members.back().weight;
    if (!(weight > 0 && weight <= 1)) ArchiveReader::damaged("a member's weight");
  }
  return section;
}

}  // namespace

std::string write_card(const CardSection& section) {
  json members = json::array();
  for (const MemberCard& member : section.members) {
    members.push_back({{"learner", member.learner},
                       {"settings", settings_json(member.settings)},
                       {"weight", member.weight}});
  }
  const json object = {{"card", card_json(section.card)}, {"members", members}};
  // Names from the data may hold anything; a file that we write must be readable by us.
  return object.dump(1, ' ', false, json::error_handler_t::replace);
}

CardSection read_card(std::string_view text) {
  try {
    return section_from(json::parse(text));
  } catch (const json::exception& broken) {
    ArchiveReader::damaged(broken.what());
  } catch (const std::logic_error& broken) {  // std::stoull
    ArchiveReader::damaged(broken.what());
  }
}

}  // namespace astrolabe
