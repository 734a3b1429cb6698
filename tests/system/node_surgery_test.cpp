// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/system/node_surgery.h"

#include <algorithm>
#include <set>

#include <gtest/gtest.h>

#include "astrolabe/base/error.h"
#include "astrolabe/parts/catalog.h"
#include "astrolabe/system/equivalence.h"

namespace astrolabe {
namespace {

bool has(const std::vector<Surgery>& changes, Vocabulary slot, const std::string& text) {
  const std::string key = function_key(slot, text).key;
  return std::ranges::any_of(
      changes, [&](const Surgery& change) { return function_key(slot, change.text).key == key; });
}

TEST(NodeSurgery, takes_every_node_of_an_activation_out) {
  const auto cuts = knock_outs(Vocabulary::activation, "x*sigmoid(1.5*x)");
  for (const char* text : {"sigmoid(1.5*x)", "x", "x*sigmoid(x)", "x*1.5*x"})
    EXPECT_TRUE(has(cuts, Vocabulary::activation, text)) << text;
  for (const Surgery& cut : cuts) EXPECT_NE(cut.node, cut.text);
}

TEST(NodeSurgery, leaves_out_what_is_the_same_function) {
  const std::string silu = function_key(Vocabulary::activation, "silu").key;
  std::set<std::string> seen;
  for (const Surgery& cut : knock_outs(Vocabulary::activation, "silu")) {
    const std::string key = function_key(Vocabulary::activation, cut.text).key;
    EXPECT_NE(key, silu) << cut.text;
    EXPECT_TRUE(seen.insert(key).second) << cut.text;
  }
}

TEST(NodeSurgery, takes_a_memory_for_one_node) {
  const auto cuts = knock_outs(Vocabulary::optimizer, "lr*sign(ema(g,0.9))");
  EXPECT_TRUE(has(cuts, Vocabulary::optimizer, "lr*sign(g)"));
  EXPECT_TRUE(has(cuts, Vocabulary::optimizer, "lr*ema(g,0.9)"));
  EXPECT_TRUE(std::ranges::any_of(cuts, [](const Surgery& cut) { return cut.node == "ema(g,0.9)"; }));
}

TEST(NodeSurgery, of_every_named_part_is_readable_again) {
  for (const Vocabulary slot :
       {Vocabulary::activation, Vocabulary::loss, Vocabulary::optimizer, Vocabulary::schedule}) {
    for (const PartRow& row : parts_of(slot)) {
      SCOPED_TRACE(row.name);
      for (const Surgery& cut : knock_outs(slot, row.name))
        EXPECT_NO_THROW((void)resolve_part(slot, cut.text));
      for (const std::string& baseline : familiar_parts(slot, row.name, 3))
        for (const Surgery& put : knock_ins(slot, row.name, baseline))
          EXPECT_NO_THROW((void)resolve_part(slot, put.text)) << put.text;
    }
  }
}

TEST(NodeSurgery, puts_a_node_on_top_of_a_baseline) {
  const auto puts = knock_ins(Vocabulary::activation, "x*sigmoid(1.5*x)", "relu");
  EXPECT_TRUE(has(puts, Vocabulary::activation, "max(x,0)*sigmoid(1.5*x)"));
  EXPECT_TRUE(has(puts, Vocabulary::activation, "sigmoid(max(x,0))"));
  for (const Surgery& put : puts) EXPECT_EQ(put.instead, "relu");
}

TEST(NodeSurgery, puts_a_memory_around_the_step_of_a_baseline) {
  const auto puts = knock_ins(Vocabulary::optimizer, "lr*ema(g,0.9)", "rmsprop");
  ASSERT_FALSE(puts.empty());
  EXPECT_TRUE(std::ranges::any_of(
      puts, [](const Surgery& put) { return put.text.find("ema(") != put.text.rfind("ema("); }));
}

TEST(NodeSurgery, knows_three_other_familiar_parts) {
  EXPECT_EQ(familiar_parts(Vocabulary::activation, "silu", 3),
            (std::vector<std::string>{"relu", "tanh", "gelu"}));
  EXPECT_EQ(familiar_parts(Vocabulary::loss, "focal(2)", 3).size(), 3U);
}

TEST(NodeSurgery, refuses_what_is_no_part) {
  EXPECT_THROW((void)knock_outs(Vocabulary::activation, "gelux"), Error);
  EXPECT_THROW((void)knock_ins(Vocabulary::activation, "silu", "gelux"), Error);
}

}  // namespace
}  // namespace astrolabe
