// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <set>

#include "tests/system/draft_space.h"
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "astrolabe/parts/catalog.h"
#include "astrolabe/system/named_spaces.h"
#include "astrolabe/system/slots.h"
#include "astrolabe/train/architecture.h"
#include "astrolabe/train/picture_architecture.h"

namespace astrolabe {
namespace {

using testing::DraftSpace;
using enum Vocabulary;

double count_of(std::string_view slot, std::string_view name, int setting) {
  return DraftSpace(slot, name, setting).space().count();
}

TEST(Spaces, of_the_literature_are_as_large_as_it_says) {
  EXPECT_EQ(count_of("activation", "ramachandran", 1), 25 * 25 * 10);
  EXPECT_EQ(count_of("activation", "ramachandran", 2), 6250.0 * 4 * 6250);
  EXPECT_EQ(count_of("optimizer", "bello", 1), 249'696);
  EXPECT_EQ(count_of("optimizer", "bello", 2), 249'696.0 * 18 * 18 * 12 * 12 * 6);
  EXPECT_EQ(count_of("architecture", "nasbench201", 0), 15'625);
  EXPECT_EQ(count_of("architecture", "zoph-cnn", 1), 4 * 4 * 4 * 3);
  EXPECT_EQ(count_of("architecture", "zoph-cnn", 4), std::pow(192.0, 4) * 2 * 4 * 8);
  EXPECT_EQ(count_of("schedule", "decays", 0), 3 + 6 + 5);
  EXPECT_EQ(DraftSpace("loss", "taylor", 0).space().size(), 8);
}

TEST(Spaces, of_our_own_are_as_large_as_their_grammar_says) {
  EXPECT_EQ(count_of("architecture", "cells", 4), 1 + 6 * (1 + 7 + 49 + 343));
  // T(1) leaves; one more level: the leaves, 3 functions of one tree, 4 of two.
  const double two = 4 + 3 * 4 + 4 * 16, three = 4 + 3 * two + 4 * two * two;
  EXPECT_EQ(count_of("loss", "glo", 2), two);
  EXPECT_EQ(count_of("loss", "glo", 3), three);
}

TEST(Spaces, have_as_many_points_as_they_count_and_every_text_once) {
  for (const auto& [slot, name, setting] : {std::tuple{"activation", "ramachandran", 1},
                                            {"architecture", "nasbench201", 0},
                                            {"architecture", "cells", 4},
                                            {"schedule", "decays", 0},
                                            {"batch_size", "batches", 0},
                                            {"loss", "glo", 2}}) {
    const DraftSpace space(slot, name, setting);
    const std::vector<std::string> texts = space.texts();
    EXPECT_EQ(static_cast<double>(texts.size()), space.space().count()) << name;
    // x1+x2 of beta and x and the like are one text for two points; nothing else may be.
    if (std::string_view(name) == "ramachandran") continue;
    EXPECT_EQ(std::set<std::string>(texts.begin(), texts.end()).size(), texts.size()) << name;
  }
}

TEST(Spaces, write_what_the_language_reads) {
  for (const SpaceRow& row : space_rows()) {
    const SlotRow* slot = find_slot(row.slot);
    for (const TaskKind kind : {TaskKind::multiclass, TaskKind::regression}) {
      for (int setting = row.low; setting <= std::min(row.high, 2); ++setting) {
        const DraftSpace space(row.slot, row.name, setting, kind);
        for (std::uint64_t i = 0; i < 100; ++i) {
          const Point point = random_point(space.space(), Key::from_seed(i));
          const std::string text = space.written.text(point);
          EXPECT_EQ(parse_point(space.space(), point_text(space.space(), point)), point);
          if (row.name == "parts") {
            EXPECT_NO_THROW(static_cast<void>(resolve_part(*slot->parts, text))) << text;
          } else if (slot->parts) {
            EXPECT_NO_THROW(static_cast<void>(parse_expression(*slot->parts, text))) << text;
          } else if (row.name == "cells") {
            EXPECT_EQ(architecture_text(parse_architecture(text)), text);
          } else if (row.name == "zoph-cnn") {
            EXPECT_EQ(picture_architecture_text(parse_picture_architecture(text)), text);
          } else if (row.name == "nasbench201") {
            EXPECT_EQ(parse_picture_architecture(text).blocks.size(), 3U * static_cast<unsigned>(setting) + 4)
                << text;
          }
        }
      }
    }
  }
}

TEST(Spaces, of_one_unit_and_of_decays_are_read_whole) {
  for (const std::string& text : DraftSpace("activation", "ramachandran", 1).texts())
    ASSERT_NO_THROW(static_cast<void>(parse_expression(activation, text))) << text;
  for (const std::string& text : DraftSpace("schedule", "decays", 0).texts())
    ASSERT_NO_THROW(static_cast<void>(resolve_part(schedule, text))) << text;
  for (const std::string& text : DraftSpace("architecture", "cells", 4).texts())
    ASSERT_NO_THROW(static_cast<void>(parse_architecture(text))) << text;
}

TEST(Spaces, know_their_members_by_name) {
  const auto members = [](std::string_view slot, std::string_view name, int setting) {
    std::map<std::string, std::string> texts;
    for (const auto& [member, text] :
         summary_of(*find_space(slot, name), {.kind = TaskKind::binary}, setting).members)
      texts[member] = text;
    return texts;
  };
  EXPECT_EQ(members("activation", "ramachandran", 1)["swish"], "sigmoid(beta*x)*x");
  EXPECT_EQ(members("activation", "ramachandran", 1)["min(x,sin(x))"], "min(x,sin(x))");
  EXPECT_EQ(members("optimizer", "bello", 1)["momentum"], "lr*ema(g,0.9)");
  EXPECT_EQ(members("optimizer", "bello", 2)["powersign"], "lr*(exp(sign(g)*sign(ema(g,0.9)))*g)");
  EXPECT_EQ(members("loss", "glo", 3)["baikal"], "-(log(p)-y/p)");
  EXPECT_EQ(members("loss", "glo", 3)["cross entropy"], "-(y*log(p))");
  EXPECT_EQ(members("loss", "taylor", 0)["squared error"], "-(-0.5*p^2+y*p)");
  EXPECT_EQ(members("architecture", "cells", 4)["residual"], "128-res");
  EXPECT_EQ(members("architecture", "zoph-cnn", 3)["3 x 3"], "conv3x36-conv3x36/2-conv3x36-gap");
  EXPECT_EQ(
      members("architecture", "nasbench201", 5)["all convolutions"],
      "|nor_conv_3x3~0|+|nor_conv_3x3~0|nor_conv_3x3~1|+|nor_conv_3x3~0|nor_conv_3x3~1|nor_conv_3x3~2|x5");
  EXPECT_EQ(members("activation", "parts", 0).count("swish"), 0);  // another name of silu
  EXPECT_EQ(members("loss", "parts", 0).count("mse"), 0);          // of numbers
}

TEST(Spaces, of_zoph_read_any_layers_before_and_at_the_end_those_that_none_reads) {
  const DraftSpace space("architecture", "zoph-cnn", 4);
  const SpaceWriter slot = SpaceWriter(const_cast<SpaceDraft&>(space.draft)).under("architecture");
  const auto text = [&](std::initializer_list<std::pair<std::string_view, std::string_view>> reads) {
    std::vector<std::pair<std::string_view, std::string_view>> values(reads);
    for (const std::string_view stride : {"2.stride", "4.stride"}) values.emplace_back(stride, "1");
    return space.written.text(completed(space.draft, slot.assignment(values)));
  };
  EXPECT_EQ(text({}), "conv3x36-conv3x36-conv3x36-conv3x36-gap");
  EXPECT_EQ(text({{"3.reads1", "yes"}}), "conv3x36-conv3x36-conv3x36@1-conv3x36-gap");
  EXPECT_EQ(text({{"2.reads1", "no"}}), "conv3x36-conv3x36:0-conv3x36-conv3x36-gap@1");
  EXPECT_EQ(text({{"2.reads1", "no"}, {"4.reads3", "no"}, {"4.reads1", "yes"}, {"4.reads2", "yes"}}),
            "conv3x36-conv3x36:0-conv3x36-conv3x36:1@2-gap@3");
}

TEST(Spaces, give_every_beta_a_name_of_its_own) {
  const DraftSpace space("activation", "ramachandran", 1);
  const SpaceWriter slot = SpaceWriter(const_cast<SpaceDraft&>(space.draft)).under("activation");
  const auto text = [&](std::string_view u1, std::string_view u2, std::string_view b) {
    return tidy_formula(activation, space.written.text(completed(
                                        space.draft, slot.assignment({{"u1", u1}, {"u2", u2}, {"b", b}}))));
  };
  EXPECT_EQ(text("beta*x", "x+beta", "x1*x2"), "beta*x*(x+alpha)");
  EXPECT_EQ(text("x", "beta", "beta*x1+(1-beta)*x2"), "alpha*x+(1-alpha)*beta");
  EXPECT_EQ(text("x", "asinh(x)", "x1*x2"), "x*(where(x<0,-1,1)*log1p(max(-x,x)+x^2/(1+sqrt(x^2+1))))");
}

TEST(Spaces, asinh_and_sinc_are_what_they_are_called) {
  const DraftSpace space("activation", "ramachandran", 1);
  const auto unary = ramachandran_unaries();
  const auto value = [&](std::size_t i, double x) {
    return evaluate_expression(parse_expression(activation, unary[i]), {{"x", x}});
  };
  for (const double x : {-30.0, -2.0, -1e-4, 0.0, 1e-4, 0.5, 30.0}) {
    EXPECT_NEAR(value(15, x), std::asinh(x), 1e-12 * (1 + std::abs(x))) << x;
    EXPECT_NEAR(value(17, x), x == 0 ? 1 : std::sin(x) / x, 1e-12) << x;
  }
}

TEST(Spaces, bello_drops_about_as_often_as_it_says) {
  const DraftSpace space("optimizer", "bello", 1);
  const SpaceWriter slot = SpaceWriter(const_cast<SpaceDraft&>(space.draft)).under("optimizer");
  const auto step_of = [&](std::string_view op, std::string_view u) {
    return parse_expression(
        optimizer,
        space.written.text(completed(space.draft, slot.assignment({{"op1", op}, {"u1", u}, {"b", "x"}}))));
  };
  const Expression drop = step_of("1", "drop(x,0.3)"), noise = step_of("noise", "x");
  constexpr int kDraws = 3000;
  int dropped = 0;
  double sum = 0, squares = 0;
  for (int i = 0; i < kDraws; ++i) {
    const auto at = static_cast<std::uint64_t>(i);
    const std::unordered_map<std::string, double> leaves = {{"g", 0.01 * random_uniform(Key{1}, at)},
                                                            {"w", random_uniform(Key{2}, at)},
                                                            {"k", i % 50 + 1},
                                                            {"lr", 1},
                                                            {"t", 0}};
    dropped += evaluate_expression(drop, leaves) == 0 ? 1 : 0;
    const double draw = evaluate_expression(noise, leaves);
    sum += draw;
    squares += draw * draw;
  }
  EXPECT_NEAR(dropped, 0.3 * kDraws, 4 * std::sqrt(0.21 * kDraws));
  EXPECT_NEAR(sum / kDraws, 0, 4 * 0.01 / std::sqrt(kDraws));
  EXPECT_NEAR(std::sqrt(squares / kDraws), 0.01, 0.0008);
}

TEST(Spaces, of_nasbench201_is_its_table) {
  const char* data = std::getenv("ASTROLABE_DATA");
  if (data == nullptr) GTEST_SKIP() << "ASTROLABE_DATA is not set: the table was not read";
  const std::string command = fmt::format("gzip -dc '{}/nasbench201/nas-201-arch.json.gz'", data);
  std::FILE* pipe = popen(command.c_str(), "r");
  ASSERT_NE(pipe, nullptr);
  std::string table;
  std::array<char, 65536> block{};
  for (std::size_t n = 0; (n = std::fread(block.data(), 1, block.size(), pipe)) > 0;)
    table.append(block.data(), n);
  ASSERT_EQ(pclose(pipe), 0);
  std::set<std::string> rows;
  for (std::size_t at = table.find("\"|"); at != std::string::npos; at = table.find("\"|", at + 1))
    rows.insert(table.substr(at + 1, table.find('"', at + 1) - at - 1));
  const std::vector<std::string> texts = DraftSpace("architecture", "nasbench201", 0).texts();
  EXPECT_EQ(std::set<std::string>(texts.begin(), texts.end()), rows);
}

TEST(Spaces, of_batches_stay_below_a_quarter_of_the_rows) {
  EXPECT_EQ(DraftSpace("batch_size", "batches", 0, TaskKind::binary, 300).texts(),
            (std::vector<std::string>{"16", "32", "64"}));
  EXPECT_EQ(DraftSpace("batch_size", "batches", 0, TaskKind::binary, 20).texts(),
            (std::vector<std::string>{"5"}));
}

TEST(Spaces, of_numbers_ask_for_the_output_and_those_of_classes_for_the_probability) {
  const DraftSpace numbers("loss", "glo", 1, TaskKind::regression);
  EXPECT_EQ(numbers.texts(), (std::vector<std::string>{"-y", "-z", "-1", "-(-1)"}));
  EXPECT_EQ(DraftSpace("loss", "glo", 1).texts()[1], "-p");
}

}  // namespace
}  // namespace astrolabe
