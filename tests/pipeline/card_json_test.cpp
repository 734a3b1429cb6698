// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/pipeline/card_json.h"

#include <cmath>
#include <limits>

#include "tests/pipeline/sample_card.h"
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace astrolabe::testing {
namespace {

TEST(CardJson, gives_back_what_was_written) {
  const CardSection written = sample_card();
  const CardSection read = read_card(write_card(written));
  EXPECT_EQ(read.card.version, written.card.version);
  EXPECT_EQ(read.card.task.classes, written.card.task.classes);
  EXPECT_EQ(read.card.task.weight, "w");
  EXPECT_EQ(read.card.data_hash, written.card.data_hash);
  EXPECT_EQ(read.card.seed, std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(read.card.date_orders, written.card.date_orders);
  ASSERT_TRUE(read.card.validation);
  EXPECT_EQ(read.card.validation->value, written.card.validation->value);
  EXPECT_TRUE(std::isnan(read.card.validation->low));
  EXPECT_FALSE(read.card.sealed);
  ASSERT_EQ(read.members.size(), 2U);
  EXPECT_EQ(read.members[0].settings, written.members[0].settings);
  EXPECT_EQ(read.members[0].weight, 1.0 / 3.0);
  EXPECT_EQ(write_card(read), write_card(written));
}

TEST(CardJson, keeps_a_calibration_to_the_bit) {
  CardSection section = sample_card();
  const CardSection read = read_card(write_card(section));
  const RisingCurve& curve = read.card.calibration.curves.at(0);
  EXPECT_EQ(curve.x, section.card.calibration.curves[0].x);
  EXPECT_EQ(curve.y, section.card.calibration.curves[0].y);
  section.card.calibration = {.kind = CalibrationKind::temperature, .power = 1.0 / 3, .curves = {}};
  EXPECT_EQ(read_card(write_card(section)).card.calibration.power, 1.0 / 3);
}

TEST(CardJson, of_an_older_file_has_no_calibration_second_level_or_spreads) {
  nlohmann::json card = nlohmann::json::parse(write_card(sample_card()));
  card["card"].erase("calibration");
  card["card"].erase("second_level");
  card.erase("spreads");
  for (auto& member : card["members"]) member.erase("system");
  const CardSection read = read_card(card.dump());
  EXPECT_EQ(read.card.calibration.kind, CalibrationKind::none);
  EXPECT_FALSE(read.card.second_level);
  EXPECT_TRUE(read.spreads.empty());
}

TEST(CardJson, keeps_a_second_level_and_spreads_to_the_bit) {
  CardSection section = sample_card();
  section.card.second_level =
      SecondLevel{.kind = TaskKind::binary, .weights = {1.0 / 3, 2.0 / 3}, .bias = -0.1};
  section.members[1].system = 1;
  const CardSection read = read_card(write_card(section));
  ASSERT_TRUE(read.card.second_level);
  EXPECT_EQ(read.card.second_level->weights, section.card.second_level->weights);
  EXPECT_EQ(read.card.second_level->bias, -0.1);
  EXPECT_EQ(read.members[1].system, 1U);
}

TEST(CardJson, keeps_the_type_of_a_setting) {
  const CardSection read = read_card(write_card(sample_card()));
  const SettingValues& settings = read.members[0].settings;
  EXPECT_TRUE(std::holds_alternative<double>(settings.at("whole_as_real")));
  EXPECT_TRUE(std::holds_alternative<std::int64_t>(settings.at("rounds")));
  EXPECT_TRUE(std::holds_alternative<bool>(settings.at("flag")));
  EXPECT_TRUE(std::holds_alternative<std::string>(settings.at("loss")));
}

TEST(CardJson, of_a_regression_keeps_its_range_to_the_bit) {
  CardSection section = sample_card();
  section.card.task = {.kind = TaskKind::regression, .target = "y", .classes = {}, .metric = "rmse"};
  section.card.calibration = {};
  section.card.range = PredictionRange{.low = -0.1, .high = 1.0 / 3.0, .coverage = 0.9};
  const CardSection read = read_card(write_card(section));
  ASSERT_TRUE(read.card.range);
  EXPECT_EQ(read.card.range->low, -0.1);
  EXPECT_EQ(read.card.range->high, 1.0 / 3.0);
}

TEST(CardJson, of_a_multiclass_task_may_have_two_classes) {
  CardSection section = sample_card();
  section.card.task.kind = TaskKind::multiclass;
  section.card.task.metric = "log_loss";
  section.card.calibration = {};
  EXPECT_EQ(read_card(write_card(section)).card.task.outputs(), 2U);
}

TEST(CardJson, with_a_setting_that_is_not_finite_can_be_read_again) {
  CardSection section = sample_card();
  section.members[0].settings["penalty"] = std::numeric_limits<double>::infinity();
  const CardSection read = read_card(write_card(section));
  EXPECT_TRUE(std::isnan(std::get<double>(read.members[0].settings.at("penalty"))));
}

TEST(CardJson, with_names_that_are_not_utf8_can_be_read_again) {
  CardSection section = sample_card();
  section.card.data_name = "caf\xe9.csv";
  EXPECT_EQ(read_card(write_card(section)).card.data_name, "caf\xef\xbf\xbd.csv");
}

TEST(CardJson, ignores_fields_that_it_does_not_know) {
  nlohmann::json card = nlohmann::json::parse(write_card(sample_card()));
  card["card"]["from_the_future"] = {1, 2, 3};
  EXPECT_EQ(read_card(card.dump()).card.system, sample_card().card.system);
}

TEST(Card, of_a_private_training_holds_its_ledger) {
  CardSection section = sample_card();
  EXPECT_EQ(write_card(section).find("privacy"), std::string::npos);
  section.card.privacy = PrivacyLedger{.delta = 1e-5,
                                       .training = {{"training steps", {1.4 / 3, 0.03, 100}}},
                                       .score = {{"the accuracy", {1.5, 1, 1}}}};
  const PrivacyLedger read = read_card(write_card(section)).card.privacy.value();
  EXPECT_EQ(read.delta, 1e-5);
  EXPECT_EQ(read.training.at(0).what, "training steps");
  EXPECT_EQ(read.training[0].steps.noise_multiplier, 1.4 / 3);
  EXPECT_EQ(read.training[0].steps.sampling_rate, 0.03);
  EXPECT_EQ(read.training[0].steps.steps, 100U);
  EXPECT_EQ(read.epsilon(), section.card.privacy->epsilon());
}

}  // namespace
}  // namespace astrolabe::testing
