// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/system/grammar.h"

#include <set>

#include "tests/system/draft_space.h"
#include <gtest/gtest.h>

namespace astrolabe {
namespace {

using testing::message_of;

Grammar waves(std::size_t depth) {
  return {.name = "waves",
          .slot = Vocabulary::activation,
          .start = "<u>+x",
          .rules = {{"u", {"x", "sin(<u>)", "<u>*<v>"}}, {"v", {"x", "2"}}},
          .depth = depth};
}

std::vector<std::string> texts_of(const Grammar& grammar) {
  SpaceDraft draft;
  const PointText text = write_grammar(SpaceWriter(draft).under("activation"), grammar);
  std::vector<std::string> all;
  if (draft.space.size() == 0) return {text({})};
  for (std::optional<Point> point = first_point(draft.space); point; point = next_point(draft.space, *point))
    all.push_back(text(*point));
  return all;
}

std::string complaint_of(const Grammar& grammar) {
  return message_of([&] { require_sound(grammar); });
}

TEST(Grammar, bounds_the_depth_of_its_members) {
  EXPECT_EQ(texts_of(waves(1)), (std::vector<std::string>{"x+x"}));
  EXPECT_EQ(texts_of(waves(2)), (std::vector<std::string>{"x+x", "sin(x)+x", "(x*x)+x", "(x*2)+x"}));
  const auto three = texts_of(waves(3));
  EXPECT_EQ(three.size(), 1 + 4 + 4 * 2);  // x; sin of what is 2 deep; such a thing times x or 2
  EXPECT_EQ(std::set<std::string>(three.begin(), three.end()).size(), three.size());
}

TEST(Grammar, takes_the_name_of_a_rule_as_its_start) {
  Grammar grammar = waves(2);
  grammar.start = "u";
  EXPECT_EQ(texts_of(grammar)[1], "sin(x)");
}

TEST(Grammar, leaves_comparisons_alone) {
  Grammar grammar = waves(1);
  grammar.start = "where(x < 0, <v>, x)";
  EXPECT_EQ(texts_of(grammar), (std::vector<std::string>{"where(x < 0, x, x)", "where(x < 0, 2, x)"}));
}

TEST(Grammar, without_an_end_is_refused) {
  Grammar grammar = waves(4);
  grammar.rules["u"] = {"sin(<u>)", "<u>*<v>"};
  EXPECT_EQ(
      complaint_of(grammar),
      "reading the grammar waves: expected an alternative of <u> that comes to an end, found none: there "
      "is no finite member. Add one without non-terminals, such as \"x\".");
}

TEST(Grammar, says_which_rule_it_lacks) {
  Grammar grammar = waves(4);
  grammar.rules["u"].emplace_back("cos(<uu>)");
  EXPECT_EQ(
      complaint_of(grammar),
      "reading the grammar waves: expected a rule for <uu>, which stands in \"cos(<uu>)\", found none. Did "
      "you mean <u>?");
  grammar = waves(4);
  grammar.start = "<whole>";
  EXPECT_EQ(
      complaint_of(grammar),
      "reading the grammar waves: expected a rule for <whole>, which stands in the start, found none. The "
      "rules are u, v.");
}

TEST(Grammar, that_is_too_deep_or_too_shallow_is_refused) {
  Grammar grammar = waves(0);
  EXPECT_EQ(complaint_of(grammar),
            "reading the grammar waves: expected a depth from 1 to 12, found 0. Leave it out for 4.");
  grammar = waves(1);
  grammar.rules["v"] = {"cos(<w>)"};
  grammar.rules["w"] = {"x"};
  grammar.start = "<v>";
  EXPECT_EQ(complaint_of(grammar),
            "reading the grammar waves: expected members at most 1 deep, found none: the shallowest <v> is 2 "
            "deep. Write depth = 2.");
}

TEST(Grammar, with_empty_or_double_rules_is_refused) {
  Grammar grammar = waves(2);
  grammar.rules["v"] = {};
  EXPECT_EQ(
      complaint_of(grammar),
      "reading the grammar waves: expected alternatives for <v>, found none. Write texts, as in [\"x\", "
      "\"sin(<u>)\"].");
  grammar.rules["v"] = {"x", "x"};
  EXPECT_EQ(
      complaint_of(grammar),
      "reading the grammar waves: expected every alternative of <v> once, found x twice. Take one of them "
      "out.");
  grammar.rules = {};
  EXPECT_EQ(
      complaint_of(grammar),
      "reading the grammar waves: expected at least one rule, found none. Write rules, as in u = [\"x\", "
      "\"sin(<u>)\"].");
}

TEST(Grammar, that_grows_beyond_all_bounds_is_refused) {
  Grammar grammar = waves(12);
  grammar.rules["u"] = {"x", "<u>+<u>+<u>"};
  EXPECT_EQ(message_of([&] { static_cast<void>(texts_of(grammar)); }),
            "reading the grammar waves: expected at most 2000 choices, found more. Write a smaller depth, or "
            "alternatives with fewer non-terminals.");
}

}  // namespace
}  // namespace astrolabe
