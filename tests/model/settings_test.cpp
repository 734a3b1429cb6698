// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/model/settings.h"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "astrolabe/base/error.h"

namespace astrolabe {
namespace {

struct StarSettings {
  bool bright = true;
  std::int64_t rounds = 100;
  double rate = 0.5;
  double offset = 0;
  std::string color = "red";
};

std::vector<Field<StarSettings>> star_fields() {
  return {
      {{.name = "bright", .doc = "Bright."}, &StarSettings::bright},
      {{.name = "rounds", .doc = "Rounds.", .unit = "rounds", .low = 1, .high = 1000}, &StarSettings::rounds},
      {{.name = "rate", .doc = "Rate.", .low = 0}, &StarSettings::rate},
      {{.name = "offset", .doc = "Offset."}, &StarSettings::offset},
      {{.name = "color", .doc = "Color.", .choices = {"red", "white", "blue"}}, &StarSettings::color}};
}

StarSettings read(const SettingValues& values) {
  const auto fields = star_fields();
  return read_settings<StarSettings>("star", fields, values);
}

std::string usage_error_of(const SettingValues& values) {
  try {
    (void)read(values);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::usage);
    return error.what();
  }
  return "nothing was thrown";
}

SettingValue parse(std::string_view name, std::string_view text) {
  const auto fields = star_fields();
  const auto described = describe<StarSettings>(fields);
  return parse_setting("star", require_field("star", described, name), text);
}

TEST(Settings, absent_values_are_defaults) {
  const StarSettings settings = read({});
  EXPECT_TRUE(settings.bright);
  EXPECT_EQ(settings.rounds, 100);
  EXPECT_EQ(settings.rate, 0.5);
  EXPECT_EQ(settings.color, "red");
}

TEST(Settings, given_values_replace_defaults) {
  const StarSettings settings =
      read({{"bright", false}, {"rounds", std::int64_t{7}}, {"rate", 0.25}, {"color", std::string("blue")}});
  EXPECT_FALSE(settings.bright);
  EXPECT_EQ(settings.rounds, 7);
  EXPECT_EQ(settings.rate, 0.25);
  EXPECT_EQ(settings.color, "blue");
}

TEST(Settings, a_real_setting_takes_a_whole_number) {
  EXPECT_EQ(read({{"rate", std::int64_t{3}}}).rate, 3.0);
}

TEST(Settings, the_ends_of_a_range_belong_to_it) {
  EXPECT_EQ(read({{"rounds", std::int64_t{1}}}).rounds, 1);
  EXPECT_EQ(read({{"rounds", std::int64_t{1000}}}).rounds, 1000);
}

TEST(Settings, an_unknown_name_offers_the_nearest) {
  EXPECT_EQ(usage_error_of({{"ruonds", std::int64_t{7}}}),
            "setting star.ruonds: there is no such setting. Did you mean rounds? The settings of star are "
            "bright, rounds, rate, offset, color.");
}

TEST(Settings, a_name_like_no_other_offers_the_list) {
  EXPECT_EQ(usage_error_of({{"zzzzzzzz", std::int64_t{7}}}),
            "setting star.zzzzzzzz: there is no such setting. The settings of star are bright, rounds, rate, "
            "offset, color.");
}

TEST(Settings, a_part_without_settings_says_so) {
  try {
    (void)require_field("dust", {}, "size");
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "setting dust.size: there is no such setting. dust has no settings.");
  }
}

TEST(Settings, a_value_outside_its_range_names_the_range) {
  EXPECT_EQ(usage_error_of({{"rounds", std::int64_t{0}}}),
            "setting star.rounds: expected a whole number from 1 to 1000 (rounds), found \"0\". The default "
            "is 100.");
  EXPECT_EQ(usage_error_of({{"rate", -1.0}}),
            "setting star.rate: expected a number of at least 0, found \"-1\". The default is 0.5.");
}

TEST(Settings, a_value_of_the_wrong_type_names_the_type) {
  EXPECT_EQ(usage_error_of({{"bright", std::int64_t{1}}}),
            "setting star.bright: expected true or false, found \"1\". The default is true.");
  EXPECT_EQ(usage_error_of({{"rounds", 2.5}}),
            "setting star.rounds: expected a whole number from 1 to 1000 (rounds), found \"2.5\". The "
            "default is 100.");
  EXPECT_EQ(usage_error_of({{"offset", std::string("x")}}),
            "setting star.offset: expected a number, found \"x\". The default is 0.");
}

TEST(Settings, a_choice_that_does_not_exist_names_those_that_do) {
  EXPECT_EQ(usage_error_of({{"color", std::string("green")}}),
            "setting star.color: expected red, white or blue, found \"green\". The default is red.");
}

TEST(Settings, nan_is_no_number) {
  EXPECT_NE(usage_error_of({{"offset", std::nan("")}}).find("expected a number"), std::string::npos);
}

TEST(Settings, texts_parse_as_their_field_wants) {
  EXPECT_EQ(parse("bright", "false"), SettingValue(false));
  EXPECT_EQ(parse("rounds", " 12 "), SettingValue(std::int64_t{12}));
  EXPECT_EQ(parse("rounds", "+12"), SettingValue(std::int64_t{12}));
  EXPECT_EQ(parse("rate", "1e-3"), SettingValue(1e-3));
  EXPECT_EQ(parse("rate", "2"), SettingValue(2.0));
  EXPECT_EQ(parse("color", "white"), SettingValue(std::string("white")));
}

TEST(Settings, texts_that_do_not_parse_are_usage_errors) {
  for (const auto& [name, text] :
       std::vector<std::pair<std::string, std::string>>{{"bright", "yes"},
                                                        {"rounds", "1.5"},
                                                        {"rounds", ""},
                                                        {"rounds", "99999999999999999999"},
                                                        {"rate", "fast"},
                                                        {"rate", "nan"},
                                                        {"color", "pink"}})
    EXPECT_THROW((void)parse(name, text), Error) << name << " " << text;
}

TEST(Settings, a_formatted_value_parses_back) {
  EXPECT_EQ(parse("rate", format_setting(0.1 + 0.2)), SettingValue(0.1 + 0.2));
  EXPECT_EQ(parse("rounds", format_setting(std::int64_t{33})), SettingValue(std::int64_t{33}));
  EXPECT_EQ(parse("bright", format_setting(false)), SettingValue(false));
}

}  // namespace
}  // namespace astrolabe
