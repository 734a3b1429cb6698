// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/pipeline/card_json.h"

#include <charconv>
#include <cmath>
#include <set>
#include <system_error>

#include <nlohmann/json.hpp>

#include "astrolabe/base/error.h"
#include "astrolabe/base/hash.h"
#include "astrolabe/pipeline/ledger_json.h"

namespace astrolabe {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxClasses = 100'000;
constexpr std::size_t kMaxMembers = 1'000;
constexpr std::size_t kMaxEntries = 1'000;  // of a privacy ledger
constexpr double kMostPower = 1'000;        // of a calibration
constexpr double kMostWeight = 1'000;       // of a system in a second level

// JSON has no NaN and no infinity: they travel as null.
json number_json(double value) {
  return std::isfinite(value) ? json(value) : json(nullptr);
}

// The library converts numbers silently (-1 to 2^64 - 1, 1.5 to 1); a card that needs that is damaged.
double number_from(const json& value, std::string_view what) {
  if (value.is_null()) return std::nan("");
  if (!value.is_number()) ArchiveReader::damaged(what);
  return value.get<double>();
}

double finite_from(const json& value, std::string_view what) {
  const double number = number_from(value, what);
  if (!std::isfinite(number)) ArchiveReader::damaged(what);
  return number;
}

std::uint64_t count_from(const json& value, std::string_view what) {
  if (!value.is_number_unsigned()) ArchiveReader::damaged(what);
  return value.get<std::uint64_t>();
}

std::string text_from(const json& value) {
  return value.get<std::string>();
}

std::uint64_t hash_from(const json& value) {
  const auto text = value.get<std::string>();
  std::uint64_t hash = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), hash, 16);
  if (error != std::errc() || hash_to_hex(hash) != text) ArchiveReader::damaged("the hash of the data");
  return hash;
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
  return Estimate{number_from(value.at("score"), "a score"), number_from(value.at("low"), "a score"),
                  number_from(value.at("high"), "a score"), text_from(value.at("method"))};
}

json settings_json(const SettingValues& settings) {
  json object = json::object();
  for (const auto& [name, value] : settings) {
    if (const auto* real = std::get_if<double>(&value)) {
      object[name] = number_json(*real);
    } else {
      std::visit([&, &key = name](const auto& held) { object[key] = held; }, value);
    }
  }
  return object;
}

SettingValues settings_from(const json& object) {
  if (!object.is_object()) ArchiveReader::damaged("a member's settings");
  SettingValues settings;
  for (const auto& [name, value] : object.items()) {
    if (value.is_boolean()) {
      settings[name] = value.get<bool>();
    } else if (value.is_number_integer()) {
      settings[name] = value.get<std::int64_t>();
    } else if (value.is_number() || value.is_null()) {
      settings[name] = number_from(value, "a setting");
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
          {"weight", task.weight},
          {"group", task.group}};
}

TaskKind kind_from(const std::string& name) {
  for (const TaskKind kind : {TaskKind::binary, TaskKind::multiclass, TaskKind::regression}) {
    if (task_kind_name(kind) == name) return kind;
  }
  ArchiveReader::damaged("the kind of task");
}

Task task_from(const json& object) {
  Task task{.kind = kind_from(text_from(object.at("kind"))),
            .target = text_from(object.at("target")),
            .classes = object.at("classes").get<std::vector<std::string>>(),
            .metric = text_from(object.at("metric")),
            .weight = text_from(object.at("weight")),
            .group = object.value("group", std::string())};  // files of before rankings have none
  const std::size_t classes = task.classes.size();
  const bool fits = task.kind == TaskKind::regression ? classes == 0
                    : task.kind == TaskKind::binary
                        ? classes == 2
                        : classes >= 2 && classes <= kMaxClasses;  // --task multiclass of two
  const Metric* metric = find_metric(task.metric);
  if (!fits || metric == nullptr || !task.suits(*metric)) ArchiveReader::damaged("the task");
  if (std::set<std::string>(task.classes.begin(), task.classes.end()).size() != classes)
    ArchiveReader::damaged("two classes of one name");
  return task;
}

json range_json(const std::optional<PredictionRange>& range) {
  if (!range) return nullptr;
  return {{"low", range->low}, {"high", range->high}, {"coverage", range->coverage}};
}

std::optional<PredictionRange> range_from(const json& value, const Task& task) {
  if (value.is_null()) return std::nullopt;
  const PredictionRange range{finite_from(value.at("low"), "the range"),
                              finite_from(value.at("high"), "the range"),
                              finite_from(value.at("coverage"), "the range")};
  const bool is_share = range.coverage > 0 && range.coverage < 1;
  if (task.kind != TaskKind::regression || task.is_ranking() || range.low > range.high || !is_share)
    ArchiveReader::damaged("the range");
  return range;
}

json calibration_json(const Calibration& calibration) {
  if (calibration.kind == CalibrationKind::none) return nullptr;
  json object = {{"kind", calibration_kind_name(calibration.kind)}};
  if (calibration.kind == CalibrationKind::temperature) object["power"] = calibration.power;
  for (const RisingCurve& curve : calibration.curves)
    object["curves"].push_back({{"x", curve.x}, {"y", curve.y}});
  return object;
}

std::vector<double> rising_from(const json& values, bool strictly) {
  std::vector<double> numbers;
  for (const json& value : values) {
    numbers.push_back(finite_from(value, "the calibration"));
    const bool rises = numbers.size() < 2 || numbers[numbers.size() - 2] < numbers.back() ||
                       (!strictly && numbers[numbers.size() - 2] == numbers.back());
    if (!rises || numbers.back() < 0 || numbers.back() > 1) ArchiveReader::damaged("the calibration");
  }
  return numbers;
}

Calibration calibration_from(const json& value, const Task& task) {
  Calibration calibration;
  if (value.is_null()) return calibration;
  const std::string kind = text_from(value.at("kind"));
  if (task.kind == TaskKind::regression) ArchiveReader::damaged("the calibration");
  if (kind == calibration_kind_name(CalibrationKind::temperature)) {
    calibration.kind = CalibrationKind::temperature;
    calibration.power = finite_from(value.at("power"), "the calibration");
    if (!(calibration.power > 0 && calibration.power <= kMostPower))
      ArchiveReader::damaged("the calibration");
    return calibration;
  }
  if (kind != calibration_kind_name(CalibrationKind::isotonic)) ArchiveReader::damaged("the calibration");
  calibration.kind = CalibrationKind::isotonic;
  for (const json& curve : value.at("curves")) {
    calibration.curves.push_back({rising_from(curve.at("x"), true), rising_from(curve.at("y"), false)});
    const RisingCurve& read = calibration.curves.back();
    // A curve of zeros would divide by zero.
    if (read.x.empty() || read.x.size() != read.y.size() || !(read.y.front() > 0))
      ArchiveReader::damaged("the calibration");
  }
  if (calibration.curves.size() != task.outputs()) ArchiveReader::damaged("the calibration");
  return calibration;
}

json second_level_json(const std::optional<SecondLevel>& level) {
  if (!level) return nullptr;
  return {{"weights", level->weights}, {"bias", level->bias}};
}

std::optional<SecondLevel> second_level_from(const json& value, TaskKind kind) {
  if (value.is_null()) return std::nullopt;
  SecondLevel level{
      .kind = kind, .weights = {}, .bias = finite_from(value.at("bias"), "the second level's bias")};
  for (const json& weight : value.at("weights")) {
    level.weights.push_back(finite_from(weight, "a weight of the second level"));
    if (!(level.weights.back() > 0 && level.weights.back() <= kMostWeight))
      ArchiveReader::damaged("a weight of the second level");
  }
  if (level.weights.empty() || level.weights.size() > kMostSystems ||
      (kind == TaskKind::multiclass && level.bias != 0))
    ArchiveReader::damaged("the second level");
  return level;
}

json date_orders_json(const std::map<std::string, DateOrder>& orders) {
  json object = json::object();
  for (const auto& [column, order] : orders)
    object[column] = order == DateOrder::day_first ? "day_first" : "month_first";
  return object;
}

std::map<std::string, DateOrder> date_orders_from(const json& object) {
  if (!object.is_object()) ArchiveReader::damaged("the order of dates");
  std::map<std::string, DateOrder> orders;
  for (const auto& [column, value] : object.items()) {
    const std::string order = text_from(value);
    if (order != "day_first" && order != "month_first") ArchiveReader::damaged("the order of dates");
    orders[column] = order == "day_first" ? DateOrder::day_first : DateOrder::month_first;
  }
  return orders;
}

json privacy_json(const std::optional<PrivacyLedger>& ledger) {
  if (!ledger) return nullptr;
  return {{"delta", ledger->delta},
          {"training", mechanisms_json(ledger->training)},
          {"score", mechanisms_json(ledger->score)}};
}

std::vector<PaidMechanism> entries_from(const json& array) {
  if (!array.is_array() || array.size() > kMaxEntries) ArchiveReader::damaged("the privacy ledger");
  std::vector<PaidMechanism> entries;
  for (const json& entry : array) {
    const PrivateSteps steps{
        .noise_multiplier = finite_from(entry.at("noise_multiplier"), "a privacy ledger"),
        .sampling_rate = finite_from(entry.at("sampling_rate"), "a privacy ledger"),
        .steps = count_from(entry.at("steps"), "a privacy ledger")};
    if (!(steps.noise_multiplier > 0 && steps.sampling_rate > 0 && steps.sampling_rate <= 1))
      ArchiveReader::damaged("the privacy ledger");
    entries.push_back({text_from(entry.at("what")), steps});
  }
  return entries;
}

PrivacyLedger privacy_from(const json& object) {
  PrivacyLedger ledger{.delta = finite_from(object.at("delta"), "a privacy ledger"),
                       .training = entries_from(object.at("training")),
                       .score = entries_from(object.at("score"))};
  if (!(ledger.delta > 0 && ledger.delta < 1)) ArchiveReader::damaged("the privacy ledger");
  return ledger;
}

json card_json(const ModelCard& card) {
  json object = {
      {"version", card.version},
      {"task", task_json(card.task)},
      {"system", card.system},
      {"data", {{"name", card.data_name}, {"hash", hash_to_hex(card.data_hash)}, {"rows", card.rows}}},
      {"seed", card.seed},
      {"fitted_on", card.fitted_on},
      {"validation", estimate_json(card.validation)},
      {"sealed", estimate_json(card.sealed)},
      {"sealed_label", card.sealed_label},
      {"range", range_json(card.range)},
      {"calibration", calibration_json(card.calibration)},
      {"second_level", second_level_json(card.second_level)},
      {"date_orders", date_orders_json(card.date_orders)}};
  if (card.privacy) object["privacy"] = privacy_json(card.privacy);
  return object;
}

ModelCard card_from(const json& object) {
  const json& data = object.at("data");
  ModelCard card{.version = text_from(object.at("version")),
                 .task = task_from(object.at("task")),
                 .system = text_from(object.at("system")),
                 .data_name = text_from(data.at("name")),
                 .data_hash = hash_from(data.at("hash")),
                 .rows = count_from(data.at("rows"), "the number of rows"),
                 .seed = count_from(object.at("seed"), "the seed"),
                 .fitted_on = text_from(object.at("fitted_on")),
                 .validation = estimate_from(object.at("validation")),
                 .sealed = estimate_from(object.at("sealed")),
                 .sealed_label = text_from(object.at("sealed_label")),
                 .range = {},
                 .calibration = {},
                 .date_orders = date_orders_from(object.at("date_orders"))};
  card.range = range_from(object.at("range"), card.task);
  // Files of version 1 have none.
  if (object.contains("calibration"))
    card.calibration = calibration_from(object.at("calibration"), card.task);
  // And those of version 2 no second level.
  if (object.contains("second_level"))
    card.second_level = second_level_from(object.at("second_level"), card.task.kind);
  if (object.contains("privacy")) card.privacy = privacy_from(object.at("privacy"));
  return card;
}

json members_json(const std::vector<MemberCard>& members) {
  json array = json::array();
  for (const MemberCard& member : members) {
    array.push_back({{"learner", member.learner},
                     {"settings", settings_json(member.settings)},
                     {"weight", member.weight},
                     {"system", member.system}});
  }
  return array;
}

std::vector<MemberCard> members_from(const json& array) {
  if (!array.is_array() || array.size() > kMaxMembers) ArchiveReader::damaged("the members");
  std::vector<MemberCard> members;
  for (const json& member : array) {
    members.push_back({text_from(member.at("learner")), settings_from(member.at("settings")),
                       finite_from(member.at("weight"), "a member's weight")});
    if (member.contains("system"))
      members.back().system = count_from(member.at("system"), "a member's system");
    const double weight = members.back().weight;
    if (!(weight > 0 && weight <= kMostWeight)) ArchiveReader::damaged("a member's weight");
  }
  return members;
}

// What the members of each system weigh together must be what the second level says; without one they sum
// to 1.
void require_weights(const std::vector<MemberCard>& members, const std::optional<SecondLevel>& level) {
  std::vector<double> sums(level ? level->weights.size() : 1, 0.0);
  for (const MemberCard& member : members) {
    if (member.system >= sums.size()) ArchiveReader::damaged("a member's system");
    sums[member.system] += member.weight;
  }
  for (std::size_t system = 0; system < sums.size(); ++system) {
    const double expected = level ? level->weights[system] : 1;
    if (!(std::abs(sums[system] - expected) <= 1e-9 * expected))
      ArchiveReader::damaged("the members' weights");
  }
}

CardSection section_from(const json& object) {
  CardSection section{.card = card_from(object.at("card")), .members = members_from(object.at("members"))};
  if (section.members.empty()) ArchiveReader::damaged("the members");
  require_weights(section.members, section.card.second_level);
  if (object.contains("spreads")) section.spreads = members_from(object.at("spreads"));
  if (section.spreads.empty()) return section;
  require_weights(section.spreads, std::nullopt);
  if (!section.card.range) ArchiveReader::damaged("spreads without a range");
  return section;
}

}  // namespace

std::string write_card(const CardSection& section) {
  const json object = {{"card", card_json(section.card)},
                       {"members", members_json(section.members)},
                       {"spreads", members_json(section.spreads)}};
  // Names from the data may hold anything; a file that we write must be readable by us.
  return object.dump(1, ' ', false, json::error_handler_t::replace);
}

CardSection read_card(std::string_view text) {
  // The library ends a text at its first NUL.
  if (text.find('\0') != std::string_view::npos) ArchiveReader::damaged("the card: a NUL byte");
  try {
    return section_from(json::parse(text));
  } catch (const json::exception& broken) {
    ArchiveReader::damaged(std::string("the card: ") + broken.what());
  }
}

}  // namespace astrolabe
