// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/workflow/program_template.h"

#include <limits>

#include <gtest/gtest.h>

#include "astrolabe/base/error.h"

namespace astrolabe::testing {
namespace {

using Words = std::vector<std::string>;

ProgramTemplate made_of(const Words& words, const std::vector<Dimension>& slots = {}) {
  return ProgramTemplate(words, slots);
}

Words names_of(const ProgramTemplate& program) {
  Words names;
  for (const Dimension& dimension : program.space().dimensions()) names.push_back(dimension.name);
  return names;
}

std::string complaint_of(const Words& words, const std::vector<Dimension>& slots = {}) {
  try {
    (void)made_of(words, slots);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::usage);
    return error.what();
  }
  return "";
}

TEST(ProgramTemplate, reads_the_stars_of_the_manual) {
  const ProgramTemplate program = made_of(
      {"python3", "train.py", "--lr", "*1e-4..1e-1", "--act", "*relu,gelu,silu", "--layers", "*1..8"});
  EXPECT_EQ(names_of(program), (Words{"lr", "act", "layers"}));
  const auto& lr = std::get<RealRange>(program.space().dimensions()[0].domain);
  EXPECT_EQ(lr.low, 1e-4);
  EXPECT_EQ(lr.high, 1e-1);
  EXPECT_TRUE(lr.log_scale);
  EXPECT_EQ(std::get<Choices>(program.space().dimensions()[1].domain).options,
            (Words{"relu", "gelu", "silu"}));
  const auto& layers = std::get<WholeRange>(program.space().dimensions()[2].domain);
  EXPECT_EQ(layers.low, 1);
  EXPECT_EQ(layers.high, 8);
  EXPECT_FALSE(layers.log_scale);
  EXPECT_EQ(program.fill({{0.003, 1, 4}}),
            (Words{"python3", "train.py", "--lr", "0.003", "--act", "gelu", "--layers", "4"}));
  EXPECT_EQ(program.program(), "python3");
}

TEST(ProgramTemplate, reads_stars_as_every_slot_does) {
  const ProgramTemplate program = made_of(
      {"p", "a=*0.001..0.1", "b=*8..1024", "c=*1..1e3", "d=*-3..8", "e=*adam(0.9,0.99),sgd", "f=*1,2,4"});
  const std::span<const Dimension> dimensions = program.space().dimensions();
  EXPECT_TRUE(std::get<RealRange>(dimensions[0].domain).log_scale);
  EXPECT_TRUE(std::get<WholeRange>(dimensions[1].domain).log_scale);
  EXPECT_TRUE(std::holds_alternative<RealRange>(dimensions[2].domain));
  EXPECT_FALSE(std::get<WholeRange>(dimensions[3].domain).log_scale);
  EXPECT_EQ(std::get<Choices>(dimensions[4].domain).options, (Words{"adam(0.9,0.99)", "sgd"}));
  EXPECT_EQ(std::get<Choices>(dimensions[5].domain).options, (Words{"1", "2", "4"}));
}

TEST(ProgramTemplate, names_a_star_for_the_flag_or_the_equal_sign_or_its_place) {
  EXPECT_EQ(names_of(made_of({"p", "--learning-rate=*0.1..1.0", "wd=*0.1..1.0", "-b", "*1..2", "*a,b"})),
            (Words{"learning-rate", "wd", "b", "word6"}));
  EXPECT_EQ(names_of(made_of({"*./a,./b", "x"})), Words{"program"});
  EXPECT_EQ(names_of(made_of({"p", "--n", "*1..2", "--n", "*1..2"})), (Words{"n", "n.2"}));
  EXPECT_EQ(names_of(made_of({"p", "-3", "*1..2", "--a=b", "*1..2"})), (Words{"word3", "word5"}))
      << "a number is no flag, and a flag that has its value asks for none";
  EXPECT_EQ(names_of(made_of({"p", "--n", "*1..2", "*3..4"})), (Words{"n", "word4"}));
}

TEST(ProgramTemplate, keeps_stars_that_are_meant_literally) {
  const ProgramTemplate program =
      made_of({"p", "**.py", "\\*.txt", "g=**", "a*b", "x=y=*1..2", "f(x)=*z,y", "--n=*1..2"});
  EXPECT_EQ(names_of(program), Words{"n"});
  EXPECT_EQ(program.fill({{2}}),
            (Words{"p", "*.py", "*.txt", "g=*", "a*b", "x=y=*1..2", "f(x)=*z,y", "--n=2"}));
}

TEST(ProgramTemplate, puts_slots_where_their_braces_stand) {
  const std::vector<Dimension> slots{{.name = "w", .domain = WholeRange{.low = 1, .high = 9}},
                                     {.name = "lr", .domain = RealRange{.low = 0, .high = 1}}};
  const ProgramTemplate program =
      made_of({"p", "--net", "{w}x{w}", "{\"lr\": {lr}}", "{other}", "--n", "*1..2"}, slots);
  EXPECT_EQ(names_of(program), (Words{"w", "lr", "n"}));
  EXPECT_EQ(program.fill({{3, 0.5, 1}}),
            (Words{"p", "--net", "3x3", "{\"lr\": 0.5}", "{other}", "--n", "1"}));
}

TEST(ProgramTemplate, leaves_out_what_does_not_exist_at_a_point) {
  const std::vector<Dimension> slots{{.name = "opt", .domain = Choices{{"sgd", "adam"}}},
                                     {.name = "m",
                                      .domain = RealRange{.low = 0, .high = 1},
                                      .when = Condition{.dimension = 0, .options = {0}}}};
  const ProgramTemplate program =
      made_of({"p", "--opt", "{opt}", "--momentum", "{m}", "--m={m}", "-v"}, slots);
  EXPECT_EQ(program.fill({{0, 0.5}}), (Words{"p", "--opt", "sgd", "--momentum", "0.5", "--m=0.5", "-v"}));
  const double none = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(program.fill({{1, none}}), (Words{"p", "--opt", "adam", "-v"}));
}

TEST(ProgramTemplate, refuses_what_is_no_star) {
  const auto says = [](const std::string& word, const std::string& found) {
    EXPECT_EQ(complaint_of({"p", word}),
              "reading the star in '" + word +
                  "': expected a range such as *1e-4..1e-1 or *1..8, or a list such as *relu,gelu, found " +
                  found + ". A star that is meant literally is written ** or \\*.");
  };
  says("*", "nothing after the star");
  says("n=*", "nothing after the star");
  says("*.py", "'.py' alone");
  EXPECT_NE(
      complaint_of({"p", "--n", "*8..1"}).find("reading the star of n: expected a range from low to high"),
      std::string::npos);
  EXPECT_NE(complaint_of({"p", "*a,,b"}).find("\n  a,,b\n    ^"), std::string::npos);
}

TEST(ProgramTemplate, refuses_commands_without_a_star) {
  EXPECT_EQ(complaint_of({}),
            "reading the command: expected a program and its words after --, found nothing. Write it as: "
            "astrolabe search --minimise loss -- python3 train.py --lr '*1e-4..1e-1'");
  EXPECT_NE(complaint_of({"p", "--lr", "0.1"}).find("expected a star in at least one word, found p --lr 0.1"),
            std::string::npos);
  EXPECT_NE(complaint_of({"p", "*1..2", "\xff"}).find("words in UTF-8, found bytes that are not, in word 3"),
            std::string::npos);
  EXPECT_NE(complaint_of({"p", "{lrr}"}, {{.name = "lr", .domain = RealRange{.low = 0, .high = 1}}})
                .find("expected {lr} in a word, as a slot of that name is declared"),
            std::string::npos);
}

TEST(ShellText, quotes_what_a_shell_would_read) {
  EXPECT_EQ(shell_text(Words{"a", "b c", "", "it's", "*1..2", "x=1.5,%"}),
            "a 'b c' '' 'it'\\''s' '*1..2' x=1.5,%");
}

}  // namespace
}  // namespace astrolabe::testing
