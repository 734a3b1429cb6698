// SPDX-License-Identifier: Apache-2.0
// Cards with fields that are absent, of another type or out of range: each is bad input, none is believed.
#include <string>
#include <vector>

#include "tests/pipeline/sample_card.h"
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "astrolabe/base/error.h"

namespace astrolabe::testing {
namespace {

using nlohmann::json;
using Path = json::json_pointer;

json sample() {
  CardSection section = sample_card();
  section.card.task = {
      .kind = TaskKind::regression, .target = "y", .classes = {}, .metric = "rmse", .weight = "w"};
  section.card.range = PredictionRange{.low = -1, .high = 1, .coverage = 0.9};
  section.card.calibration = {};
  section.card.sealed = Estimate{0.5, 0.25, 0.75, "bootstrap"};
  return json::parse(write_card(section));
}

bool is_refused(const std::string& text) {
  try {
    static_cast<void>(read_card(text));
    return false;
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::bad_input) << error.what();
    EXPECT_NE(std::string(error.what()).find("damaged"), std::string::npos) << error.what();
    return true;
  }
}

bool is_refused_with(const std::string& path, const json& value) {
  json card = sample();
  card.at(Path(path)) = value;
  return is_refused(card.dump());
}

void collect(const json& value, const std::string& path, std::vector<std::string>& paths) {
  if (!path.empty()) paths.push_back(path);
  if (value.is_object()) {
    for (const auto& [name, child] : value.items()) collect(child, path + "/" + name, paths);
  } else if (value.is_array()) {
    for (std::size_t i = 0; i < value.size(); ++i) collect(value[i], path + "/" + std::to_string(i), paths);
  }
}

std::vector<std::string> all_paths() {
  std::vector<std::string> paths;
  collect(sample(), "", paths);
  return paths;
}

// Any setting and any column may be absent, and a setting has no type of its own.
bool is_optional(const std::string& path) {
  return path.find("/settings/") != std::string::npos || path.find("/date_orders/") != std::string::npos ||
         path == "/card/calibration" ||  // files of version 1 have none
         path == "/card/second_level" || path == "/spreads" || path.ends_with("/system") ||  // nor of 2 these
         path == "/card/task/group" || path == "/members/0" || path == "/members/1";
}

bool may_be_null(const std::string& path) {
  return path == "/card/validation" || path == "/card/sealed" || path == "/card/range" ||
         path == "/card/calibration" || path == "/card/second_level" || path.ends_with("/score") ||
         (path.starts_with("/card/validation/") && !path.ends_with("/method")) ||
         (path.starts_with("/card/sealed/") && !path.ends_with("/method"));
}

TEST(DamagedCard, without_any_one_field_is_refused) {
  ASSERT_FALSE(is_refused(sample().dump()));
  for (const std::string& path : all_paths()) {
    if (is_optional(path)) continue;
    json card = sample();
    const Path pointer(path);
    card.at(pointer.parent_pointer()).erase(pointer.back());
    EXPECT_TRUE(is_refused(card.dump())) << path;
  }
}

TEST(DamagedCard, with_a_field_of_another_type_is_refused) {
  const std::vector<json> others = {nullptr, true, "text", 0.5, -1, json::array(), json::object(), {1, 2}};
  for (const std::string& path : all_paths()) {
    if (path.find("/settings/") != std::string::npos) continue;
    const json original = sample().at(Path(path));
    for (const json& other : others) {
      if (other.is_null() && may_be_null(path)) continue;
      if (other.is_number() && original.is_number_float()) continue;
      if (other == original || (other.is_number() && path.starts_with("/card/range"))) continue;
      if (other.is_string() && original.is_string()) continue;
      // What is empty and iterable is a valid empty list of settings or orders.
      if (other.is_object() && original.is_object() &&
          (path.ends_with("/settings") || path.ends_with("/date_orders")))
        continue;
      if (other.is_number() && !original.is_structured() && may_be_null(path)) continue;
      EXPECT_TRUE(is_refused_with(path, other)) << path << " = " << other.dump();
    }
  }
}

TEST(DamagedCard, with_whole_numbers_that_are_negative_broken_or_too_large_is_refused) {
  for (const char* path : {"/card/seed", "/card/data/rows"}) {
    for (const json& value : {json(-1), json(0.5), json(1e300), json(-1e300)})
      EXPECT_TRUE(is_refused_with(path, value)) << path << " = " << value.dump();
  }
}

TEST(DamagedCard, with_a_hash_that_is_not_sixteen_digits_is_refused) {
  for (const char* hash :
       {"", "12", "-1", "xyz", "0123456789abcdeF", "0123456789abcdef0", " 123456789abcdef"})
    EXPECT_TRUE(is_refused_with("/card/data/hash", hash)) << hash;
}

TEST(DamagedCard, with_a_calibration_that_does_not_rise_within_0_and_1_is_refused) {
  const json calibrated = json::parse(write_card(sample_card()));
  ASSERT_FALSE(is_refused(calibrated.dump()));
  const json curve = {{"x", {0.1, 0.2}}, {"y", {0.3, 0.7}}};
  const auto refuses = [&](const json& calibration) {
    json card = calibrated;
    card["card"]["calibration"] = calibration;
    return is_refused(card.dump());
  };
  EXPECT_FALSE(refuses({{"kind", "isotonic"}, {"curves", {curve}}}));
  EXPECT_TRUE(refuses({{"kind", "isotonic"}, {"curves", {curve, curve}}})) << "two curves of one output";
  EXPECT_TRUE(refuses({{"kind", "isotonic"}, {"curves", json::array()}}));
  EXPECT_TRUE(refuses({{"kind", "no such kind"}, {"curves", {curve}}}));
  EXPECT_TRUE(refuses("temperature"));
  for (const json& power : {json(0.0), json(-1.0), json(nullptr), json("1"), json(1e300)})
    EXPECT_TRUE(refuses({{"kind", "temperature"}, {"power", power}})) << power.dump();
  for (const json& x : {json({0.2, 0.1}), json({0.1, 0.1}), json({0.1}), json::array(), json({0.1, nullptr})})
    EXPECT_TRUE(refuses({{"kind", "isotonic"}, {"curves", {{{"x", x}, {"y", {0.3, 0.7}}}}}})) << x.dump();
  for (const json& y : {json({0.7, 0.3}), json({0.0, 0.5}), json({0.5, 1.5}), json({-0.1, 0.5})})
    EXPECT_TRUE(refuses({{"kind", "isotonic"}, {"curves", {{{"x", {0.1, 0.2}}, {"y", y}}}}})) << y.dump();
}

TEST(DamagedCard, with_texts_that_name_nothing_is_refused) {
  for (const char* path : {"/card/task/kind", "/card/task/metric", "/card/date_orders/born"})
    EXPECT_TRUE(is_refused_with(path, "no such thing")) << path;
  EXPECT_TRUE(is_refused_with("/card/task/metric", "auc")) << "auc of a regression";
}

TEST(DamagedCard, with_classes_that_do_not_fit_the_task_is_refused) {
  EXPECT_TRUE(is_refused_with("/card/task/classes", {"a", "b"}));
  json card = sample();
  card["card"]["range"] = nullptr;
  card["card"]["task"]["kind"] = "binary";
  card["card"]["task"]["metric"] = "auc";
  for (const json& classes :
       {json::array(), json({"a"}), json({"a", "b", "c"}), json({"a", "a"}), json({1, 2})}) {
    card["card"]["task"]["classes"] = classes;
    EXPECT_TRUE(is_refused(card.dump())) << classes.dump();
  }
  card["card"]["task"]["classes"] = {"a", "b"};
  EXPECT_FALSE(is_refused(card.dump()));
}

TEST(DamagedCard, with_a_range_that_is_none_is_refused) {
  for (const json& range :
       {json{{"low", 1}, {"high", -1}, {"coverage", 0.9}},
        json{{"low", nullptr}, {"high", 1}, {"coverage", 0.9}},
        json{{"low", -1}, {"high", 1}, {"coverage", 0}}, json{{"low", -1}, {"high", 1}, {"coverage", 1.5}}})
    EXPECT_TRUE(is_refused_with("/card/range", range)) << range.dump();
  json card = json::parse(write_card(sample_card()));
  card["card"]["range"] = {{"low", -1}, {"high", 1}, {"coverage", 0.9}};
  EXPECT_TRUE(is_refused(card.dump())) << "a range of a classification";
}

TEST(DamagedCard, with_weights_out_of_range_is_refused) {
  for (const json& weight : {json(0), json(-0.5), json(1.5), json(1e308), json(nullptr)})
    EXPECT_TRUE(is_refused_with("/members/0/weight", weight)) << weight.dump();
}

TEST(DamagedCard, with_a_second_level_that_its_members_do_not_make_up_is_refused) {
  json stacked = sample();
  stacked["card"]["second_level"] = {{"weights", {1.0 / 3, 2.0 / 3}}, {"bias", 0.25}};
  EXPECT_TRUE(is_refused(stacked.dump())) << "both members of one system";
  stacked["members"][1]["system"] = 1;
  ASSERT_FALSE(is_refused(stacked.dump()));
  for (const json& weights : {json::array(), json({1.0}), json({0.5, 0.5}), json({-1.0 / 3, 2.0 / 3}),
                              json({1.0 / 3, 2.0 / 3, 0.1}), json({1.0 / 3, nullptr})}) {
    json card = stacked;
    card["card"]["second_level"]["weights"] = weights;
    EXPECT_TRUE(is_refused(card.dump())) << weights.dump();
  }
  for (const json& system : {json(2), json(-1), json("1"), json(nullptr)}) {
    json card = stacked;
    card["members"][1]["system"] = system;
    EXPECT_TRUE(is_refused(card.dump())) << system.dump();
  }
  stacked["card"]["second_level"]["bias"] = nullptr;
  EXPECT_TRUE(is_refused(stacked.dump()));
}

TEST(DamagedCard, with_spreads_that_belong_to_no_range_is_refused) {
  json card = sample();
  card["spreads"] = {{{"learner", "trees"}, {"settings", json::object()}, {"weight", 1.0}}};
  EXPECT_FALSE(is_refused(card.dump()));
  card["spreads"][0]["weight"] = 0.5;
  EXPECT_TRUE(is_refused(card.dump())) << "weights that do not sum to 1";
  card["spreads"][0]["weight"] = 1.0;
  card["card"]["range"] = nullptr;
  EXPECT_TRUE(is_refused(card.dump()));
}

TEST(DamagedCard, with_no_members_or_too_many_is_refused) {
  json card = sample();
  const json member = card["members"][0];
  card["members"] = json::array();
  EXPECT_TRUE(is_refused(card.dump()));
  for (int i = 0; i < 1001; ++i) card["members"].push_back(member);
  EXPECT_TRUE(is_refused(card.dump()));
}

TEST(DamagedCard, that_is_not_json_is_refused) {
  const std::string whole = sample().dump(1);
  for (const std::string& text :
       {std::string(), std::string("null"), std::string("[]"), std::string("{}"), std::string("NaN"),
        whole + "x", std::string(100'000, '['), std::string(100'000, '{'), std::string("\xff\xfe")})
    EXPECT_TRUE(is_refused(text)) << text.substr(0, 20);
  for (std::size_t size = 0; size + 1 < whole.size(); ++size)
    EXPECT_TRUE(is_refused(whole.substr(0, size))) << size;
}

TEST(DamagedCard, with_not_a_number_or_a_number_without_end_is_refused) {
  for (const char* number : {"NaN", "Infinity", "-Infinity", "1e999", "0x10", "1.", ".5", "--1"}) {
    std::string text = sample().dump();
    const std::string field = "\"coverage\":0.9";
    text.replace(text.find(field), field.size(), std::string("\"coverage\":") + number);
    EXPECT_TRUE(is_refused(text)) << number;
  }
}

TEST(DamagedCard, with_a_privacy_ledger_that_no_training_can_have_is_refused) {
  CardSection section = sample_card();
  section.card.privacy = PrivacyLedger{.delta = 1e-5, .training = {{"training steps", {1.4, 0.03, 100}}}};
  const json sound = json::parse(write_card(section));
  EXPECT_FALSE(is_refused(sound.dump()));
  const std::vector<std::pair<std::string, json>> damages = {
      {"/card/privacy/delta", 0},
      {"/card/privacy/delta", nullptr},
      {"/card/privacy/training", "none"},
      {"/card/privacy/training/0/noise_multiplier", 0},
      {"/card/privacy/training/0/noise_multiplier", nullptr},
      {"/card/privacy/training/0/sampling_rate", 1.5},
      {"/card/privacy/training/0/steps", -1},
      {"/card/privacy/training/0/what", 3}};
  for (const auto& [path, value] : damages) {
    json card = sound;
    card.at(Path(path)) = value;
    EXPECT_TRUE(is_refused(card.dump())) << path << " " << value;
  }
}

}  // namespace
}  // namespace astrolabe::testing
