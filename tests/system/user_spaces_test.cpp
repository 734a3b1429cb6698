// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/system/user_spaces.h"

#include "tests/system/draft_space.h"
#include <gtest/gtest.h>

namespace astrolabe {
namespace {

using testing::message_of;

constexpr std::string_view kFile = R"toml(
[task]
target = "y"

[grammar.waves]
slot = "activation"
start = "<u>+<u>"
depth = 3
rules.u = ["x", "sin(<u>)", "<u>*<u>"]

[slot.lr]
range = "1e-4..1e-1"
[slot.act]
values = ["relu", "gelu"]
[slot.layers]
values = [1, 2, 4]
)toml";

std::string grammar_complaint(const std::string& text) {
  return message_of([&] { static_cast<void>(read_user_grammars(text, "system.toml")); });
}
std::string slot_complaint(const std::string& text) {
  return message_of([&] { static_cast<void>(read_user_slots(text, "system.toml")); });
}

TEST(UserSpaces, read_grammars_among_other_tables) {
  const std::vector<Grammar> grammars = read_user_grammars(kFile, "system.toml");
  ASSERT_EQ(grammars.size(), 1);
  EXPECT_EQ(grammars[0].name, "waves");
  EXPECT_EQ(grammars[0].slot, Vocabulary::activation);
  EXPECT_EQ(grammars[0].depth, 3);
  EXPECT_EQ(grammars[0].rules.at("u").size(), 3);
  EXPECT_TRUE(read_user_grammars("", "system.toml").empty());
}

TEST(UserSpaces, read_slots_in_the_order_of_their_names) {
  const std::vector<UserSlot> slots = read_user_slots(kFile, "system.toml");
  ASSERT_EQ(slots.size(), 3);
  EXPECT_EQ(slots[0].name, "act");
  EXPECT_EQ(std::get<Choices>(slots[0].domain).options, (std::vector<std::string>{"relu", "gelu"}));
  EXPECT_EQ(std::get<Choices>(slots[1].domain).options, (std::vector<std::string>{"1", "2", "4"}));
  EXPECT_TRUE(std::get<RealRange>(slots[2].domain).log_scale);
}

TEST(UserSpaces, complain_with_the_line) {
  EXPECT_TRUE(
      grammar_complaint("a = \n").starts_with("reading line 1 of system.toml: expected TOML, found "));
  EXPECT_EQ(
      grammar_complaint("[grammar.w]\nslot = \"activations\"\n"),
      "reading line 2 of system.toml: expected a slot of formulas, found \"activations\". Grammars are for "
      "activation, loss, optimizer or schedule.");
  EXPECT_EQ(
      grammar_complaint("[grammar.w]\nslot = \"loss\"\n"),
      "reading line 1 of system.toml: expected start = \"...\", found nothing. Write start = \"<u>\", say.");
  EXPECT_EQ(
      grammar_complaint("[grammar.w]\nslot = \"loss\"\nstrat = \"y\"\n"),
      "reading line 3 of system.toml: expected one of slot, start, depth, rules, found \"strat\". Did you "
      "mean start?");
  EXPECT_EQ(
      grammar_complaint("[grammar.w]\nslot = \"loss\"\nstart = \"y\"\n"),
      "reading line 1 of system.toml: expected [grammar.w.rules], found nothing. Write rules.u = [\"x\", "
      "\"sin(<u>)\"], say.");
  EXPECT_EQ(grammar_complaint("[grammar.w]\nslot = \"loss\"\nstart = 3\n"),
            "reading line 3 of system.toml: expected start as a text, found something else. Write start = "
            "\"<u>\", say.");
  EXPECT_EQ(grammar_complaint("[grammar.w]\nslot = \"loss\"\nstart = \"y\"\ndepth = \"deep\"\n"),
            "reading line 4 of system.toml: expected depth as a whole number of at least 1, found something "
            "else. Leave it out for 4.");
  EXPECT_EQ(grammar_complaint("grammar = 3\n"),
            "reading line 1 of system.toml: expected tables [grammar.NAME], found something else. Write "
            "[grammar.NAME] above what it says.");
}

TEST(UserSpaces, complain_of_slots_with_nothing_or_too_much) {
  EXPECT_EQ(slot_complaint("[slot.lr]\n"),
            "reading line 1 of system.toml: expected values = [...] or range = \"low..high\", found neither. "
            "Write one of them.");
  EXPECT_EQ(
      slot_complaint("[slot.lr]\nvalues = [\"a\"]\nrange = \"1..2\"\n"),
      "reading line 1 of system.toml: expected values = [...] or range = \"low..high\", found both. Write "
      "one of them.");
  EXPECT_EQ(slot_complaint("[slot.lr]\nrange = \"8..1\"\n"),
            "reading the star of lr: expected a range from low to high, found '8..1'. Exchange its ends."
            "\n  8..1\n  ^");
  EXPECT_EQ(slot_complaint("[slot.lr]\nvalues = 3\n"),
            "reading line 2 of system.toml: expected values as a list, found something else. Write [\"a\", "
            "\"b\"].");
  EXPECT_EQ(slot_complaint("[slot.lr]\nvalues = [true]\n"),
            "reading line 2 of system.toml: expected texts in values, found something else. Write [\"a\", "
            "\"b\"].");
}

}  // namespace
}  // namespace astrolabe
