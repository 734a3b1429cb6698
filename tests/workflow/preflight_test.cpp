// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/workflow/preflight.h"

#include <numeric>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace astrolabe {
namespace {

// What is said of a star in mlp's activation after a trial of two seconds.
Preflight said_of(const std::string& star, const Budget& budget = Budget(),
                  std::optional<std::uint64_t> trials = {}) {
  const std::vector<LearnerChoice> choices = {
      {.name = "mlp", .settings = {}, .stars = {{"activation", star}}}};
  const Task task{.kind = TaskKind::regression, .target = "y", .classes = {}, .metric = "rmse"};
  CrossValidation first;
  first.seconds = 2;
  first.rows.resize(100);
  std::iota(first.rows.begin(), first.rows.end(), RowIndex{0});
  Labels labels;
  for (std::size_t row = 0; row < first.rows.size(); ++row) {
    labels.values.push_back(static_cast<double>(row % 7));
    first.out_of_fold.push_back(static_cast<double>(row % 5));
  }
  return look_ahead(SystemSpace({.choices = choices, .context = {.kind = task.kind}}), first, budget, trials,
                    true, labels, task);
}

TEST(Preflight, counts_functions_where_texts_say_the_same_in_several_ways) {
  EXPECT_EQ(
      said_of("*ramachandran").lines[0],
      "6,250 candidates, 4,081 of them different; training each of those in full would take 2 h 16 min");
  EXPECT_EQ(said_of("relu,max(x,0),silu").lines[0],
            "3 candidates, 2 of them different; training each of those in full would take 4.0 s");
  EXPECT_EQ(said_of("relu,silu").lines[0], "2 candidates; training each in full would take 4.0 s");
}

TEST(Preflight, says_at_most_where_nobody_has_compared_them) {
  EXPECT_TRUE(said_of("relu,*ramachandran").lines[0].starts_with("at most 6,251 candidates; training"));
}

TEST(Preflight, says_what_this_budget_does_instead) {
  EXPECT_EQ(said_of("*ramachandran", Budget(), 40).lines[1], "this run tries 40 of them");
  EXPECT_EQ(said_of("*ramachandran", Budget(), 100'000).lines[1], "this run tries 4,081 of them");
  EXPECT_EQ(said_of("*ramachandran").warning, "");
  const Preflight hopeless = said_of("*ramachandran", Budget({.seconds = 8}));
  EXPECT_NE(hopeless.warning.find("of 4,081 candidates"), std::string::npos) << hopeless.warning;
}

TEST(Preflight, of_one_candidate_is_nothing) {
  EXPECT_TRUE(said_of("relu").lines.empty());
}

TEST(Preflight, is_kept_for_whoever_reads_the_study) {
  const auto json = nlohmann::json::parse(said_of("*ramachandran", Budget(), 40).json);
  EXPECT_EQ(json.at("count"), 6250);
  EXPECT_EQ(json.at("budget"), "this run tries 40 of them");
  EXPECT_GT(json.at("smallest_difference"), 0);
}

}  // namespace
}  // namespace astrolabe
