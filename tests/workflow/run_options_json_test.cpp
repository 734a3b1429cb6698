// SPDX-License-Identifier: Apache-2.0
// What a run was asked, as a study keeps it.
#include "astrolabe/workflow/run_options_json.h"

#include <cstdint>
#include <string>

#include <gtest/gtest.h>

#include "astrolabe/base/error.h"

namespace astrolabe {
namespace {

TEST(RunOptionsText, comes_back_as_it_was) {
  RunOptions options{.data = "/d/t.csv", .target = "y"};
  options.task = TaskKind::binary;
  options.metric = "auc";
  options.test = "/d/test.csv";
  options.reading = {.header = Header::absent, .types = {{"a", ColumnType::category}}, .drop = {"b"}};
  options.learners = {
      {.name = "mlp",
       .settings = {{"epochs", std::int64_t{3}}, {"dropout", 0.1}, {"loss", std::string("focal(2)")}},
       .stars = {{"activation", "relu,*"}}}};
  options.max_nodes = 6;
  options.seed = 7;
  options.stack = true;
  options.split = {.kind = SplitKind::group, .column = "g"};
  const std::string text = run_options_json(options);
  EXPECT_EQ(run_options_json(parse_run_options(text)), text);
  EXPECT_EQ(parse_run_options(text).learners, options.learners);
}

TEST(RunOptionsText, of_others_is_refused) {
  for (const char* text : {"", "{}", "[]", R"({"data":"t.csv"})"})
    EXPECT_THROW(static_cast<void>(parse_run_options(text)), Error) << text;
}

}  // namespace
}  // namespace astrolabe
