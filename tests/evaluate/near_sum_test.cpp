// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/evaluate/near_sum.h"

#include "tests/evaluate/made_data.h"
#include <gtest/gtest.h>

namespace astrolabe {
namespace {

constexpr std::size_t kRows = 500;

class NearSums : public testing::Test {
 protected:
  // The text of what is found for `compute`, where `rest` is a small variable that no column holds.
  template <class Compute>
  std::string text(const Compute& compute) {
    const std::vector<double> rest = normal_values(kRows, 5);
    std::vector<double> target;
    for (std::size_t i = 0; i < kRows; ++i) target.push_back(compute(a_[i], b_[i], c_[i], 0.05 * rest[i]));
    const Table table(
        {numbers("a", a_), numbers("noise", normal_values(kRows, 9)), numbers("b", b_), numbers("c", c_)});
    const std::vector<std::size_t> candidates{0, 1, 2, 3};
    const auto sum = find_near_sum(table, candidates, target, all_rows(kRows));
    if (!sum) return "";
    EXPECT_GE(sum->r2, 0.99);
    return sum->text;
  }

  std::vector<double> a_ = normal_values(kRows, 1);
  std::vector<double> b_ = normal_values(kRows, 2);
  std::vector<double> c_ = normal_values(kRows, 3);
};

TEST_F(NearSums, are_found_with_their_signs_and_any_constant) {
  EXPECT_EQ(text([](double a, double b, double, double rest) { return 3 + a + b + rest; }), "a + b");
  EXPECT_EQ(text([](double a, double b, double, double rest) { return b - a + rest; }), "b - a");
  EXPECT_EQ(text([](double a, double b, double c, double rest) { return a - b + c + rest; }), "a + c - b");
  EXPECT_EQ(text([](double a, double b, double, double rest) { return rest - a - b; }), "-a - b");
}

TEST_F(NearSums, are_not_seen_where_a_regression_would_be_needed) {
  EXPECT_EQ(text([](double a, double b, double, double rest) { return a + 2 * b + rest; }), "");
  EXPECT_EQ(text([](double a, double b, double, double rest) { return a + b + 4 * rest; }), "");
}

TEST_F(NearSums, have_no_column_that_is_not_needed) {
  EXPECT_EQ(text([](double a, double, double, double rest) { return a + rest; }), "");
  for (double& value : b_) value *= 0.01;
  EXPECT_EQ(text([](double a, double b, double, double rest) { return a + b + rest; }), "");
}

TEST_F(NearSums, bear_some_missing_cells_and_no_infinite_ones) {
  const auto sum = [](double a, double b, double, double) { return a + b; };
  std::vector<double> target;
  for (std::size_t i = 0; i < kRows; ++i) target.push_back(sum(a_[i], b_[i], 0, 0));
  const auto is_found = [&](double cell, std::size_t count) {
    std::vector<double> a = a_;
    for (std::size_t i = 0; i < count; ++i) a[i] = cell;
    const Table table({numbers("a", a), numbers("b", b_)});
    const std::vector<std::size_t> candidates{0, 1};
    return find_near_sum(table, candidates, target, all_rows(kRows)).has_value();
  };
  EXPECT_TRUE(is_found(kMissing, 2));
  EXPECT_FALSE(is_found(kMissing, 100));
  EXPECT_FALSE(is_found(INFINITY, 1));
}

TEST_F(NearSums, of_few_rows_are_not_claimed) {
  const Table table({numbers("a", {1, 2, 3}), numbers("b", {3, 1, 2})});
  const std::vector<std::size_t> candidates{0, 1};
  const std::vector<double> target{4, 3, 5};
  EXPECT_FALSE(find_near_sum(table, candidates, target, all_rows(3)));
}

}  // namespace
}  // namespace astrolabe
