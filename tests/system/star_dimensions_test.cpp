// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/system/star_dimensions.h"

#include <cmath>
#include <set>

#include "tests/system/draft_space.h"
#include <gtest/gtest.h>

#include "astrolabe/base/error.h"
#include "astrolabe/parts/catalog.h"
#include "astrolabe/pipeline/catalog.h"
#include "astrolabe/system/slots.h"

namespace astrolabe {
namespace {

using testing::message_of;

// A star of a setting of a learner, alone.
struct DraftStar {
  DraftStar(const std::string& learner, const std::string& setting, const std::string& text,
            std::span<const Grammar> grammars = {}, TaskKind kind = TaskKind::binary) {
    const SlotRow* row = find_slot(setting);
    const StarField field{.learner = learner,
                          .field = require_field(learner, find_learner(learner)->fields(), setting),
                          .parts = row != nullptr ? row->parts : std::nullopt};
    written = write_star(SpaceWriter(draft).under(setting), field, parse_star(setting, text), {.kind = kind},
                         grammars);
  }
  [[nodiscard]] std::set<std::string> texts(std::size_t draws = 300) const {
    std::set<std::string> all;
    for (std::uint64_t i = 0; i < draws; ++i)
      all.insert(written.text(random_point(draft.space, Key::from_seed(i))));
    return all;
  }
  [[nodiscard]] std::string text(const Assignment& values) const {
    return written.text(completed(draft, values));
  }

  SpaceDraft draft;
  WrittenStar written;
};

std::string complaint_of(const std::string& setting, const std::string& text) {
  return message_of([&] { const DraftStar star("mlp", setting, text); });
}

TEST(StarDimensions, of_a_list_are_one_choice) {
  const DraftStar star("mlp", "activation", "relu,gelu,silu");
  ASSERT_EQ(star.draft.space.size(), 1);
  EXPECT_EQ(star.draft.space.dimensions()[0].name, "activation");
  EXPECT_EQ(star.texts(), (std::set<std::string>{"relu", "gelu", "silu"}));
  EXPECT_EQ(star.text({}), "silu");  // what the learner takes when nobody says anything
  EXPECT_EQ(star.written.members.size(), 3);
}

TEST(StarDimensions, of_a_setting_exist_only_under_its_part) {
  const DraftStar star("mlp", "loss", "*parts");
  const Space& space = star.draft.space;
  const std::size_t part = *space.find("loss.part"), gamma = *space.find("loss.focal.gamma");
  for (std::uint64_t i = 0; i < 100; ++i) {
    const Point point = random_point(space, Key::from_seed(i));
    const bool is_focal = value_text(space.dimensions()[part], point.values[part]) == "focal";
    EXPECT_EQ(std::isnan(point.values[gamma]), !is_focal);
    EXPECT_EQ(star.written.text(point).starts_with("focal"), is_focal);
  }
}

TEST(StarDimensions, of_an_open_star_hold_parts_and_the_literature) {
  const DraftStar star("mlp", "activation", "relu,*");
  EXPECT_EQ(star.written.spaces, (std::vector<std::string>{"parts", "ramachandran(1)"}));
  EXPECT_TRUE(star.draft.space.find("activation.leaky_relu.a"));
  EXPECT_TRUE(star.draft.space.find("activation.u1"));
  EXPECT_EQ(star.written.members[0].name, "relu");
  EXPECT_EQ(star.text(star.written.members.back().values), "where(x==0,1,sin(x)/where(x==0,1,x))+x");
}

TEST(StarDimensions, of_the_same_space_twice_have_names_of_their_own) {
  const DraftStar star("mlp", "optimizer", "*bello(2),*bello(3)");
  EXPECT_TRUE(star.draft.space.find("optimizer.1.op1"));
  EXPECT_TRUE(star.draft.space.find("optimizer.bello(3).3.b"));
}

TEST(StarDimensions, of_a_hole_are_the_slots_own_functions) {
  const DraftStar star("mlp", "activation", "x*sigmoid(*)");
  EXPECT_EQ(star.draft.space.count(), 25);
  EXPECT_TRUE(star.texts(1000).contains("x*sigmoid((beta*x))"));
  EXPECT_EQ(DraftStar("mlp", "optimizer", "g*lr*exp(*)").draft.space.count(), 17 * 12);
  EXPECT_EQ(DraftStar("mlp", "loss", "(y-*)^2").draft.space.count(), 4);
  EXPECT_EQ(DraftStar("mlp", "schedule", "*^2").draft.space.count(), 14);
  const DraftStar two("mlp", "activation", "*-tanh(*)");
  EXPECT_TRUE(two.draft.space.find("activation.hole1"));
  EXPECT_EQ(two.draft.space.count(), 625);
}

TEST(StarDimensions, of_a_hole_always_give_a_formula) {
  for (const auto& [setting, text] : {std::pair{"activation", "max(*,gelu(*))"},
                                      {"loss", "(y-*)^2"},
                                      {"optimizer", "lr*(g+*)"},
                                      {"schedule", "cosine*(*)"}}) {
    const DraftStar star("mlp", setting, text);
    for (const std::string& filled : star.texts())
      EXPECT_EQ(message_of([&, slot = *find_slot(setting)->parts] {
                  static_cast<void>(resolve_part(slot, filled));
                }).find("reading"),
                std::string::npos)
          << filled;
  }
}

TEST(StarDimensions, of_settings_in_parentheses_are_their_ranges) {
  const DraftStar open("mlp", "loss", "focal(*)"), told("mlp", "loss", "focal(gamma=1..3)");
  EXPECT_EQ(open.text({}), "focal(gamma=2)");
  EXPECT_EQ(std::get<RealRange>(told.draft.space.dimensions()[0].domain).high, 3);
  EXPECT_EQ(told.draft.space.dimensions()[0].name, "loss.focal.gamma");
  EXPECT_EQ(DraftStar("mlp", "optimizer", "adamw(0.9,*)").draft.space.size(), 1);
}

TEST(StarDimensions, of_numbers_take_the_fields_scale_and_type) {
  const DraftStar leaves("trees", "max_leaves", "*");
  const auto range = std::get<WholeRange>(leaves.draft.space.dimensions()[0].domain);
  EXPECT_EQ(range.low, 7);
  EXPECT_TRUE(range.log_scale);
  EXPECT_EQ(leaves.text({}), "31");
  const DraftStar rate("mlp", "learning_rate", "1e-4..1e-1");
  EXPECT_TRUE(std::get<RealRange>(rate.draft.space.dimensions()[0].domain).log_scale);
  const DraftStar mixed("mlp", "dropout", "0,*");
  EXPECT_TRUE(mixed.draft.space.find("dropout.value"));
  const DraftStar words("mlp", "normalization", "*");
  EXPECT_EQ(words.texts(), (std::set<std::string>{"none", "layer", "batch"}));
}

TEST(StarDimensions, of_a_users_grammar_are_its_choices) {
  const std::vector<Grammar> grammars = {{.name = "waves",
                                          .slot = Vocabulary::activation,
                                          .start = "x+<u>",
                                          .rules = {{"u", {"x", "sin(<u>)"}}},
                                          .depth = 2}};
  EXPECT_EQ(DraftStar("mlp", "activation", "*waves", grammars).texts(),
            (std::set<std::string>{"x+x", "x+sin(x)"}));
  EXPECT_EQ(message_of([&] { const DraftStar star("mlp", "activation", "*wave", grammars); }),
            "reading the star of activation: expected one of the spaces parts, ramachandran, waves, found "
            "'wave'. Did you mean *waves?\n  *wave\n   ^");
}

TEST(StarDimensions, of_nets_of_pictures_are_in_their_own_spaces) {
  const DraftStar open("cnn", "architecture", "*");
  EXPECT_EQ(open.written.spaces, std::vector<std::string>{"zoph-cnn(6)"});
  EXPECT_EQ(open.text({}), "conv3x36-conv3x36/2-conv3x36-conv3x36/2-conv3x36-conv3x36/2-gap");
  for (const std::string& text : DraftStar("cnn", "architecture", "*zoph-cnn(3),conv3x8-res-gap").texts(30))
    EXPECT_NO_THROW(require_slot_text("cnn", "architecture", text)) << text;
  EXPECT_EQ(DraftStar("cnn", "augmentation", "*").texts(1000).size(), 17u);
  EXPECT_EQ(DraftStar("cnn", "augmentation", "none,shift+flip").texts(),
            (std::set<std::string>{"none", "shift+flip"}));
  EXPECT_THROW(const DraftStar star("cnn", "architecture", "*cells"), Error);
  EXPECT_THROW(const DraftStar star("cnn", "architecture", "conv3x8-gap,conv2x8-gap"), Error);
  EXPECT_THROW(const DraftStar star("cnn", "augmentation", "shift,spin"), Error);
  EXPECT_THROW(const DraftStar star("mlp", "architecture", "64-64,conv3x8-gap"), Error);
}

TEST(StarDimensions, complain_of_stars_that_mean_nothing) {
  EXPECT_EQ(complaint_of("activation", "*ramachndran"),
            "reading the star of activation: expected one of the spaces parts, ramachandran, found "
            "'ramachndran'. Did you mean *ramachandran?\n  *ramachndran\n   ^");
  EXPECT_EQ(complaint_of("activation", "*ramachandran(9)"),
            "reading the star of activation: expected units from 1 to 4 in ramachandran, found 9. `astrolabe "
            "parts activation --space` lists what there is.\n  *ramachandran(9)\n  ^");
  EXPECT_EQ(
      complaint_of("schedule", "*decays(2)"),
      "reading the star of schedule: expected decays alone, found 2. `astrolabe parts schedule --space` "
      "lists what there is.\n  *decays(2)\n  ^");
  EXPECT_EQ(complaint_of("dropout", "*wide"),
            "reading the star of dropout: expected a list or a range: this slot has no named spaces, found "
            "'wide'. A value alone is written without a star.\n  *wide\n   ^");
  EXPECT_EQ(
      complaint_of("architecture", "*nasbench201"),
      "reading the star of architecture: expected a space of mlp: cells, found nasbench201, a space of cnn. "
      "Add --learner cnn, or take another space.\n  *nasbench201\n  ^");
  EXPECT_EQ(
      complaint_of("stop_after", "*"),
      "reading the star of stop-after: expected a whole number from 0 to 100000 (epochs) for "
      "mlp.stop_after, found a star where none may stand: nobody knows what belongs there. Write a list, "
      "or a range such as 1e-4..1e-1.\n  *\n  ^");
  EXPECT_EQ(
      complaint_of("activation", "1..8"),
      "reading the star of activation: expected a list for mlp.activation, which is a text, found '1..8'. "
      "Write what shall be tried, as in a,b,c.\n  1..8\n  ^");
  EXPECT_EQ(
      complaint_of("dropout", "0..2"),
      "reading the star of dropout: expected a range within a number from 0 to 0.9, found '0..2'. Write "
      "what shall be tried, as in a,b,c.\n  0..2\n  ^");
  EXPECT_EQ(
      complaint_of("batch_size", "16..64.5"),
      "reading the star of batch-size: expected a range within a whole number from 0 to 1000000 (rows), "
      "found '16..64.5'. Write what shall be tried, as in a,b,c.\n  16..64.5\n  ^");
  EXPECT_EQ(
      complaint_of("dropout", "0.1+*"),
      "reading the star of dropout: expected a number from 0 to 0.9 for mlp.dropout, found a star inside "
      "a formula, and no formula may stand there. Write *, a list, or a range.\n  0.1+*\n      ^");
}

TEST(StarDimensions, complain_of_patterns_that_are_no_formula) {
  EXPECT_TRUE(complaint_of("activation", "x*sigmod(*)")
                  .starts_with("reading the activation: expected a function of an activation, found "
                               "'sigmod'. Did you mean sigmoid?"));
  EXPECT_TRUE(complaint_of("activation", "relu,gelux").starts_with("reading the activation: expected "));
  EXPECT_TRUE(complaint_of("architecture", "64-64,sixty").starts_with("reading an architecture: expected "));
  EXPECT_EQ(
      complaint_of("activation", "x*(1..2)"),
      "reading the star of activation: expected a range alone, or as the setting of a part, found "
      "'x*(1..2)'. Write leaky_relu(0.01..0.3), say; inside formulas a star is a hole.\n  x*(1..2)\n    "
      "  ^");
  EXPECT_EQ(
      complaint_of("loss", "quantile(*)"),
      "reading the star of loss: expected a number or a range for q of quantile, found a star. Nobody but "
      "you knows what belongs there.\n  quantile(*)\n  ^");
  EXPECT_EQ(
      complaint_of("loss", "focal(alpha=*)"),
      "reading the star of loss: expected settings of focal: gamma, found 'alpha'. Take out what is too "
      "much.\n  focal(alpha=*)\n  ^");
  EXPECT_EQ(
      complaint_of("loss", "focal(5..1)"),
      "reading the star of loss: expected a range from low to high, found '5..1'. Exchange its ends, or "
      "write the number alone.\n  focal(5..1)\n  ^");
}

// Texts of strangers end in dimensions or in a message, never in anything else.
TEST(StarDimensions, of_any_text_are_written_or_refused) {
  const std::vector<std::string> words = {
      "*",  "*",    ",", "(", ")",   "x", "g",     "relu", "ramachandran", "bello",
      "..", "1e-4", "1", "8", "-",   "+", "/",     "^",    "focal",        "=",
      "<",  " ",    ".", "e", "ema", "p", "huber", "\t",   "\xff",         "where"};
  std::size_t written = 0, refused = 0;
  for (std::uint64_t i = 0; i < 20'000; ++i) {
    RandomStream random(Key::from_seed(i));
    std::string text;
    for (std::uint64_t length = 1 + random.below(8); length > 0; --length)
      text += words[random.below(words.size())];
    if (!has_star(text)) continue;
    for (const char* setting : {"activation", "loss", "optimizer", "dropout", "architecture"}) {
      try {
        const DraftStar star("mlp", setting, text);
        static_cast<void>(star.texts(2));
        ++written;
      } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::usage) << text;
        ++refused;
      }
    }
  }
  EXPECT_GT(written, 100);
  EXPECT_GT(refused, 10'000);
}

}  // namespace
}  // namespace astrolabe
