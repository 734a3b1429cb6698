// SPDX-License-Identifier: Apache-2.0
// The parts that are fast, each against a twin that is slow and obvious.
#include <bit>
#include <cmath>
#include <numbers>

#include "tests/learners/kernel/rows.h"
#include <gtest/gtest.h>

#include "astrolabe/learners/kernel/frequencies.h"
#include "astrolabe/learners/kernel/hadamard.h"
#include "astrolabe/learners/kernel/kernel_function.h"
#include "astrolabe/learners/kernel/moments.h"
#include "astrolabe/learners/kernel/penalised_system.h"
#include "astrolabe/learners/kernel/pivoted_cholesky.h"
#include "astrolabe/learners/kernel/projection.h"
#include "astrolabe/learners/kernel/row_loss.h"
#include "astrolabe/learners/kernel/turns.h"

namespace astrolabe::kernel {
namespace {

using testing::normal_rows;

TEST(Hadamard, is_the_product_with_the_matrix_of_signs) {
  for (const std::size_t size : {1U, 2U, 8U, 64U}) {
    std::vector<float> values = normal_rows(1, size, 1, Key::from_seed(size));
    const std::vector<float> before = values;
    walsh_hadamard(values);
    for (std::size_t i = 0; i < size; ++i) {
      double sum = 0;
      for (std::size_t j = 0; j < size; ++j) sum += (std::popcount(i & j) % 2 == 0 ? 1 : -1) * before[j];
      EXPECT_NEAR(values[i], sum, 1e-4);
    }
  }
}

TEST(Turns, are_cosines_and_sines_of_the_library) {
  std::vector<float> turns;
  for (int i = -4000; i <= 4000; ++i) turns.push_back(static_cast<float>(i) / 997);
  turns.insert(turns.end(), {0.0F, 0.25F, 0.5F, -0.5F, 0.75F, 1000.25F, -4'000'000.0F, 4'000'000.0F});
  std::vector<float> cosines(turns.size()), sines(turns.size());
  cosines_and_sines(turns, 0.5F, cosines, sines);
  for (std::size_t i = 0; i < turns.size(); ++i) {
    EXPECT_NEAR(cosines[i], 0.5 * std::cos(2 * std::numbers::pi * turns[i]), 1.5e-7 * 2) << turns[i];
    EXPECT_NEAR(sines[i], 0.5 * std::sin(2 * std::numbers::pi * turns[i]), 1.5e-7 * 2) << turns[i];
  }
}

TEST(KernelFunction, has_its_known_values) {
  const std::vector<float> x = {0, 0}, y = {3, 4}, e1 = {1, 0}, e2 = {0, 2};
  const auto value = [](KernelShape shape, const std::vector<float>& a, const std::vector<float>& b) {
    return kernel_value({.shape = shape, .degree = 3}, a, b);
  };
  EXPECT_NEAR(value(KernelShape::gaussian, x, y), std::exp(-12.5), 1e-12);
  EXPECT_NEAR(value(KernelShape::laplacian, x, y), std::exp(-7), 1e-12);
  EXPECT_NEAR(value(KernelShape::matern12, x, y), std::exp(-5), 1e-12);
  EXPECT_NEAR(value(KernelShape::matern32, x, y), (1 + 5 * std::sqrt(3.0)) * std::exp(-5 * std::sqrt(3.0)),
              1e-12);
  EXPECT_NEAR(value(KernelShape::arc_cosine0, e1, e2), 0.5, 1e-12);
  EXPECT_NEAR(value(KernelShape::arc_cosine1, e1, e2), 2 / std::numbers::pi, 1e-12);
  EXPECT_NEAR(value(KernelShape::arc_cosine1, y, y), 25, 1e-9);
  EXPECT_NEAR(value(KernelShape::polynomial, y, e1), 27, 1e-9);
}

TEST(KernelFunction, by_blocks_is_the_function_pair_by_pair) {
  const std::vector<float> x = normal_rows(9, 4, 0.7, Key::from_seed(1)),
                           y = normal_rows(6, 4, 0.7, Key::from_seed(2));
  std::vector<float> columns(y.size());
  for (std::size_t m = 0; m < 6; ++m)
    for (std::size_t j = 0; j < 4; ++j) columns[j * 6 + m] = y[m * 4 + j];
  for (std::uint8_t shape = 0; shape < kKernelShapes; ++shape) {
    const KernelChoice choice{.shape = static_cast<KernelShape>(shape)};
    std::vector<float> block(9 * 6);
    GemmScratch scratch;
    kernel_block(choice, x, 9, columns, 6, block, scratch);
    for (std::size_t i = 0; i < 9; ++i)
      for (std::size_t m = 0; m < 6; ++m)
        EXPECT_NEAR(block[i * 6 + m],
                    kernel_value(choice, std::span(x).subspan(i * 4, 4), std::span(y).subspan(m * 4, 4)),
                    2e-5)
            << shape_name(choice.shape);
  }
}

TEST(Directions, that_are_orthogonal_are_at_right_angles_in_groups) {
  const KernelChoice choice{.shape = KernelShape::gaussian, .features = FeatureKind::orthogonal};
  const std::vector<float> columns = draw_directions(choice, 5, 12, Key::from_seed(1));
  for (std::size_t a = 0; a < 12; ++a) {
    for (std::size_t b = 0; b < a; ++b) {
      double dot = 0;
      for (std::size_t j = 0; j < 5; ++j)
        dot += static_cast<double>(columns[j * 12 + a]) * columns[j * 12 + b];
      if (a / 5 == b / 5) {
        EXPECT_NEAR(dot, 0, 1e-5);
      }
    }
  }
}

TEST(Projection, by_signs_is_as_long_as_a_normal_one_and_stretched) {
  constexpr std::size_t kCount = 4000;
  const std::vector<float> x = normal_rows(1, 13, 1, Key::from_seed(2));
  double squares = 0;
  for (const float value : x) squares += static_cast<double>(value) * value;
  for (const double stretch : {1.0, 3.0}) {
    const Projection projection =
        Projection::structured(13, std::vector<double>(kCount, stretch), Key::from_seed(1));
    std::vector<float> out(kCount);
    GemmScratch scratch;
    projection.apply(x, 1, out, scratch);
    double sum = 0;
    for (const float value : out) sum += static_cast<double>(value) * value / kCount;
    EXPECT_NEAR(sum / (squares * stretch * stretch), 1, 0.06);
  }
}

TEST(PivotedCholesky, gives_the_matrix_back_up_to_its_rank) {
  const std::vector<float> half = normal_rows(8, 3, 1, Key::from_seed(1));
  std::vector<double> matrix(64);
  for (std::size_t i = 0; i < 8; ++i)
    for (std::size_t j = 0; j < 8; ++j)
      for (std::size_t k = 0; k < 3; ++k)
        matrix[i * 8 + j] += static_cast<double>(half[i * 3 + k]) * half[j * 3 + k];
  const PivotedFactor factor = pivoted_cholesky(matrix, 8, 1e-10);
  ASSERT_EQ(factor.pivots.size(), 3U);
  const std::vector<double> inverse = inverse_of_lower(factor.lower, 3);
  for (std::size_t i = 0; i < 3; ++i) {
    for (std::size_t j = 0; j < 3; ++j) {
      double product = 0, one = 0;
      for (std::size_t k = 0; k < 3; ++k) {
        product += factor.lower[i * 3 + k] * factor.lower[j * 3 + k];
        one += factor.lower[i * 3 + k] * inverse[k * 3 + j];
      }
      EXPECT_NEAR(product, matrix[factor.pivots[i] * 8 + factor.pivots[j]], 1e-9);
      EXPECT_NEAR(one, i == j ? 1 : 0, 1e-9);
    }
  }
}

TEST(Moments, are_the_plain_sums_in_any_blocks) {
  constexpr std::size_t kRows = 301, kWidth = 290;  // two panels
  const std::vector<float> z = normal_rows(kRows, kWidth, 1, Key::from_seed(1));
  std::vector<double> y(kRows), weights(kRows);
  RandomStream random(Key::from_seed(2));
  for (std::size_t i = 0; i < kRows; ++i) {
    y[i] = random.normal();
    weights[i] = 1 + random.below(3);
  }
  ThreadPool pool(2);
  Moments moments(kWidth);
  for (const auto& [begin, end] : {std::pair<std::size_t, std::size_t>{0, 100}, {100, kRows}}) {
    std::vector<float> block(z.begin() + static_cast<std::ptrdiff_t>(begin * kWidth),
                             z.begin() + static_cast<std::ptrdiff_t>(end * kWidth));
    moments.add(block, end - begin, std::span(y).subspan(begin, end - begin),
                std::span(weights).subspan(begin, end - begin), pool);
  }
  moments.finish();
  for (const std::size_t i : {0U, 7U, 255U, 256U, 289U}) {
    double cross = 0;
    for (std::size_t row = 0; row < kRows; ++row) cross += weights[row] * z[row * kWidth + i] * y[row];
    EXPECT_NEAR(moments.cross()[i], cross, 1e-3);
    for (const std::size_t j : {0U, 100U, 280U}) {
      double sum = 0;
      for (std::size_t row = 0; row < kRows; ++row)
        sum += weights[row] * z[row * kWidth + i] * static_cast<double>(z[row * kWidth + j]);
      EXPECT_NEAR(moments.gram()[i * kWidth + j], sum, 1e-3) << i << " " << j;
    }
  }
  std::vector<double> b(kWidth, 0.0);
  b[3] = 0.5;
  double error = 0;
  for (std::size_t row = 0; row < kRows; ++row)
    error += weights[row] * std::pow(y[row] - 0.5 * z[row * kWidth + 3], 2);
  EXPECT_NEAR(moments.squared_error(b), error, 1e-3);
}

TEST(PenalisedSystem, is_solved_and_leaves_the_constant_free) {
  const std::vector<double> gram = {4, 1, 1, 3};
  const auto system = PenalisedSystem::factor(gram, 2, 0.5, 1);
  ASSERT_TRUE(system);
  std::vector<double> right = {1, 2};
  system->solve(right);  // [3 0.5; 0.5 1.5]
  EXPECT_NEAR(3 * right[0] + 0.5 * right[1], 1, 1e-12);
  EXPECT_NEAR(0.5 * right[0] + 1.5 * right[1], 2, 1e-12);
  const std::vector<double> indefinite = {-4, 0, 0, 1};
  EXPECT_FALSE(PenalisedSystem::factor(indefinite, 2, 1, 1));
}

TEST(RowLoss, slopes_and_curves_are_differences_of_its_values) {
  const std::vector<std::vector<double>> points = {{0.3, -1.1, 0.7}};
  for (const Family family : {Family::logistic, Family::multinomial, Family::poisson}) {
    const std::size_t outputs = family == Family::multinomial ? 3 : 1;
    const RowLoss loss(family, outputs);
    const std::vector<double> at(points[0].begin(), points[0].begin() + static_cast<std::ptrdiff_t>(outputs));
    std::vector<double> slope(outputs), up(outputs), down(outputs), curve(outputs), direction(outputs, 0.0);
    loss.slope(1, at, slope);
    for (std::size_t k = 0; k < outputs; ++k) {
      std::vector<double> high = at, low = at;
      high[k] += 1e-5;
      low[k] -= 1e-5;
      EXPECT_NEAR(slope[k], (loss.value(1, high) - loss.value(1, low)) / 2e-5, 1e-8);
      direction.assign(outputs, 0.0);
      direction[k] = 1;
      loss.curve(at, direction, curve);
      loss.slope(1, high, up);
      loss.slope(1, low, down);
      for (std::size_t other = 0; other < outputs; ++other)
        EXPECT_NEAR(curve[other], (up[other] - down[other]) / 2e-5, 1e-8);
    }
  }
}

}  // namespace
}  // namespace astrolabe::kernel
