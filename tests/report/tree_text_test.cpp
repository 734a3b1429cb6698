// SPDX-License-Identifier: Apache-2.0
// A tree in words and as a picture.
#include "astrolabe/report/tree_text.h"

#include <limits>

#include <gtest/gtest.h>

#include "astrolabe/base/error.h"
#include "astrolabe/report/tree_drawing.h"

namespace astrolabe {
namespace {

ShownTree small_tree() {
  ShownTree tree;
  tree.features = {"age", "city"};
  tree.codes = {{}, {"Rome", "Oslo", "Bern", "Nice", "Köln", "Graz"}};
  tree.view.nodes = {{.feature = 0, .threshold = 27.5F, .missing_left = true, .left = 1, .right = ~0},
                     {.feature = 1, .is_categorical = true, .set = {0b1U}, .left = ~1, .right = ~2}};
  tree.view.leaves = {0.1204, 0.03125, -0.0011};
  tree.view.covers = {230, 208, 1202};
  return tree;
}

TEST(TreeText, says_what_each_node_asks) {
  EXPECT_EQ(tree_text(small_tree()),
            "age <= 27.5 or missing      1,640 rows\n"
            "├─ yes  city is Rome        1,410\n"
            "│  ├─ yes  +0.03125           208\n"
            "│  └─ no   -0.0011          1,202\n"
            "└─ no   +0.1204               230\n");
}

TEST(TreeText, writes_slopes_behind_the_constant) {
  ShownTree tree = small_tree();
  tree.view.slopes = {{}, {{.feature = 0, .centre = 38.2, .slope = 0.0021, .low = 18, .high = 90}}, {}};
  EXPECT_NE(tree_text(tree).find("+0.03125 +0.0021 (age -38.2) "), std::string::npos) << tree_text(tree);
  EXPECT_NE(tree_text(tree).find("no   +0.1204   "), std::string::npos);
  EXPECT_NE(tree_drawing(tree, "t").find("<title>+0.03125 +0.0021 (age -38.2)</title>"), std::string::npos);
}

TEST(TreeText, without_covers_counts_no_rows) {
  ShownTree tree = small_tree();
  tree.view.covers.clear();
  EXPECT_EQ(tree_text(tree).find("rows"), std::string::npos);
  EXPECT_NE(tree_text(tree).find("└─ no   +0.1204\n"), std::string::npos);
}

TEST(TreeText, of_a_single_leaf_is_its_value) {
  ShownTree tree;
  tree.view.leaves = {0.5};
  EXPECT_EQ(tree_text(tree), "+0.5\n");
  EXPECT_NE(tree_drawing(tree, "t").find("+0.5"), std::string::npos);
}

TEST(TreeText, lists_the_shorter_side_of_a_set) {
  ShownTree tree = small_tree();
  const auto with = [&](std::vector<std::uint32_t> set, bool missing_left) {
    tree.view.nodes[1].set = std::move(set);
    tree.view.nodes[1].missing_left = missing_left;
    return question(tree, 1);
  };
  EXPECT_EQ(with({0b11U}, false), "city is Rome or Oslo");
  EXPECT_EQ(with({0b11110U}, true), "city is not Rome or Graz or missing");
  EXPECT_EQ(with({0b111111U}, false), "city is known");
  EXPECT_EQ(with({}, true), "city is known or missing");  // codes beyond the set go where missing cells do
  tree.codes[1].insert(tree.codes[1].end(), 6, "x");
  EXPECT_EQ(with({0b111111U}, false), "city is Rome, Oslo, Bern or 3 more");
}

TEST(TreeText, of_an_infinite_threshold_asks_whether_the_cell_is_there) {
  ShownTree tree = small_tree();
  tree.view.nodes[0].threshold = std::numeric_limits<float>::infinity();
  tree.view.nodes[0].missing_left = false;
  EXPECT_EQ(question(tree, 0), "age is known");
}

TEST(TreeText, of_a_chain_ends_somewhere) {
  ShownTree tree;
  tree.features = {"x"};
  tree.codes = {{}};
  for (std::int32_t at = 0; at < 1000; ++at)
    tree.view.nodes.push_back({.feature = 0, .left = at == 999 ? ~1000 : at + 1, .right = ~at});
  tree.view.leaves.assign(1001, 0.0);
  const std::string text = tree_text(tree);
  EXPECT_NE(text.find("deeper than is shown"), std::string::npos);
  EXPECT_THROW((void)tree_drawing(tree, "t"), Error);
}

TEST(TreeDrawing, is_one_svg_whose_names_are_escaped) {
  ShownTree tree = small_tree();
  tree.features[0] = "<script>alert(1)</script>";
  tree.codes[1][0] = "\" onload=\"x";
  tree.codes[1][1] = "é&" + std::string(200, 'x');
  tree.view.nodes[1].set = {0b11U};
  const std::string svg = tree_drawing(tree, "a < b");
  EXPECT_EQ(svg.rfind("<svg xmlns=", 0), 0U);
  EXPECT_EQ(svg.substr(svg.size() - 6), "</svg>");
  EXPECT_EQ(svg.find("<script"), std::string::npos);
  EXPECT_EQ(svg.find("\" onload"), std::string::npos);
  EXPECT_EQ(svg.find("&hellip;"), std::string::npos) << "no entity of XML";
  EXPECT_NE(svg.find("a &lt; b"), std::string::npos);
  for (const char* leaf : {"+0.1204", "+0.03125", "-0.0011", "1,202"})
    EXPECT_NE(svg.find(leaf), std::string::npos);
}

TEST(TreeDrawing, of_too_many_leaves_is_refused) {
  ShownTree tree;
  tree.view.leaves.assign(513, 0.0);
  EXPECT_THROW((void)tree_drawing(tree, "t"), Error);
}

}  // namespace
}  // namespace astrolabe
