// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/workflow/run_preparation.h"

#include <gtest/gtest.h>

namespace astrolabe {
namespace {

Column column_of(const std::string& name, ColumnType type) {
  Column column;
  column.name = name;
  column.type = type;
  return column;
}

// Whether an open run on such a table searches a setting of trees.
bool is_searched(const char* setting, const std::vector<ColumnType>& types) {
  std::vector<Column> columns;
  for (const ColumnType type : types)
    columns.push_back(column_of("c" + std::to_string(columns.size()), type));
  const Task task{.kind = TaskKind::regression, .target = "y", .classes = {}, .metric = "rmse"};
  const SystemSpace space = space_of_run(RunOptions(), task, Table(std::move(columns)));
  return space.space().find(std::string("trees.") + setting).has_value();
}

TEST(SpaceOfRun, asks_nothing_about_categories_where_there_are_none) {
  EXPECT_TRUE(is_searched("cat_smooth", {ColumnType::number, ColumnType::category}));
  EXPECT_FALSE(is_searched("cat_smooth", {ColumnType::number, ColumnType::boolean}));
  EXPECT_TRUE(is_searched("learning_rate", {ColumnType::number, ColumnType::boolean}));
}

TEST(SpaceOfRun, samples_no_columns_of_one) {
  EXPECT_TRUE(is_searched("column_sample", {ColumnType::number, ColumnType::boolean}));
  EXPECT_TRUE(is_searched("column_sample", {ColumnType::datetime}));  // several numbers
  EXPECT_FALSE(is_searched("column_sample", {ColumnType::whole_number}));
}

}  // namespace
}  // namespace astrolabe
