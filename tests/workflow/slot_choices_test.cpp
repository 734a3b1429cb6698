// SPDX-License-Identifier: Apache-2.0
// Slots as people fill them, and texts with commas and parentheses inside a learner's own.
#include "astrolabe/workflow/slot_choices.h"

#include <gtest/gtest.h>

#include "astrolabe/base/error.h"
#include "astrolabe/system/slots.h"

namespace astrolabe::testing {
namespace {

std::string text_of(const LearnerChoice& choice, const std::string& name) {
  const auto setting = choice.settings.find(name);
  return setting == choice.settings.end() ? "" : std::get<std::string>(setting->second);
}

template <class Action>
std::string complaint_of(const Action& action) {
  try {
    action();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::usage);
    return error.what();
  }
  return "";
}

void expect_says(const std::string& message, const std::vector<std::string>& pieces) {
  for (const std::string& piece : pieces)
    EXPECT_NE(message.find(piece), std::string::npos) << piece << "\n" << message;
}

TEST(Learners, have_texts_with_commas_and_parentheses_inside) {
  const std::vector<LearnerChoice> choices =
      parse_learners("trees(loss=where(y<z, focal(gamma=2), 0.5*(y-z)^2), max_leaves=15), linear");
  ASSERT_EQ(choices.size(), 2U);
  EXPECT_EQ(text_of(choices[0], "loss"), "where(y<z, focal(gamma=2), 0.5*(y-z)^2)");
  EXPECT_EQ(std::get<std::int64_t>(choices[0].settings.at("max_leaves")), 15);
  EXPECT_EQ(choices[1].name, "linear");
  EXPECT_EQ(text_of(parse_learners("trees(loss=quantile(0.9))")[0], "loss"), "quantile(0.9)");
}

TEST(Learners, without_a_closing_parenthesis_are_refused) {
  expect_says(complaint_of([] { (void)parse_learners("trees(loss=focal(2),max_leaves=3"); }),
              {"a closing parenthesis"});
  expect_says(complaint_of([] { require_sound_texts(parse_learners("trees(loss=focal(2)")); }),
              {"\n  focal(2\n"});
}

TEST(Slots, choose_the_learners_that_have_them) {
  std::vector<LearnerChoice> choices;
  fill_slots({{"loss", "huber(1)"}}, choices);
  std::vector<std::string> names;
  for (const LearnerChoice& choice : choices) {
    names.push_back(choice.name);
    EXPECT_EQ(text_of(choice, "loss"), "huber(1)");
  }
  std::vector<std::string> expected = learners_with("loss");
  std::erase(expected, "cnn");  // pictures are asked for by name
  EXPECT_EQ(names, expected);
}

TEST(Slots, that_only_nets_of_pictures_can_read_choose_them) {
  for (const SlotTexts& texts : {SlotTexts{{"architecture", "conv3x8-res-gap"}},
                                 SlotTexts{{"augmentation", "shift+flip"}, {"activation", "relu"}}}) {
    std::vector<LearnerChoice> choices;
    fill_slots(texts, choices);
    ASSERT_EQ(choices.size(), 1U);
    EXPECT_EQ(choices[0].name, "cnn");
    require_sound_texts(choices);
  }
  std::vector<LearnerChoice> tables;
  fill_slots({{"architecture", "64-64"}}, tables);
  ASSERT_EQ(tables.size(), 1U);
  EXPECT_EQ(tables[0].name, "mlp");
  expect_says(complaint_of([] { require_sound_texts(parse_learners("cnn(augmentation=shift+spin)")); }),
              {"shift+flip", "character 7"});
}

TEST(Slots, choose_among_those_that_are_named_if_any_are) {
  const std::vector<std::string> among = {"cnn", "trees"};
  std::vector<LearnerChoice> choices;
  fill_slots({{"normalization", "layer"}}, choices, among);
  ASSERT_EQ(choices.size(), 1U);
  EXPECT_EQ(choices[0].name, "cnn");
  choices = parse_learners("mlp");
  fill_slots({{"normalization", "layer"}}, choices, among);
  ASSERT_EQ(choices.size(), 1U);
  EXPECT_EQ(choices[0].name, "mlp");
}

TEST(Slots, with_a_word_of_one_learner_choose_that_learner) {
  std::vector<LearnerChoice> choices;
  fill_slots({{"loss", "squared"}}, choices);
  ASSERT_EQ(choices.size(), 1U);
  EXPECT_EQ(choices[0].name, "trees");
  require_sound_texts(choices);
}

TEST(Slots, take_no_commas_of_a_plain_text_for_a_star) {
  const std::vector<LearnerChoice> choices =
      parse_learners("trees(monotone=(age:+,price:-),max_leaves=7..15)");
  EXPECT_EQ(text_of(choices[0], "monotone"), "(age:+,price:-)");
  EXPECT_EQ(choices[0].stars.size(), 1U);
  LearnerChoice choice{.name = "trees"};
  fill(choice, "class_weights", "1,4");
  EXPECT_EQ(text_of(choice, "class_weights"), "1,4");
  fill(choice, "max_leaves", "7,15");
  EXPECT_EQ(choice.stars.size(), 1U);
}

TEST(Slots, count_for_every_choice_that_has_them_and_leave_its_own_texts) {
  std::vector<LearnerChoice> choices = parse_learners("linear,trees,trees(loss=mae)");
  fill_slots({{"loss", "huber(1)"}}, choices);
  EXPECT_TRUE(choices[0].settings.empty());
  EXPECT_EQ(text_of(choices[1], "loss"), "huber(1)");
  EXPECT_EQ(text_of(choices[2], "loss"), "mae");
}

TEST(Slots, that_no_choice_has_say_who_has_them) {
  std::vector<LearnerChoice> choices = parse_learners("linear");
  expect_says(complaint_of([&] { fill_slots({{"loss", "mae"}}, choices); }),
              {"--loss", "trees", "found linear", "Add trees to --learner"});
}

TEST(Slots, that_are_numbers_are_read_as_such) {
  std::vector<LearnerChoice> choices = parse_learners("mlp");
  fill_slots({{"batch_size", "64"}, {"dropout", "0.25"}}, choices);
  EXPECT_EQ(std::get<std::int64_t>(choices[0].settings.at("batch_size")), 64);
  EXPECT_EQ(std::get<double>(choices[0].settings.at("dropout")), 0.25);
  expect_says(complaint_of([&] {
                std::vector<LearnerChoice> other = parse_learners("mlp");
                fill_slots({{"batch_size", "many"}}, other);
              }),
              {"mlp.batch_size", "a whole number", "many"});
}

TEST(Slots, with_a_star_are_left_to_the_search) {
  std::vector<LearnerChoice> choices;
  fill_slots({{"activation", "relu,*"}, {"dropout", "0..0.3"}}, choices);
  ASSERT_EQ(choices.size(), 1U);
  EXPECT_EQ(choices[0].name, "mlp");
  EXPECT_EQ(choices[0].stars.at("activation"), "relu,*");
  EXPECT_EQ(choices[0].stars.at("dropout"), "0..0.3");
  EXPECT_TRUE(choices[0].settings.empty());
  const std::vector<LearnerChoice> inside = parse_learners("trees(loss=*, max_leaves=7..31), linear");
  EXPECT_EQ(inside[0].stars.at("loss"), "*");
  EXPECT_EQ(inside[0].stars.at("max_leaves"), "7..31");
  EXPECT_TRUE(inside[1].stars.empty());
  EXPECT_TRUE(parse_learners("*").empty()) << "any learner, as when none is said";
}

TEST(Slots, that_a_choice_fills_itself_keep_what_it_says) {
  std::vector<LearnerChoice> choices = parse_learners("mlp(dropout=*),mlp(dropout=0.2)");
  fill_slots({{"dropout", "0.4"}}, choices);
  EXPECT_TRUE(choices[0].settings.empty());
  EXPECT_EQ(std::get<double>(choices[1].settings.at("dropout")), 0.2);
}

TEST(Slots, with_texts_that_cannot_be_read_point_at_the_character) {
  const auto refused = [](const std::string& learner) {
    return complaint_of([&] { require_sound_texts(parse_learners(learner)); });
  };
  expect_says(refused("trees(loss=focl(2))"), {"Did you mean focal?", "\n  focl(2)\n  ^"});
  expect_says(refused("trees(loss=sqared)"), {"found 'sqared'", "Did you mean squared?"});
  expect_says(refused("trees(loss=absolut)"), {"Did you mean absolute?"});
  expect_says(refused("trees(loss=tweedi)"), {"Did you mean tweedie?"});
  EXPECT_EQ(refused("trees(loss=tweedie(1.7))"), "");
  EXPECT_EQ(refused("trees(loss=gamma)"), "");
  expect_says(refused("mlp(activation=x*gelux(x))"), {"Did you mean gelu?", "\n  x*gelux(x)\n    ^"});
  expect_says(refused("mlp(activation=tanh(x,1,2))"), {"tanh"});
  expect_says(refused("mlp(activation=x*g)"), {"no meaning here"});
  expect_says(refused("mlp(activation=log(-1-x^2))"), {"finite"});
  expect_says(refused("trees(loss=y^2)"), {"slope"});
  expect_says(refused("mlp(architecture=64-big)"), {"big"});
  EXPECT_EQ(refused("trees(loss=squared)"), "");
  EXPECT_EQ(refused("trees(loss=auto)"), "");
}

TEST(Slots, with_a_loss_of_another_kind_of_task_are_refused) {
  const auto refused = [](const std::string& learner, TaskKind kind) {
    return complaint_of([&] { require_fitting_losses(parse_learners(learner), kind); });
  };
  expect_says(refused("trees(loss=focal(2))", TaskKind::regression), {"focal(2)", "a loss of numbers"});
  expect_says(refused("trees(loss=abs(y-p))", TaskKind::regression), {"a loss of numbers"});
  expect_says(refused("trees(loss=huber(1))", TaskKind::binary), {"a loss of classes"});
  EXPECT_EQ(refused("trees(loss=focal(2))", TaskKind::binary), "");
  EXPECT_EQ(refused("trees(loss=log(cosh(y-z)))", TaskKind::regression), "");
}

TEST(Slots, with_a_batch_of_more_rows_than_there_are_are_refused) {
  const auto refused = [](const std::string& learners, std::size_t rows) {
    return complaint_of([&] { require_fitting_batches(parse_learners(learners), rows); });
  };
  expect_says(refused("trees,mlp(batch_size=5000)", 1'437),
              {"mlp.batch_size to 5000", "1,437 rows to fit on", "Give 1437 or less"});
  EXPECT_EQ(refused("mlp(batch_size=5000)", 5'000), "");
  EXPECT_EQ(refused("mlp,trees", 10), "");
}

TEST(Slots, list_what_fits_with_formulas) {
  for (const SystemSlot& slot : slots()) {
    EXPECT_FALSE(slot.doc.empty());
    if (slot.name == "learner") continue;
    EXPECT_FALSE(slot.learners.empty()) << slot.name;
    EXPECT_FALSE(slot.takes.empty()) << slot.name;
    for (const Part& part : slot.parts) EXPECT_FALSE(part.expression.empty()) << part.name;
  }
}

}  // namespace
}  // namespace astrolabe::testing
