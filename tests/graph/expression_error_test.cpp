// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "astrolabe/base/error.h"
#include "astrolabe/graph/expression.h"

namespace astrolabe {
namespace {

using enum Vocabulary;

std::string message_of(Vocabulary vocabulary, const std::string& text, const MacroTable& macros = {}) {
  try {
    (void)parse_expression(vocabulary, text, macros);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::usage);
    return error.what();
  }
  return "no error";
}

TEST(ExpressionError, shows_the_text_and_a_caret_under_the_character) {
  EXPECT_EQ(
      message_of(activation, "x*sigmod(x)"),
      "reading the activation: expected a function of an activation, found 'sigmod'. Did you mean sigmoid?\n"
      "  x*sigmod(x)\n"
      "    ^");
}

TEST(ExpressionError, of_an_unknown_name_offers_the_nearest) {
  EXPECT_EQ(message_of(optimizer, "lr*g/(sqrt(emma(g*g,0.9))+1)"),
            "reading the optimizer: expected a function of an optimizer, found 'emma'. Did you mean ema?\n"
            "  lr*g/(sqrt(emma(g*g,0.9))+1)\n"
            "             ^");
  EXPECT_EQ(
      message_of(loss, "y*classs"),
      "reading the loss: expected a variable, number or named part of a loss, found 'classs'. Did you mean "
      "classes?\n"
      "  y*classs\n"
      "    ^");
  EXPECT_EQ(
      message_of(schedule, "qwertyuiop"),
      "reading the schedule: expected a variable, number or named part of a schedule, found 'qwertyuiop'. "
      "A schedule is written in k and t.\n"
      "  qwertyuiop\n"
      "  ^");
}

TEST(ExpressionError, of_a_variable_without_meaning_says_what_has_one) {
  EXPECT_EQ(
      message_of(activation, "x+z"),
      "reading the activation: expected a variable of an activation, found 'z'. z is the model's raw output "
      "and has no meaning here: an activation is written in x.\n"
      "  x+z\n"
      "    ^");
  EXPECT_EQ(message_of(loss, "(y-beta*z)^2"),
            "reading the loss: expected a variable of a loss, found 'beta'. beta is a number that is trained "
            "along, "
            "which only activations have: a loss is written in y, z, p and classes.\n"
            "  (y-beta*z)^2\n"
            "     ^");
}

TEST(ExpressionError, of_a_memory_outside_optimizers_says_who_remembers) {
  EXPECT_EQ(message_of(activation, "x+ema(x,0.9)"),
            "reading the activation: expected a function without memory in an activation, found 'ema'. ema "
            "remembers "
            "earlier steps, which only optimizers do.\n"
            "  x+ema(x,0.9)\n"
            "    ^");
}

TEST(ExpressionError, of_too_many_inputs_points_at_the_first_that_is_too_much) {
  EXPECT_EQ(message_of(activation, "sin(x, 2)"),
            "reading the activation: expected one input in sin(a), found more. Take out what is too much.\n"
            "  sin(x, 2)\n"
            "         ^");
}

TEST(ExpressionError, of_too_few_inputs_points_at_the_end_of_them) {
  EXPECT_EQ(message_of(activation, "1+min(x)"),
            "reading the activation: expected 2 inputs in min(a, b), found 1. Write all of them.\n"
            "  1+min(x)\n"
            "         ^");
  EXPECT_EQ(message_of(activation, "exp()"),
            "reading the activation: expected one input in exp(a), found none. Write all of them.\n"
            "  exp()\n"
            "      ^");
}

TEST(ExpressionError, of_a_missing_parenthesis_names_the_one_that_is_open) {
  EXPECT_EQ(
      message_of(activation, "x*(1+(x)"),
      "reading the activation: expected ) for the ( at character 3, found the end of the text. Close the "
      "parenthesis.\n"
      "  x*(1+(x)\n"
      "          ^");
  EXPECT_EQ(message_of(activation, "sin(x"),
            "reading the activation: expected ), found the end of the text. Close the parenthesis.\n"
            "  sin(x\n"
            "       ^");
  EXPECT_EQ(
      message_of(activation, "x)+1"),
      "reading the activation: expected an operator or the end, found ')'. There is no ( that it closes.\n"
      "  x)+1\n"
      "   ^");
}

TEST(ExpressionError, of_something_missing_points_where_it_should_be) {
  EXPECT_EQ(message_of(activation, "x*"),
            "reading the activation: expected a number, a name or (, found the end of the text. Something is "
            "missing "
            "at the end.\n"
            "  x*\n"
            "    ^");
  EXPECT_EQ(message_of(activation, ""),
            "reading the activation: expected a number, a name or (, found the end of the text. Something is "
            "missing "
            "at the end.\n"
            "  \n"
            "  ^");
  EXPECT_EQ(
      message_of(activation, "x+*2"),
      "reading the activation: expected a number, a name or (, found '*'. Something is missing before it.\n"
      "  x+*2\n"
      "    ^");
}

TEST(ExpressionError, of_other_spellings_tells_ours) {
  EXPECT_EQ(message_of(activation, "x**2"),
            "reading the activation: expected an operator, found '*'. Powers are written a^b.\n  x**2\n   ^");
  EXPECT_EQ(message_of(activation, "2x"),
            "reading the activation: expected an operator or the end, found 'x'. A product is written 2*x, a "
            "number "
            "with one point.\n  2x\n   ^");
  EXPECT_EQ(
      message_of(activation, "x(2)"),
      "reading the activation: expected an operator behind x, found '('. x is not a function; a product is "
      "written x*(...).\n  x(2)\n   ^");
  EXPECT_EQ(message_of(activation, "sin*x"),
            "reading the activation: expected ( behind sin, found '*'. A function is written sin(a).\n  "
            "sin*x\n     "
            "^");
  EXPECT_EQ(message_of(activation, "x x"),
            "reading the activation: expected an operator or the end, found 'x'. Operators are + - * / ^.\n  "
            "x x\n    "
            "^");
}

TEST(ExpressionError, of_comparisons_says_where_they_stand) {
  EXPECT_EQ(message_of(activation, "x>0"),
            "reading the activation: expected an operator or the end, found '>'. Comparisons stand inside "
            "where(a < b, "
            "u, v) only.\n  x>0\n   ^");
  EXPECT_EQ(
      message_of(activation, "where(x, 1, 2)"),
      "reading the activation: expected a comparison: <, >, <=, >= or ==, found ','. A choice is written "
      "where(a < b, u, v).\n  where(x, 1, 2)\n         ^");
  EXPECT_EQ(message_of(activation, "where(x<0, 1)"),
            "reading the activation: expected a comma: where(a < b, u, v), found ')'. where() takes a "
            "comparison, the "
            "value where it holds, and the value elsewhere.\n  where(x<0, 1)\n              ^");
}

TEST(ExpressionError, of_a_number_shows_it) {
  EXPECT_EQ(message_of(activation, "x*1e99"),
            "reading the activation: expected a number of at most 3.4e38, found '1e99'. Numbers are written "
            "2, 0.5 or "
            "1e-3.\n  x*1e99\n    ^");
  EXPECT_EQ(
      message_of(activation, "x*."),
      "reading the activation: expected a number of at most 3.4e38, found '.'. Numbers are written 2, 0.5 or "
      "1e-3.\n  x*.\n    ^");
}

TEST(ExpressionError, counts_characters_not_bytes) {
  EXPECT_EQ(
      message_of(activation, "x+ü*x"),
      "reading the activation: expected a number, a name or (, found 'ü'. Something is missing before it.\n"
      "  x+ü*x\n"
      "    ^");
  EXPECT_EQ(
      message_of(activation, "x+\xff\x01"),
      "reading the activation: expected a number, a name or (, found '?'. Something is missing before it.\n"
      "  x+??\n"
      "    ^");
}

TEST(ExpressionError, shows_only_the_surroundings_in_a_long_text) {
  std::string text = "x";
  for (int i = 0; i < 50; ++i) text += "+x";
  text += "+?";
  for (int i = 0; i < 50; ++i) text += "+x";
  const std::string message = message_of(activation, text);
  const std::size_t line = message.find('\n');
  EXPECT_NE(message.find("\n  ..."), std::string::npos);
  std::string last_line(2 + 3 + 60, ' ');
  last_line += '^';
  EXPECT_EQ(message.substr(message.rfind('\n') + 1), last_line);
  EXPECT_LT(message.size() - line, 200U);
}

TEST(ExpressionError, of_a_macro_names_its_inputs) {
  const Macro focal{.name = "focal", .parameters = {{"gamma", "2"}, {"need", ""}}, .body = "gamma*y*need"};
  const MacroTable macros{.find = [&](std::string_view name) { return name == "focal" ? &focal : nullptr; },
                          .names = {"focal"}};
  const auto message = [&](const std::string& text) { return message_of(loss, text, macros); };
  EXPECT_EQ(
      message("focal(1,2,3)"),
      "reading the loss: expected at most 2 inputs: focal(gamma, need), found '3'. Take out what is too "
      "much.\n  focal(1,2,3)\n            ^");
  EXPECT_EQ(message("focal(gama=1)"),
            "reading the loss: expected a setting of focal: gamma, need, found 'gama'. Did you mean gamma?\n"
            "  focal(gama=1)\n        ^");
  EXPECT_EQ(message("focal(1, gamma=1)"),
            "reading the loss: expected gamma once, found it again. Take one of them out.\n"
            "  focal(1, gamma=1)\n           ^");
  EXPECT_EQ(
      message("focal(gamma=1, 2)"),
      "reading the loss: expected name=value, as before in focal, found '2'. Values without a name come "
      "first.\n  focal(gamma=1, 2)\n                 ^");
  EXPECT_EQ(message("y+focal"),
            "reading the loss: expected need in focal(gamma, need), found none. Write focal(gamma, need).\n"
            "  y+focal\n    ^");
  EXPECT_EQ(
      message("y+fokal"),
      "reading the loss: expected a variable, number or named part of a loss, found 'fokal'. Did you mean "
      "focal?\n  y+fokal\n    ^");
}

TEST(ExpressionError, of_texts_too_large_says_what_is_allowed) {
  EXPECT_NE(
      message_of(activation, std::string(5000, 'x')).find("expected at most 4096 characters, found 5000"),
      std::string::npos);
  std::string deep(1000, '(');
  deep += 'x';
  deep.append(1000, ')');
  EXPECT_NE(message_of(activation, deep).find("inside one another at most 200 deep"), std::string::npos);
  std::string tower = "x";
  for (int i = 0; i < 1000; ++i) tower += "^x";
  EXPECT_NE(message_of(activation, tower).find("inside one another at most 200 deep"), std::string::npos);
  std::string signs(4000, '-');
  signs += 'x';
  EXPECT_EQ(message_of(activation, signs), "no error");
  std::string chain = "x";
  for (int i = 0; i < 1500; ++i) chain += "+x";
  EXPECT_NE(
      message_of(activation, chain).find("at most 1000 operations that wait for one another, found 1501"),
      std::string::npos);
}

TEST(ExpressionError, is_none_just_within_the_depth_that_is_allowed) {
  std::string text = "x";
  for (int i = 1; i < 200; ++i) text = "sin(" + text + ")";
  EXPECT_EQ(parse_expression(activation, text).text, text);
}

TEST(ExpressionError, of_parts_that_grow_when_written_out_says_so) {
  const Macro twice{.name = "twice", .parameters = {{"u", ""}}, .body = "sin(u)+cos(u)"};
  const MacroTable macros{.find = [&](std::string_view name) { return name == "twice" ? &twice : nullptr; },
                          .names = {"twice"}};
  std::string text = "x";
  for (int i = 0; i < 40; ++i) text = "twice(" + text + ")";
  EXPECT_EQ(message_of(activation, text, macros),
            "writing out the activation: expected at most 4096 characters and 200 parentheses inside one "
            "another, found "
            "more. Shorten it; named parts count as what they stand for.");
}

TEST(ExpressionError, of_a_macro_that_needs_itself_ends) {
  const Macro loop{.name = "loop", .parameters = {}, .body = "x+loop"};
  const MacroTable macros{.find = [&](std::string_view name) { return name == "loop" ? &loop : nullptr; },
                          .names = {"loop"}};
  EXPECT_NE(message_of(activation, "loop", macros).find("at most 200 deep"), std::string::npos);
}

}  // namespace
}  // namespace astrolabe
