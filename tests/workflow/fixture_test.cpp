// SPDX-License-Identifier: Apache-2.0
// Model files of every released format stay readable, and predict what they predicted on the day they were
// written.
#include <cmath>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "astrolabe/base/text.h"
#include "astrolabe/workflow/apply_model.h"

namespace astrolabe {
namespace {

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines = split(text, '\n');
  while (!lines.empty() && lines.back().empty()) lines.pop_back();
  return lines;
}

std::string read(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// Numbers may differ in the last digits: exp is the C library's, and libraries round differently.
void expect_same_cell(const std::string& expected, const std::string& found) {
  const auto a = parse_number(expected);
  const auto b = parse_number(found);
  ASSERT_EQ(a.has_value(), b.has_value()) << expected << " is not " << found;
  if (a) {
    EXPECT_NEAR(*a, *b, 1e-9 * (1 + std::abs(*a)));
  } else {
    EXPECT_EQ(expected, found);
  }
}

class ModelFixture : public testing::TestWithParam<std::string> {};

TEST_P(ModelFixture, predicts_what_it_predicted_when_it_was_written) {
  const std::filesystem::path folder = ASTROLABE_FIXTURES;
  ThreadPool pool(2);
  const ShippedModel model = load_model(folder / ("model_v1_" + GetParam() + ".astro"));
  const Predictions predictions = predict_file(model, folder / "rows.csv", Header::present, pool);
  const auto expected = lines_of(read(folder / ("model_v1_" + GetParam() + ".csv")));
  const auto found = lines_of(predictions_csv(predictions));
  ASSERT_EQ(expected.size(), 15U);
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t line = 0; line < expected.size(); ++line) {
    const auto expected_cells = split(expected[line], ',');
    const auto found_cells = split(found[line], ',');
    ASSERT_EQ(expected_cells.size(), found_cells.size());
    for (std::size_t i = 0; i < found_cells.size(); ++i) expect_same_cell(expected_cells[i], found_cells[i]);
  }
}

INSTANTIATE_TEST_SUITE_P(Version1, ModelFixture,
                         testing::Values("baseline", "linear", "trees", "regression", "expression", "mlp"),
                         [](const auto& of) { return of.param; });

}  // namespace
}  // namespace astrolabe
