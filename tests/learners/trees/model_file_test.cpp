// SPDX-License-Identifier: Apache-2.0
// Whatever the bytes: loading throws bad_input, or gives a model that is safe to use.
#include <cstring>

#include "tests/fuzz/model_input.h"
#include "tests/learners/trees/old_trees.h"
#include "tests/learners/trees/tables.h"
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "astrolabe/base/error.h"
#include "astrolabe/learners/trees/tree.h"
#include "astrolabe/learners/trees/trees.h"
#include "astrolabe/model/explained_model.h"

namespace astrolabe::trees {
namespace {

using namespace testing;  // NOLINT: the tables of these tests

std::string saved_model(std::uint64_t seed, bool has_linear = false) {
  TrainingData data;
  data.features =
      random_table({.rows = 300, .numeric = 2, .categorical = 1, .missing = 0.1}, Key::from_seed(seed));
  data.labels = labels_for(data.features, TaskKind::binary, 2, Key::from_seed(seed));
  ThreadPool pool(1);
  const SettingValues settings = {
      {"rounds", std::int64_t{3}}, {"max_leaves", std::int64_t{6}}, {"linear_leaves", has_linear}};
  const Budget budget;
  const auto model = trees_learner().fit(
      {.train = data, .settings = settings, .key = Key::from_seed(1), .pool = pool, .budget = budget});
  ArchiveWriter archive;
  model->save(archive);
  return archive.bytes();
}

// True when the bytes were refused.
bool is_refused(std::string_view bytes) {
  ArchiveReader archive(bytes);
  try {
    (void)trees_learner().load(archive, 3, 1);
    archive.require_end();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::bad_input);
    return true;
  }
  return false;
}

TEST(TreesFile, is_read_back) {
  EXPECT_FALSE(is_refused(saved_model(1)));
  EXPECT_FALSE(is_refused(saved_model(1, true)));
}

TEST(TreesFile, cut_anywhere_is_refused) {
  for (const bool has_linear : {false, true}) {
    const std::string whole = saved_model(1, has_linear);
    for (std::size_t size = 0; size < whole.size(); ++size)
      EXPECT_TRUE(is_refused(whole.substr(0, size))) << size;
  }
}

TEST(TreesFile, for_another_number_of_features_or_outputs_is_refused) {
  const std::string whole = saved_model(1);
  for (const auto& [features, outputs] : {std::pair{2U, 1U}, {4U, 1U}, {3U, 2U}, {3U, 0U}}) {
    ArchiveReader archive(whole);
    EXPECT_THROW((void)trees_learner().load(archive, features, outputs), Error);
  }
}

// As version 1 wrote it: no text of a loss, no covers. One tree: feature 0 <= 1 is 2, else 3.
std::string bytes_of_version_1() {
  ArchiveWriter archive;
  archive.put<std::uint8_t>(1);
  archive.put<std::uint8_t>(0);  // squared
  archive.put<std::uint8_t>(0);
  archive.put_array<double>(std::vector<double>{0.5});
  archive.put_array<std::uint32_t>(std::vector<std::uint32_t>{0});
  archive.put_array<double>(std::vector<double>{1, 0, 0});
  archive.put<std::uint64_t>(1);
  archive.put<std::uint32_t>(1);
  archive.put<std::uint32_t>(0);
  archive.put<float>(1);
  archive.put<std::int32_t>(~0);
  archive.put<std::int32_t>(~1);
  archive.put<std::uint32_t>(0);
  archive.put<std::uint32_t>(0);
  archive.put<std::uint8_t>(1);
  archive.put_array<double>(std::vector<double>{2, 3});
  archive.put_array<std::uint32_t>(std::vector<std::uint32_t>{});
  return archive.bytes();
}

TEST(TreesFile, of_before_covers_predicts_but_cannot_explain) {
  const std::string bytes = bytes_of_version_1();
  ArchiveReader archive(bytes);
  const auto model = trees_learner().load(archive, 3, 1);
  archive.require_end();
  const FeatureMatrix table = TableMaker(3).add({1, 1.5F, kMissing}).add({0, 0, 0}).add({0, 0, 0}).make();
  std::vector<double> out(3);
  model->predict(table, out);
  EXPECT_EQ(out, (std::vector<double>{2.5, 3.5, 2.5}));
  const auto* const explained = dynamic_cast<const ExplainedModel*>(model.get());
  ASSERT_NE(explained, nullptr);
  ThreadPool pool(1);
  std::vector<double> moved(9);
  try {
    explained->explain(table, moved, pool);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::bad_input);
    EXPECT_NE(std::string(error.what()).find("Train the model again"), std::string::npos) << error.what();
  }
  ArchiveWriter again;  // in the newest version
  model->save(again);
  ArchiveReader newest(again.bytes());
  const auto reread = trees_learner().load(newest, 3, 1);
  newest.require_end();
  reread->predict(table, out);
  EXPECT_EQ(out, (std::vector<double>{2.5, 3.5, 2.5}));
}

// What many rows and explanations go through; load_and_use predicts few rows.
void use_all_ways(const Model& model) {
  const FeatureMatrix many =
      random_table({.rows = 1100, .numeric = 2, .categorical = 1, .missing = 0.1}, Key::from_seed(9));
  std::vector<double> out(many.rows);
  model.predict(many, out);
  const std::vector<std::uint32_t> some = {0, 511, 512, 1099};
  const FeatureMatrix few = many.take_rows(some);
  std::vector<double> again(some.size());
  model.predict(few, again);
  for (std::size_t i = 0; i < some.size(); ++i)
    RC_ASSERT(std::memcmp(&again[i], &out[some[i]], sizeof(double)) == 0);
  ThreadPool pool(1);
  std::vector<double> moved(some.size() * 3);
  try {
    dynamic_cast<const ExplainedModel&>(model).explain(few, moved, pool);
  } catch (const Error& error) {
    RC_ASSERT(error.kind() == ErrorKind::bad_input);
  }
}

RC_GTEST_PROP(TreesFile, with_any_bytes_changed_is_refused_or_safe, ()) {
  std::string bytes = saved_model(*rc::gen::inRange<std::uint64_t>(1, 4), *rc::gen::arbitrary<bool>());
  const auto changes = *rc::gen::container<std::vector<std::pair<std::uint32_t, std::uint8_t>>>(
      rc::gen::pair(rc::gen::arbitrary<std::uint32_t>(), rc::gen::arbitrary<std::uint8_t>()));
  for (const auto& [at, value] : changes) bytes[at % bytes.size()] = static_cast<char>(value);
  if (fuzz::load_and_use(trees_learner(), bytes, 1).empty()) return;
  ArchiveReader archive(bytes);
  use_all_ways(*trees_learner().load(archive, 3, 1));
}

// Slopes for three leaves, with one thing wrong.
void spoil_slopes(Tree& tree, const std::function<void(LinearLeaves&)>& spoil) {
  tree.linear.starts = {0, 0, 1, 2};
  tree.linear.terms.assign(2, {.feature = 0, .low = -1, .high = 1, .centre = 0, .slope = 2});
  spoil(tree.linear);
}

// A tree of two nodes and three leaves, with one thing wrong.
std::string tree_bytes(const std::function<void(Tree&)>& spoil) {
  Tree tree;
  tree.nodes = {{.feature = 0, .threshold = 1, .left = 1, .right = ~0},
                {.feature = 1, .left = ~1, .right = ~2, .set_begin = 0, .set_words = 1}};
  tree.leaves = {1, 2, 3};
  tree.sets = {5};
  spoil(tree);
  ArchiveWriter archive;
  put_old_tree(archive, tree, !tree.linear.starts.empty());
  return archive.bytes();
}

void expect_damaged(const std::function<void(Tree&)>& spoil, const std::string& what) {
  Tree spoilt;
  spoilt.nodes.resize(2);
  spoilt.leaves.resize(3);
  spoilt.sets.resize(1);
  spoil(spoilt);
  const std::string bytes = tree_bytes(spoil);
  ArchiveReader archive(bytes);
  try {
    (void)Tree::load(archive, 2, {.has_linear = !spoilt.linear.starts.empty()});
    FAIL() << what;
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::bad_input);
    EXPECT_NE(std::string(error.what()).find(what), std::string::npos) << error.what();
  }
}

TEST(TreeFileErrors, each_kind_of_damage_is_named) {
  EXPECT_NO_THROW({
    const std::string bytes = tree_bytes([](Tree&) {});
    ArchiveReader archive(bytes);
    (void)Tree::load(archive, 2, {});
  });
  const float nan = kMissing;
  expect_damaged([](Tree& t) { t.nodes[0].left = 0; }, "a child in a tree");
  expect_damaged([](Tree& t) { t.nodes[1].left = 0; }, "a child in a tree");
  expect_damaged([](Tree& t) { t.nodes[1].left = 1; }, "a child in a tree");
  expect_damaged([](Tree& t) { t.nodes[1].left = ~0; }, "a child in a tree");
  expect_damaged([](Tree& t) { t.nodes[0].left = 2; }, "a child in a tree");
  expect_damaged([](Tree& t) { t.nodes[1].right = ~3; }, "a child in a tree");
  expect_damaged([](Tree& t) { t.nodes[1].right = INT32_MIN; }, "a child in a tree");
  expect_damaged([](Tree& t) { t.leaves.pop_back(); }, "the number of leaves");
  expect_damaged([](Tree& t) { t.leaves.push_back(0); }, "the number of leaves");
  expect_damaged([&](Tree& t) { t.leaves[1] = nan; }, "the value of a leaf");
  expect_damaged([](Tree& t) { t.covers = {1, 2}; }, "the covers of a tree");
  expect_damaged([](Tree& t) { t.covers = {1, 0, 2}; }, "the cover of a leaf");
  expect_damaged([&](Tree& t) { t.covers = {1, nan, 2}; }, "the cover of a leaf");
  expect_damaged([](Tree& t) { t.nodes[0].feature = 2; }, "a feature in a tree");
  expect_damaged([&](Tree& t) { t.nodes[0].threshold = nan; }, "a threshold in a tree");
  expect_damaged([](Tree& t) { t.nodes[0].threshold = -std::numeric_limits<float>::infinity(); },
                 "a threshold in a tree");
  expect_damaged([](Tree& t) { t.nodes[1].set_words = 2; }, "a set of categories");
  expect_damaged([](Tree& t) { t.nodes[1].set_begin = UINT32_MAX; }, "a set of categories");
  expect_damaged([](Tree& t) { t.nodes[0].set_words = 1; },
                 "a set of categories");  // the one that another has
  const auto slopes_damaged = [&](const std::function<void(LinearLeaves&)>& spoil, const std::string& what) {
    expect_damaged([&](Tree& t) { spoil_slopes(t, spoil); }, what);
  };
  slopes_damaged([](LinearLeaves& l) { l.starts = {0, 1, 2}; }, "where the terms");
  slopes_damaged([](LinearLeaves& l) { l.starts = {1, 1, 1, 2}; }, "where the terms");
  slopes_damaged([](LinearLeaves& l) { l.starts = {0, 2, 1, 2}; }, "where the terms");
  slopes_damaged([](LinearLeaves& l) { l.starts = {0, 0, 1, 3}; }, "where the terms");
  slopes_damaged([](LinearLeaves& l) { l.starts = {0, 0, 0, 0}; }, "where the terms");
  slopes_damaged([](LinearLeaves& l) { l.terms[1].feature = 2; }, "a feature of a leaf");
  slopes_damaged([](LinearLeaves& l) { l.terms[1].low = 3; }, "a slope of a leaf");
  slopes_damaged([&](LinearLeaves& l) { l.terms[0].high = nan; }, "a slope of a leaf");
  slopes_damaged([&](LinearLeaves& l) { l.terms[0].centre = std::nan(""); }, "a slope of a leaf");
  slopes_damaged([&](LinearLeaves& l) { l.terms[0].slope = std::numeric_limits<double>::infinity(); },
                 "a slope of a leaf");
  slopes_damaged(
      [&](LinearLeaves& l) {
        l.terms[0].slope = 1e300;
        l.terms[0].high = 1e30F;
      },
      "a slope of a leaf");
}

}  // namespace
}  // namespace astrolabe::trees
