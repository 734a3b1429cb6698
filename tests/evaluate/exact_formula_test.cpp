// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/evaluate/exact_formula.h"

#include "tests/evaluate/made_data.h"
#include <gtest/gtest.h>

namespace astrolabe {
namespace {

constexpr std::size_t kRows = 200;

class Formula : public testing::Test {
 protected:
  template <class Compute>
  std::optional<ExactFormula> find(const Compute& compute) {
    std::vector<double> target;
    for (std::size_t i = 0; i < kRows; ++i) target.push_back(compute(a_[i], b_[i], c_[i]));
    const Table table(
        {numbers("a", a_), numbers("noise", normal_values(kRows, 9)), numbers("b", b_), numbers("c", c_)});
    const std::vector<std::size_t> candidates{0, 1, 2, 3};
    return find_exact_formula(table, candidates, target, all_rows(kRows));
  }
  template <class Compute>
  std::string text(const Compute& compute) {
    const auto formula = find(compute);
    return formula ? formula->text : "";
  }

  std::vector<double> a_ = normal_values(kRows, 1);
  std::vector<double> b_ = normal_values(kRows, 2);
  std::vector<double> c_ = normal_values(kRows, 3);
};

TEST_F(Formula, of_two_columns_is_found_in_every_shape) {
  EXPECT_EQ(text([](double a, double b, double) { return a + b; }), "a + b");
  EXPECT_EQ(text([](double a, double b, double) { return a - b; }), "a - b");
  EXPECT_EQ(text([](double a, double b, double) { return b - a; }), "b - a");
  EXPECT_EQ(text([](double a, double b, double) { return a * b; }), "a * b");
  EXPECT_EQ(text([](double a, double b, double) { return a / b; }), "a / b");
  EXPECT_EQ(text([](double a, double b, double) { return b / a; }), "b / a");
}

TEST_F(Formula, of_three_columns_is_a_sum_with_signs) {
  EXPECT_EQ(text([](double a, double b, double c) { return a + b + c; }), "a + b + c");
  EXPECT_EQ(text([](double a, double b, double c) { return c - a - b; }), "c - a - b");
}

TEST_F(Formula, names_its_columns) {
  EXPECT_EQ(find([](double a, double, double c) { return a + c; })->columns,
            (std::vector<std::size_t>{0, 3}));
}

TEST_F(Formula, is_exact_or_none) {
  EXPECT_EQ(text([](double a, double b, double c) { return a + b + 1e-6 * c; }), "");
  EXPECT_EQ(text([](double a, double b, double c) { return a + 2 * b + c; }), "");
}

TEST_F(Formula, bears_a_tenth_of_missing_cells_and_no_more) {
  const auto sum = [](double a, double b, double) { return a + b; };
  std::vector<double> targets;
  for (std::size_t i = 0; i < kRows; ++i) targets.push_back(sum(a_[i], b_[i], 0));
  const auto found_with = [&](std::size_t missing) {
    std::vector<double> a = a_;
    for (std::size_t i = 0; i < missing; ++i) a[i] = kMissing;
    const Table table({numbers("a", a), numbers("b", b_)});
    const std::vector<std::size_t> candidates{0, 1};
    return find_exact_formula(table, candidates, targets, all_rows(kRows)).has_value();
  };
  EXPECT_TRUE(found_with(19));
  EXPECT_FALSE(found_with(21));
}

TEST_F(Formula, is_not_sought_for_a_target_of_few_values) {
  for (double& value : a_) value = value > 0 ? 1 : 0;
  for (double& value : b_) value = value > 0 ? 1 : 0;
  EXPECT_EQ(text([](double a, double b, double) { return a + b; }), "");
}

}  // namespace
}  // namespace astrolabe
