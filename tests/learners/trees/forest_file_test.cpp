// SPDX-License-Identifier: Apache-2.0
// Packed trees: what is written is read back, old files are still read, and no bytes do harm.
#include "astrolabe/learners/trees/forest_file.h"

#include <cmath>
#include <limits>

#include "tests/learners/trees/fits.h"
#include "tests/learners/trees/old_trees.h"
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "astrolabe/learners/trees/forest_learner.h"
#include "astrolabe/learners/trees/packed_items.h"
#include "astrolabe/model/tree_view.h"

namespace astrolabe::trees {
namespace {

using namespace testing;  // NOLINT: the tables of these tests

bool same_nodes(const Tree& a, const Tree& b) {
  return std::ranges::equal(a.nodes, b.nodes, [](const Tree::Node& x, const Tree::Node& y) {
    return x.feature == y.feature && x.threshold == y.threshold && x.left == y.left && x.right == y.right &&
           x.set_begin == y.set_begin && x.set_words == y.set_words && x.missing_left == y.missing_left;
  });
}

// Two trees in an odd order: categories, covers of one of them only, infinity, slopes on request.
Forest odd_forest(bool has_linear = false) {
  Forest forest;
  forest.initial = {0.5};
  forest.features = {0, 1, 2};
  Tree tree;
  tree.nodes = {{.feature = 0, .threshold = 1, .left = 2, .right = 1},
                {.feature = 1, .left = ~0, .right = ~3, .set_begin = 1, .set_words = 2, .missing_left = true},
                {.feature = 2, .threshold = std::numeric_limits<float>::infinity(), .left = ~2, .right = ~1}};
  tree.leaves = {1, 2, 3, 4};
  tree.sets = {9, 5, 6};
  tree.covers = {10, 20, 30, 40};
  if (has_linear) {
    tree.linear.starts = {0, 1, 1, 3, 3};
    tree.linear.terms = {{.feature = 0, .low = -1, .high = 1, .centre = 0, .slope = 2},
                         {.feature = 2, .low = -2, .high = 1, .centre = 0.5, .slope = 3},
                         {.feature = 0, .low = -2, .high = 2, .centre = 0.25, .slope = -1}};
  }
  forest.trees.push_back(tree);
  Tree leaf;
  leaf.leaves = {-7};
  forest.trees.push_back(leaf);
  return forest;
}

const FeatureMatrix& odd_rows() {
  static const FeatureMatrix rows = TableMaker(6)
                                        .add({0, 2, 1, 1.5F, kMissing, 7})
                                        .add({0, 1, 5, 32, kMissing, 70}, 64)
                                        .add({0, 1, -1, kMissing, std::numeric_limits<float>::infinity(), 3})
                                        .make();
  return rows;
}

std::vector<double> predicted_by(const Learner& learner, const std::string& bytes, std::size_t outputs = 1) {
  ArchiveReader archive(bytes);
  const auto model = learner.load(archive, 3, outputs);
  archive.require_end();
  return predictions_of(*model, odd_rows());
}

std::string saved_again(const Learner& learner, const std::string& bytes, std::size_t outputs = 1) {
  ArchiveReader archive(bytes);
  return bytes_of(*learner.load(archive, 3, outputs));
}

TEST(ForestFile, holds_the_trees_in_preorder) {
  const Forest forest = odd_forest(true);
  ArchiveWriter archive;
  save_trees(archive, forest);
  ArchiveReader reader(archive.bytes());
  const std::vector<Tree> read = load_trees(reader, 3, 1);
  reader.require_end();
  ASSERT_EQ(read.size(), 2U);
  for (std::size_t i = 0; i < 2; ++i) {
    const Tree expected = in_preorder(forest.trees[i], 1);
    EXPECT_TRUE(same_nodes(read[i], expected));
    EXPECT_EQ(read[i].leaves, expected.leaves);
    EXPECT_EQ(read[i].covers, expected.covers);
    EXPECT_EQ(read[i].sets, expected.sets);
    EXPECT_EQ(read[i].linear.starts, expected.linear.starts);
  }
  EXPECT_EQ(read[0].leaves, (std::vector<double>{3, 2, 1, 4})) << "from left to right";
  EXPECT_EQ(read[0].covers, (std::vector<float>{30, 20, 10, 40}));
  EXPECT_EQ(read[0].sets, (std::vector<std::uint32_t>{5, 6})) << "those that a node has";
  EXPECT_EQ(read[0].linear.starts, (std::vector<std::uint32_t>{0, 2, 2, 3, 3}));
  EXPECT_EQ(read[0].linear.terms[0].slope, 3);
}

// As they were written before trees were packed: each says the same as ever, and as its newest file.
TEST(ForestFile, of_formats_3_4_and_5_is_still_read) {
  for (const std::uint8_t format : {std::uint8_t{3}, std::uint8_t{4}, std::uint8_t{5}}) {
    const Forest forest = odd_forest(format == 5);
    const Learner& learner = format == 4 ? forest_learner() : trees_learner();
    const std::string old = old_model(format, forest, 3);
    std::vector<double> expected(6);
    forest.score(odd_rows(), 0, 6, expected);
    EXPECT_EQ(predicted_by(learner, old), expected);
    const std::string newest = saved_again(learner, old);
    EXPECT_EQ(newest[0], format == 4 ? 7 : 6);
    EXPECT_EQ(predicted_by(learner, newest), expected);
    EXPECT_EQ(saved_again(learner, newest), newest);
  }
}

TEST(ForestFile, of_a_forest_is_a_fraction_of_the_old_one) {
  for (const auto& [kind, classes] :
       {std::pair{TaskKind::regression, 0U}, {TaskKind::binary, 2U}, {TaskKind::multiclass, 5U}}) {
    const TrainingData data =
        make_data(kind, classes, {.rows = 1500, .numeric = 3, .categorical = 1, .missing = 0.05}, 3);
    ThreadPool pool(1);
    const Budget budget;
    const SettingValues settings = {{"trees", std::int64_t{40}}};
    const auto model = forest_learner().fit(
        {.train = data, .settings = settings, .key = Key::from_seed(1), .pool = pool, .budget = budget});
    const std::string packed = bytes_of(*model);
    ArchiveReader archive(packed);
    const auto read = forest_learner().load(archive, 4, data.labels.outputs());
    archive.require_end();
    EXPECT_EQ(predictions_of(*read, data.features), predictions_of(*model, data.features));
    EXPECT_EQ(bytes_of(*read), packed);
    std::size_t old = 0;
    const auto& views = dynamic_cast<const TreesToView&>(*model);
    const std::size_t values = kind == TaskKind::multiclass ? classes : 1;
    for (std::size_t tree = 0; tree < views.trees(); tree += values) {
      const TreeView view = views.view_tree(tree);
      old += 25 * view.nodes.size() + (4 + 8 * values) * view.leaves.size();
    }
    EXPECT_LT(5 * packed.size(), old) << packed.size() << " of " << old;
  }
}

// The bytes of one tree with one thing wrong.
void expect_damaged(const std::function<void(Forest&)>& spoil, const std::string& what) {
  Forest forest = odd_forest();
  spoil(forest);
  ArchiveWriter archive;
  save_trees(archive, forest);
  ArchiveReader reader(archive.bytes());
  try {
    (void)load_trees(reader, 3, 1);
    FAIL() << what;
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::bad_input);
    EXPECT_NE(std::string(error.what()).find(what), std::string::npos) << error.what();
  }
}

TEST(ForestFileErrors, each_kind_of_damage_is_named) {
  expect_damaged([](Forest& f) { f.trees[0].nodes[0].feature = 3; }, "a feature in a tree");
  expect_damaged([](Forest& f) { f.trees[0].nodes[0].threshold = kMissing; }, "a threshold in a tree");
  expect_damaged([](Forest& f) { f.trees[0].leaves[2] = std::nan(""); }, "the value of a leaf");
  expect_damaged([](Forest& f) { f.trees[0].covers[2] = 0; }, "the cover of a leaf");
}

TEST(ForestFileErrors, shapes_that_are_no_trees_are_refused) {
  // A tree of one node: node, leaf, leaf, from the lowest bit on.
  const auto refused = [](std::uint64_t bits, std::uint32_t nodes, std::size_t words = 1) {
    ArchiveWriter archive;
    archive.put_array<std::uint32_t>(std::vector<std::uint32_t>{nodes});
    archive.put_array<std::uint64_t>(std::vector<std::uint64_t>(words, bits));
    put_packed<std::uint32_t>(archive, std::vector<std::uint32_t>(nodes, 0));
    put_packed<std::uint8_t>(archive, std::vector<std::uint8_t>(nodes, 0));
    put_packed<std::uint8_t>(archive, std::vector<std::uint8_t>(nodes, 0));
    put_packed<float>(archive, std::vector<float>(nodes, 1.0F));
    put_packed<std::uint32_t>(archive, std::vector<std::uint32_t>{});
    put_packed<std::uint32_t>(archive, std::vector<std::uint32_t>{});
    put_packed<double>(archive, std::vector<double>(nodes + 1, 2.0));
    put_packed<std::uint8_t>(archive, std::vector<std::uint8_t>{0});
    put_packed<float>(archive, std::vector<float>{});
    archive.put<std::uint8_t>(0);
    ArchiveReader reader(archive.bytes());
    try {
      (void)load_trees(reader, 1, 1);
      return false;
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::bad_input);
      return true;
    }
  };
  EXPECT_FALSE(refused(0b001, 1));
  EXPECT_FALSE(refused(0b00011, 2));
  EXPECT_FALSE(refused(0b00101, 2));
  EXPECT_TRUE(refused(0b000, 1)) << "leaves only";
  EXPECT_TRUE(refused(0b011, 1)) << "another node";
  EXPECT_TRUE(refused(0b010, 1)) << "a leaf, and what follows it";
  EXPECT_TRUE(refused(0b01001, 2)) << "two trees";
  EXPECT_TRUE(refused(0b001, 1, 2)) << "too many bits";
  EXPECT_TRUE(refused(0b001, 1, 0)) << "none";
  EXPECT_TRUE(refused(0b1, 65'536, 2049)) << "too many nodes";
}

RC_GTEST_PROP(PackedItems, are_read_back, ()) {
  const auto width = *rc::gen::inRange<std::size_t>(1, 4);
  const auto most = *rc::gen::inRange<std::uint32_t>(1, 3000);
  auto numbers = *rc::gen::container<std::vector<std::uint32_t>>(rc::gen::inRange<std::uint32_t>(0, most));
  numbers.resize(numbers.size() / width * width);
  ArchiveWriter archive;
  put_packed<std::uint32_t>(archive, numbers, width);
  RC_ASSERT(archive.bytes().size() <= 9 + 4 * numbers.size());
  ArchiveReader reader(archive.bytes());
  RC_ASSERT(get_packed<std::uint32_t>(reader, numbers.size() / width, width) == numbers);
  reader.require_end();
}

RC_GTEST_PROP(PackedItems, of_any_bytes_are_refused_or_safe, ()) {
  const auto bytes = *rc::gen::container<std::string>(rc::gen::arbitrary<char>());
  const auto count = *rc::gen::inRange<std::size_t>(0, 40);
  ArchiveReader reader(bytes);
  try {
    RC_ASSERT(get_packed<double>(reader, count, 2).size() == 2 * count);
  } catch (const Error& error) {
    RC_ASSERT(error.kind() == ErrorKind::bad_input);
  }
}

TEST(PackedItems, take_as_few_bits_as_they_differ) {
  const auto size = [](const std::vector<std::uint64_t>& numbers) {
    ArchiveWriter archive;
    put_packed<std::uint64_t>(archive, numbers);
    ArchiveReader reader(archive.bytes());
    EXPECT_EQ(get_packed<std::uint64_t>(reader, numbers.size()), numbers);
    return archive.bytes().size();
  };
  std::vector<std::uint64_t> numbers(6400, 5);
  EXPECT_EQ(size(numbers), 1U + 8 + 8 + 8 + 6400 / 8) << "one bit each";
  for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = i % 33;
  EXPECT_EQ(size(numbers), 1U + 8 + 33 * 8 + 8 + 6400 * 6 / 8);
  for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = i;
  EXPECT_EQ(size(numbers), 1U + 8 + 6400 * 8) << "as they are";
  EXPECT_EQ(size({}), 9U);
}

TEST(PackedItemsErrors, that_claim_more_than_they_hold_are_refused) {
  const auto refused = [](const ArchiveWriter& archive, std::size_t count) {
    ArchiveReader reader(archive.bytes());
    try {
      (void)get_packed<std::uint32_t>(reader, count);
      return false;
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::bad_input);
      return true;
    }
  };
  const auto packed = [](std::uint8_t mode, std::size_t table, const std::vector<std::uint64_t>& words) {
    ArchiveWriter archive;
    archive.put(mode);
    archive.put_text(std::string(table, 'x'));
    if (mode == 1) archive.put_array<std::uint64_t>(words);
    return archive;
  };
  EXPECT_FALSE(refused(packed(1, 12, {0b1001}), 3));
  EXPECT_TRUE(refused(packed(1, 12, {0b1101}), 2)) << "a number that no item has";
  EXPECT_TRUE(refused(packed(1, 12, {0}), 33)) << "too few bits";
  EXPECT_TRUE(refused(packed(1, 12, {0, 0}), 3)) << "too many";
  EXPECT_TRUE(refused(packed(1, 12, {0}), std::size_t{1} << 62)) << "as many as no memory holds";
  EXPECT_TRUE(refused(packed(1, 11, {0}), 3)) << "part of an item";
  EXPECT_TRUE(refused(packed(1, 0, {0}), 3)) << "no items";
  EXPECT_TRUE(refused(packed(0, 12, {}), 2)) << "another number";
  EXPECT_TRUE(refused(packed(2, 12, {}), 3)) << "another way";
}

}  // namespace
}  // namespace astrolabe::trees
