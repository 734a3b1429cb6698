// SPDX-License-Identifier: Apache-2.0
// Prediction files: the same table as CSV and as Parquet.
#include "astrolabe/workflow/apply_model.h"

#include <filesystem>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "astrolabe/base/error.h"
#include "astrolabe/base/file.h"

namespace astrolabe {
namespace {

Predictions of_classes() {
  Predictions predictions;
  predictions.task = {
      .kind = TaskKind::multiclass, .target = "y", .classes = {"a", "=b", "c,d"}, .metric = "log_loss"};
  predictions.labels = {"a", "=b"};
  predictions.values = {0.5, 0.25, 0.25, 0.1, 0.8, 1.0 / 9.0};
  predictions.rows = 2;
  return predictions;
}

Predictions of_numbers() {
  Predictions predictions;
  predictions.task = {.kind = TaskKind::regression, .target = "y", .classes = {}, .metric = "rmse"};
  predictions.values = {1.5, -2};
  predictions.range = PredictionRange{.low = -1, .high = 2, .coverage = 0.9};
  predictions.rows = 2;
  return predictions;
}

Table written_and_read(const Predictions& predictions, const std::string& ending) {
  const std::filesystem::path path =
      std::filesystem::temp_directory_path() / fmt::format("astrolabe-predictions-{}{}", getpid(), ending);
  write_predictions(predictions, path);
  ThreadPool pool(1);
  ReadResult read = read_table(path, {}, pool);
  std::filesystem::remove(path);
  return std::move(read.table);
}

TEST(PredictionsCsv, has_the_class_and_all_probabilities) {
  EXPECT_EQ(predictions_csv(of_classes()),
            "prediction,probability:a,probability:=b,\"probability:c,d\"\n"
            "a,0.5,0.25,0.25\n"
            "'=b,0.1,0.8,0.1111111111111111\n");
}

TEST(PredictionsCsv, of_a_binary_task_has_both_probabilities) {
  Predictions predictions;
  predictions.task = {.kind = TaskKind::binary, .target = "y", .classes = {"no", "yes"}, .metric = "auc"};
  predictions.labels = {"yes"};
  predictions.values = {0.75};
  predictions.rows = 1;
  EXPECT_EQ(predictions_csv(predictions), "prediction,probability:no,probability:yes\nyes,0.25,0.75\n");
}

TEST(PredictionsCsv, of_a_regression_has_a_range) {
  EXPECT_EQ(predictions_csv(of_numbers()), "prediction,low,high\n1.5,0.5,3.5\n-2,-3,0\n");
}

TEST(PredictionsCsv, with_contributions_has_a_column_for_each) {
  Predictions predictions = of_numbers();
  predictions.range.reset();
  predictions.contributions =
      Contributions{.columns = {"age", "=x"}, .outputs = 1, .expected = {0.5}, .values = {1, 0, -2, -0.5}};
  EXPECT_EQ(predictions_csv(predictions),
            "prediction,expected_score,contribution:age,contribution:=x\n1.5,0.5,1,0\n-2,0.5,-2,-0.5\n");
}

TEST(PredictionsCsv, with_contributions_of_several_classes_has_them_class_by_class) {
  Predictions predictions = of_classes();
  predictions.contributions = Contributions{
      .columns = {"age"}, .outputs = 3, .expected = {1, 2, 3}, .values = {0.1, 0.2, 0.3, 0.4, 0.5, 0.6}};
  const std::string csv = predictions_csv(predictions);
  EXPECT_NE(csv.find("expected_score:a,contribution:a:age,expected_score:=b,contribution:=b:age"),
            std::string::npos)
      << csv;
  EXPECT_NE(csv.find(",1,0.4,2,0.5,3,0.6\n"), std::string::npos) << csv;
}

TEST(WritePredictions, as_parquet_has_the_names_and_the_exact_numbers) {
  const Table table = written_and_read(of_classes(), ".parquet");
  EXPECT_EQ(table.names(),
            (std::vector<std::string>{"prediction", "probability:a", "probability:=b", "probability:c,d"}));
  EXPECT_EQ(table.column(0).cell(1), "=b") << "no spreadsheet runs a Parquet file";
  EXPECT_EQ(table.column(3).numbers, (std::vector<double>{0.25, 1.0 / 9.0}));
}

TEST(WritePredictions, as_csv_and_as_parquet_is_the_same_table) {
  const Table csv = written_and_read(of_numbers(), ".csv");
  const Table parquet = written_and_read(of_numbers(), ".parquet");
  EXPECT_EQ(csv.names(), parquet.names());
  for (std::size_t i = 0; i < csv.columns().size(); ++i)
    EXPECT_EQ(csv.column(i).numbers, parquet.column(i).numbers);
}

TEST(WritePredictions, to_another_ending_is_a_usage_error_that_names_both) {
  for (const char* path : {"p.json", "p", "p.csv.gz", "csv", ".parquet"}) {
    try {
      write_predictions(of_numbers(), path);
      ADD_FAILURE() << path;
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::usage);
      EXPECT_NE(std::string(error.what()).find("expected a name that ends in .csv or .parquet, found '"),
                std::string::npos)
          << error.what();
    }
  }
}

}  // namespace
}  // namespace astrolabe
