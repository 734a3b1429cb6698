// SPDX-License-Identifier: Apache-2.0
// A model file that is whole: what goes in comes out.
#include <bit>
#include <filesystem>

#include "tests/pipeline/model_bytes.h"
#include "tests/pipeline/small_model.h"
#include <gtest/gtest.h>
#include <unistd.h>

#include "astrolabe/base/file.h"

namespace astrolabe::testing {
namespace {

class ModelFile : public ::testing::TestWithParam<TaskKind> {
 protected:
  ThreadPool pool_{1};
};

std::vector<std::uint64_t> bits_of(const std::vector<double>& values) {
  std::vector<std::uint64_t> bits;
  for (const double value : values) bits.push_back(std::bit_cast<std::uint64_t>(value));
  return bits;
}

TEST_P(ModelFile, predicts_the_same_bits_as_the_model_it_was_made_of) {
  const ShippedModel model = small_model(GetParam());
  const ShippedModel loaded = parse_model(serialize_model(model));
  const Table fresh = mixed_table(300, Key::from_seed(2));
  EXPECT_EQ(bits_of(loaded.predict(fresh, pool_)), bits_of(model.predict(fresh, pool_)));
  EXPECT_EQ(serialize_model(loaded), serialize_model(model));
}

TEST_P(ModelFile, predicts_the_same_bits_on_any_thread_count) {
  const ShippedModel model = small_model(GetParam());
  const Table fresh = mixed_table(300, Key::from_seed(2));
  ThreadPool three(3);
  EXPECT_EQ(bits_of(model.predict(fresh, three)), bits_of(model.predict(fresh, pool_)));
}

TEST_P(ModelFile, is_used_on_rows_unlike_any_that_were_seen) {
  EXPECT_TRUE(is_usable(serialize_model(small_model(GetParam())), pool_));
}

TEST_P(ModelFile, predicts_probabilities_that_sum_to_one) {
  const ShippedModel model = small_model(GetParam());
  if (GetParam() == TaskKind::regression) return;
  const std::size_t outputs = model.card().task.outputs();
  const std::vector<double> predicted = model.predict(odd_table(model.wanted_columns()), pool_);
  for (std::size_t row = 0; row * outputs < predicted.size(); ++row) {
    double sum = 0;
    for (std::size_t i = 0; i < outputs; ++i) {
      EXPECT_GE(predicted[row * outputs + i], 0);
      sum += predicted[row * outputs + i];
    }
    if (outputs > 1) {
      EXPECT_NEAR(sum, 1, 1e-12);
    } else {
      EXPECT_LE(sum, 1);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Tasks, ModelFile,
                         ::testing::Values(TaskKind::binary, TaskKind::multiclass, TaskKind::regression),
                         [](const auto& test) { return std::string(task_kind_name(test.param)); });

TEST(ModelFile, of_a_calibrated_model_predicts_its_calibrated_bits) {
  const ShippedModel plain = small_model(TaskKind::binary);
  ModelCard card = plain.card();
  card.calibration = {.kind = CalibrationKind::temperature, .power = 0.5, .curves = {}};
  const ShippedModel calibrated(card, plain.members());
  const Table table = mixed_table(50, Key::from_seed(3));
  ThreadPool pool(2);
  std::vector<double> expected = plain.predict(table, pool);
  card.calibration.apply(expected, 1);
  EXPECT_NE(expected, plain.predict(table, pool));
  EXPECT_EQ(parse_model(serialize_model(calibrated)).predict(table, pool), expected);
}

constexpr std::size_t kVersionAt = 8;

TEST(ModelFile, without_calibration_is_of_the_version_that_knows_none) {
  EXPECT_EQ(serialize_model(small_model(TaskKind::binary))[kVersionAt], 1);
}

// The members of a small model as three systems of a stack.
ShippedModel stack_of(TaskKind kind) {
  const ShippedModel plain = small_model(kind);
  ModelCard card = plain.card();
  card.second_level = SecondLevel{
      .kind = kind, .weights = {0.75, 0.5, 0.125}, .bias = kind == TaskKind::multiclass ? 0 : 0.25};
  std::vector<Member> members = plain.members();
  for (std::size_t i = 0; i < members.size(); ++i) {
    members[i].system = i;
    members[i].weight = card.second_level->weights[i];
  }
  return {std::move(card), std::move(members)};
}

TEST_P(ModelFile, of_a_stack_predicts_what_the_second_level_makes_of_its_systems) {
  const ShippedModel stack = stack_of(GetParam());
  const Table table = mixed_table(50, Key::from_seed(3));
  ThreadPool pool(2);
  std::vector<double> expected;
  for (const Member& member : stack.members()) {
    Member alone = member;
    alone.weight = 1;
    const std::vector<double> said =
        ShippedModel(small_model(GetParam()).card(), {alone}).predict(table, pool);
    expected.resize(said.size(), 0.0);
    stack.card().second_level->add(member.system, said, expected);
  }
  stack.card().second_level->finish(expected, stack.card().task.outputs());
  EXPECT_EQ(stack.predict(table, pool), expected);
  const std::string bytes = serialize_model(stack);
  EXPECT_EQ(bytes[kVersionAt], 3);
  EXPECT_EQ(parse_model(bytes).predict(table, pool), expected);
  EXPECT_EQ(serialize_model(parse_model(bytes)), bytes);
}

TEST(ModelFile, keeps_the_members_that_tell_spreads) {
  const ShippedModel plain = small_model(TaskKind::regression);
  Member spread = plain.members()[0];
  spread.weight = 1;
  spread.system = 0;
  const ShippedModel model(plain.card(), plain.members(), {spread});
  const Table table = mixed_table(50, Key::from_seed(3));
  ThreadPool pool(2);
  const std::vector<double> expected = model.spread(table, pool);
  ASSERT_EQ(expected.size(), 50U);
  for (const double width : expected) EXPECT_GT(width, 0);
  EXPECT_TRUE(plain.spread(table, pool).empty());
  const std::string bytes = serialize_model(model);
  EXPECT_EQ(bytes[kVersionAt], 3);
  EXPECT_EQ(parse_model(bytes).spread(table, pool), expected);
  EXPECT_EQ(parse_model(bytes).predict(table, pool), plain.predict(table, pool));
}

TEST(ModelFileOnDisk, is_written_and_read_again) {
  const std::filesystem::path path =
      std::filesystem::temp_directory_path() / ("astrolabe-model-" + std::to_string(getpid()) + ".astro");
  const ShippedModel model = small_model();
  save_model(model, path);
  const std::string bytes = read_file(path, "model file");
  const ShippedModel loaded = load_model(path);
  std::filesystem::remove(path);
  EXPECT_EQ(bytes, serialize_model(model));
  EXPECT_EQ(serialize_model(loaded), bytes);
}

TEST(ShippedModel, wants_each_column_once_with_the_order_of_its_dates) {
  const ShippedModel model = small_model();
  ASSERT_EQ(model.wanted_columns().size(), 5U);
  for (const WantedColumn& column : model.wanted_columns())
    EXPECT_EQ(column.date_order, column.name == "joined" ? DateOrder::day_first : DateOrder::any)
        << column.name;
}

TEST(ShippedModel, shares_of_importance_sum_to_one_and_fall) {
  const std::vector<ColumnShare> shares = small_model().importance();
  ASSERT_FALSE(shares.empty());
  double total = 0, last = 1;
  for (const ColumnShare& share : shares) {
    EXPECT_LE(share.share, last) << share.column;
    total += last = share.share;
  }
  EXPECT_NEAR(total, 1, 1e-12);
}

TEST(ShippedModel, refuses_a_table_without_a_column_it_needs) {
  const ShippedModel model = small_model();
  const std::vector<std::string> city = {"city"};
  ThreadPool pool(1);
  try {
    static_cast<void>(model.predict(mixed_table(3, Key::from_seed(2)).without_columns(city), pool));
    ADD_FAILURE() << "it predicted";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::bad_input);
    EXPECT_NE(std::string(error.what()).find("'city'"), std::string::npos) << error.what();
  }
}

TEST(ShippedModel, predicts_one_row_and_none) {
  const ShippedModel model = small_model();
  ThreadPool pool(1);
  EXPECT_EQ(model.predict(mixed_table(1, Key::from_seed(2)), pool).size(), 1U);
  EXPECT_TRUE(model.predict(mixed_table(0, Key::from_seed(2)), pool).empty());
}

}  // namespace
}  // namespace astrolabe::testing
