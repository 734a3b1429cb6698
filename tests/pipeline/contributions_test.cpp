// SPDX-License-Identifier: Apache-2.0
// What moved each prediction, by the columns of the table.
#include "astrolabe/pipeline/contributions.h"

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <numeric>

#include "tests/pipeline/small_model.h"
#include <gtest/gtest.h>

#include "astrolabe/base/error.h"
#include "astrolabe/evaluate/candidate.h"
#include "astrolabe/model/tree_view.h"
#include "astrolabe/pipeline/catalog.h"

namespace astrolabe {
namespace {

using testing::mixed_table;
using testing::small_model;

ShippedModel trees_only(TaskKind kind, std::size_t copies = 1) {
  const ShippedModel model = small_model(kind);
  std::vector<Member> members(copies, model.members()[0]);
  for (Member& member : members) member.weight = 1 / static_cast<double>(copies);
  return {model.card(), std::move(members)};
}

double sum_of(const Contributions& moved, std::size_t row, std::size_t output) {
  double sum = moved.expected[output];
  for (std::size_t column = 0; column < moved.columns.size(); ++column) sum += moved.of(row, output, column);
  return sum;
}

TEST(Contributions, of_numbers_sum_to_the_prediction) {
  const ShippedModel model = trees_only(TaskKind::regression, 2);
  const Table table = mixed_table(50, Key::from_seed(5));
  ThreadPool pool(2);
  const std::vector<double> predicted = model.predict(table, pool);
  const Contributions moved = find_contributions(model, table, pool);
  EXPECT_GE(moved.columns.size(), 3U);
  for (std::size_t row = 0; row < 50; ++row) EXPECT_NEAR(sum_of(moved, row, 0), predicted[row], 1e-10);
}

TEST(Contributions, of_two_classes_sum_to_the_log_odds) {
  const ShippedModel model = trees_only(TaskKind::binary);
  const Table table = mixed_table(50, Key::from_seed(6));
  ThreadPool pool(1);
  const std::vector<double> predicted = model.predict(table, pool);
  const Contributions moved = find_contributions(model, table, pool);
  bool any = false;
  for (std::size_t row = 0; row < 50; ++row) {
    EXPECT_NEAR(sum_of(moved, row, 0), std::log(predicted[row] / (1 - predicted[row])), 1e-9);
    any = any || moved.of(row, 0, 0) != 0;
  }
  EXPECT_TRUE(any);
}

TEST(Contributions, of_a_stack_sum_to_the_log_odds) {
  const ShippedModel plain = trees_only(TaskKind::binary, 2);
  ModelCard card = plain.card();
  card.second_level = SecondLevel{.kind = TaskKind::binary, .weights = {0.75, 0.5}, .bias = 0.25};
  std::vector<Member> members = plain.members();
  for (std::size_t i = 0; i < 2; ++i) {
    members[i].system = i;
    members[i].weight = card.second_level->weights[i];
  }
  const ShippedModel stack(card, members);
  const Table table = mixed_table(50, Key::from_seed(6));
  ThreadPool pool(1);
  const std::vector<double> predicted = stack.predict(table, pool);
  const Contributions moved = find_contributions(stack, table, pool);
  for (std::size_t row = 0; row < 50; ++row)
    EXPECT_NEAR(sum_of(moved, row, 0), std::log(predicted[row] / (1 - predicted[row])), 1e-9);
}

TEST(Contributions, of_several_classes_sum_to_scores_whose_softmax_is_the_prediction) {
  const ShippedModel model = trees_only(TaskKind::multiclass);
  const Table table = mixed_table(30, Key::from_seed(7));
  ThreadPool pool(1);
  const std::vector<double> predicted = model.predict(table, pool);
  const Contributions moved = find_contributions(model, table, pool);
  ASSERT_EQ(moved.outputs, 3U);
  for (std::size_t row = 0; row < 30; ++row) {
    for (std::size_t k = 1; k < 3; ++k)
      EXPECT_NEAR(sum_of(moved, row, k) - sum_of(moved, row, 0),
                  std::log(predicted[3 * row + k] / predicted[3 * row]), 1e-9);
  }
}

TEST(Contributions, of_a_member_that_cannot_tell_are_refused) {
  ThreadPool pool(1);
  try {
    (void)find_contributions(small_model(), mixed_table(3, Key::from_seed(1)), pool);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::usage);
    EXPECT_NE(std::string(error.what()).find("linear"), std::string::npos) << error.what();
  }
}

TEST(Contributions, of_a_real_table_add_up) {
  const char* const folder = std::getenv("ASTROLABE_DATA");
  if (folder == nullptr) GTEST_SKIP() << "ASTROLABE_DATA is not set: the shared data is not here";
  ThreadPool pool(1);
  const Table whole = read_table(std::filesystem::path(folder) / "tabular" / "adult.data.gz", {}, pool).table;
  std::vector<RowIndex> rows(4000);
  std::iota(rows.begin(), rows.end(), RowIndex{0});
  const Table some = whole.take_rows(rows);
  const Column& income = some.columns().back();
  Labels labels{.kind = TaskKind::binary, .classes = 2, .values = {}, .weights = {}};
  for (std::size_t row = 0; row < rows.size(); ++row)
    labels.values.push_back(income.cell(row) == ">50K" ? 1 : 0);
  const std::vector<std::string> target = {income.name};
  const Table features = some.without_columns(target);
  const FittedCandidate fitted = fit_candidate(
      {.learner = find_learner("trees"), .settings = {{"rounds", std::int64_t{60}}}, .name = "trees"},
      {.table = features,
       .labels = labels,
       .train = rows,
       .key = Key::from_seed(1),
       .pool = pool,
       .budget = Budget()});
  ModelCard card = small_model(TaskKind::binary).card();
  const ShippedModel model(
      card,
      {{.learner = "trees", .settings = {}, .weight = 1, .encoder = fitted.encoder, .model = fitted.model}});
  std::vector<RowIndex> explained(200);
  std::iota(explained.begin(), explained.end(), RowIndex{100});
  const Table table = features.take_rows(explained);
  const std::vector<double> predicted = model.predict(table, pool);
  const Contributions moved = find_contributions(model, table, pool);
  for (std::size_t row = 0; row < explained.size(); ++row)
    EXPECT_NEAR(sum_of(moved, row, 0), std::log(predicted[row] / (1 - predicted[row])), 1e-9);
}

TEST(TreesOfAModel, have_names_for_all_that_they_ask) {
  const ShippedModel model = small_model();
  const auto* const trees = dynamic_cast<const TreesToView*>(model.members()[0].model.get());
  ASSERT_NE(trees, nullptr);
  const auto names = model.members()[0].encoder->names_of_codes();
  const auto& features = *model.members()[0].encoder->features();
  ASSERT_EQ(names.size(), features.size());
  for (std::size_t i = 0; i < features.size(); ++i)
    EXPECT_EQ(names[i].size(), features[i].kind == FeatureKind::categorical ? features[i].categories : 0);
  ASSERT_GT(trees->trees(), 0U);
  const TreeView view = trees->view_tree(0);
  EXPECT_EQ(view.leaves.size(), view.nodes.size() + 1);
  EXPECT_EQ(std::accumulate(view.covers.begin(), view.covers.end(), 0.0), 80);
}

}  // namespace
}  // namespace astrolabe
