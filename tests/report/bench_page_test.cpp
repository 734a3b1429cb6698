// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/report/bench_page.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "astrolabe/report/bench_words.h"

namespace astrolabe {
namespace {

// Two comparisons on two tasks, with names that want to be code.
BenchResult sample() {
  BenchResult result;
  result.suite = "<script>suite</script>";
  result.mode = "tuned";
  result.seeds = 2;
  result.tries = 3;
  result.confidence = 0.975;
  result.hosts = {"mlp"};
  result.tasks = {{.name = "a<b>", .kind = "binary", .metric = "auc", .source = "drawn"},
                  {.name = "c\x1b[31m", .kind = "binary", .metric = "auc", .source = "drawn"}};
  const BenchTaskEffect task{.task = "a<b>",
                             .metric = "auc",
                             .differences = {0.01, 0.03},
                             .in_metric = 0.005,
                             .effect = {0.02, 0.01, 0.03, ""},
                             .p_value = 0.01,
                             .adjusted = 0.02,
                             .verdict = Verdict::better};
  BenchComparison better{.slot = "activation", .a = "<img src=x>", .b = "relu", .tasks = {task}};
  better.effect = {0.02, 0.011, 0.03, ""};
  better.verdict = Verdict::better;
  BenchComparison open = better;
  open.a = "x*sigmoid(x)";
  open.verdict = Verdict::undecided;
  open.why = "too few seeds";
  result.comparisons = {better, open};
  BenchSlot slot{.slot = "activation",
                 .parts = {{.part = "relu", .is_baseline = true}, {.part = "<img src=x>"}}};
  slot.tasks = 1;
  slot.ratios = {{1}, {1.5}};
  result.slots = {slot};
  result.skipped = {{.what = "task <u>", .why = "no such file"}};
  return result;
}

TEST(BenchPage, escapes_every_name) {
  const std::string page = bench_html(sample());
  for (const char* hostile : {"<script>suite", "<img", "<u>", "a<b>"})
    EXPECT_EQ(page.find(hostile), std::string::npos) << hostile;
  EXPECT_NE(page.find("not significant"), std::string::npos);
  EXPECT_NE(page.find("too few seeds"), std::string::npos);
}

TEST(BenchText, counts_what_was_skipped_and_names_the_correction) {
  const std::string text = bench_text(sample(), {.width = 90, .color = false});
  EXPECT_NE(text.find("1 skipped"), std::string::npos);
  EXPECT_NE(text.find("Bonferroni"), std::string::npos);
  EXPECT_NE(text.find("+2.0 % [+1.1, +3.0]"), std::string::npos);
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
}

TEST(BenchJson, has_the_fields_that_others_build_on) {
  const auto json = nlohmann::json::parse(bench_json(sample()));
  const auto& first = json["comparisons"][0];
  EXPECT_EQ(first["slot"], "activation");
  EXPECT_EQ(first["verdict"], "better");
  EXPECT_EQ(first["effect"]["score"], 0.02);
  EXPECT_EQ(first["tasks"][0]["name"], "a<b>");
  EXPECT_EQ(json["comparisons"][1]["verdict"], "undecided");
  EXPECT_EQ(json["skipped"][0]["why"], "no such file");
}

TEST(BenchWords, say_what_an_interaction_is) {
  BenchComparison both{.slot = "a x b"};
  both.is_interaction = true;
  both.verdict = Verdict::better;
  EXPECT_EQ(bench_verdict_words(both), "more together");
  both.verdict = Verdict::tie;
  EXPECT_EQ(bench_verdict_words(both), "no interaction");
}

TEST(BenchWords, admit_that_few_tasks_cannot_tell) {
  BenchSlot slot{.slot = "activation"};
  slot.tasks = 3;
  slot.pairs = {{.a = 0, .b = 1, .p_value = 0.25, .adjusted = 0.25}};
  EXPECT_NE(ranks_words(slot, 0.05).find("cannot tell"), std::string::npos);
  slot.tasks = 10;
  EXPECT_NE(ranks_words(slot, 0.05).find("0 of 1 pairs differ"), std::string::npos);
  slot.tasks = 1;
  EXPECT_NE(ranks_words(slot, 0.05).find("One task"), std::string::npos);
}

}  // namespace
}  // namespace astrolabe
