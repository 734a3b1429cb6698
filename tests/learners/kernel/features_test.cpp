// SPDX-License-Identifier: Apache-2.0
// Features against the kernels that they stand for. scikit-learn's cases: its tests of kernel_approximation.
#include <algorithm>
#include <cmath>

#include "tests/learners/kernel/rows.h"
#include <gtest/gtest.h>

#include "astrolabe/learners/kernel/approximation.h"
#include "astrolabe/learners/kernel/feature_map.h"
#include "astrolabe/learners/kernel/frequencies.h"
#include "astrolabe/learners/kernel/kernel_function.h"
#include "astrolabe/learners/kernel/pivoted_cholesky.h"

namespace astrolabe::kernel {
namespace {

using testing::normal_rows;
using testing::rows_of_sum_one;

struct Errors {
  double mean = 0, absolute = 0, most = 0;
};

Errors errors_between(const KernelChoice& choice, const FeatureMap& map, const std::vector<float>& x,
                      const std::vector<float>& y) {
  const std::size_t inputs = map.inputs(), outputs = map.outputs();
  const std::size_t rows = x.size() / inputs, others = y.size() / inputs;
  std::vector<float> zx(rows * outputs), zy(others * outputs);
  MapWork work;
  map.apply(x, rows, zx.data(), outputs, work);
  map.apply(y, others, zy.data(), outputs, work);
  Errors errors;
  for (std::size_t i = 0; i < rows; ++i) {
    for (std::size_t j = 0; j < others; ++j) {
      double near = 0;
      for (std::size_t k = 0; k < outputs; ++k)
        near += static_cast<double>(zx[i * outputs + k]) * zy[j * outputs + k];
      const double off = near - kernel_value(choice, std::span(x).subspan(i * inputs, inputs),
                                             std::span(y).subspan(j * inputs, inputs));
      errors.mean += off / static_cast<double>(rows * others);
      errors.absolute += std::abs(off) / static_cast<double>(rows * others);
      errors.most = std::max(errors.most, std::abs(off));
    }
  }
  return errors;
}

std::vector<float> scaled(std::vector<float> x, double factor) {
  for (float& value : x) value = static_cast<float>(value * factor);
  return x;
}

TEST(KernelFeatures, pass_the_test_of_scikit_learn) {
  // exp(-gamma d^2) with gamma = 10 is exp(-(d sqrt(20))^2 / 2).
  const std::vector<float> x = scaled(rows_of_sum_one(300, 50, Key::from_seed(1)), std::sqrt(20.0));
  const std::vector<float> y = scaled(rows_of_sum_one(300, 50, Key::from_seed(2)), std::sqrt(20.0));
  for (const FeatureKind kind : {FeatureKind::random, FeatureKind::orthogonal, FeatureKind::structured}) {
    const KernelChoice choice{.shape = KernelShape::gaussian, .features = kind};
    const Errors errors = errors_between(choice, *make_random_map(choice, 50, 1000, Key::from_seed(3)), x, y);
    EXPECT_LE(std::abs(errors.mean), 0.01) << feature_kind_name(kind);
    EXPECT_LE(errors.most, 0.1) << feature_kind_name(kind);
    EXPECT_LE(errors.absolute, 0.05) << feature_kind_name(kind);
  }
}

TEST(KernelFeatures, of_every_kernel_come_near_it) {
  const std::vector<float> x = normal_rows(40, 6, 0.5, Key::from_seed(1));
  for (std::uint8_t shape = 0; shape < kKernelShapes; ++shape) {
    for (const FeatureKind kind : {FeatureKind::random, FeatureKind::orthogonal, FeatureKind::structured}) {
      const KernelChoice choice{.shape = static_cast<KernelShape>(shape), .features = kind};
      const bool turns = kind != FeatureKind::random;
      if (turns && (choice.shape == KernelShape::laplacian || choice.shape == KernelShape::polynomial))
        continue;
      const Errors errors =
          errors_between(choice, *make_random_map(choice, 6, 4000, Key::from_seed(5)), x, x);
      // Rademacher products of a polynomial vary most; a structured direction is no exact normal one.
      const double limit = choice.shape == KernelShape::polynomial ? 0.1
                           : kind == FeatureKind::structured       ? 0.06
                                                                   : 0.03;
      EXPECT_LE(errors.absolute, limit) << shape_name(choice.shape) << " " << feature_kind_name(kind);
    }
  }
}

TEST(KernelFeatures, err_by_the_square_root_of_their_number) {
  const std::vector<float> x = normal_rows(100, 5, 1, Key::from_seed(1));
  const KernelChoice choice{.shape = KernelShape::gaussian, .features = FeatureKind::random};
  const auto mean_error = [&](std::size_t components) {
    double sum = 0;
    for (std::uint64_t seed = 0; seed < 8; ++seed)
      sum +=
          measure_error(choice, *make_random_map(choice, 5, components, Key::from_seed(seed)), x, 100).mean;
    return sum / 8;
  };
  const double few = mean_error(100), more = mean_error(1600);
  EXPECT_NEAR(few / more, 4, 0.8);
}

TEST(KernelFeatures, that_are_orthogonal_err_less) {
  const std::vector<float> x = normal_rows(100, 16, 0.25, Key::from_seed(1));
  const auto mean_error = [&](FeatureKind kind) {
    const KernelChoice choice{.shape = KernelShape::gaussian, .features = kind};
    double sum = 0;
    for (std::uint64_t seed = 0; seed < 8; ++seed)
      sum += measure_error(choice, *make_random_map(choice, 16, 64, Key::from_seed(seed)), x, 100).mean;
    return sum / 8;
  };
  EXPECT_LT(mean_error(FeatureKind::orthogonal), 0.7 * mean_error(FeatureKind::random));
}

TEST(KernelFeatures, keep_their_bounds) {
  const std::vector<float> x = normal_rows(100, 4, 0.7, Key::from_seed(1));
  for (const KernelShape shape :
       {KernelShape::gaussian, KernelShape::laplacian, KernelShape::matern32, KernelShape::matern52}) {
    const KernelChoice choice{.shape = shape, .features = FeatureKind::random};
    const ApproximationError error =
        measure_error(choice, *make_random_map(choice, 4, 2000, Key::from_seed(2)), x, 100);
    EXPECT_GT(error.most, 0);
    EXPECT_LT(error.most, error.pairs_bound) << shape_name(shape);
    EXPECT_EQ(error.space_bound > 0, shape != KernelShape::laplacian) << shape_name(shape);
    if (error.space_bound > 0) {
      EXPECT_GT(error.space_bound, error.pairs_bound) << shape_name(shape);
    }
  }
}

TEST(KernelFeatures, have_the_bound_of_rahimi_and_recht) {
  // Put back into 2^8 (s diam / e)^2 exp(-D e^2 / (4 (d + 2))), the bound gives 5 %.
  const double e = space_bound(5000, 3, 2.0, 7.0);
  EXPECT_NEAR(256 * std::pow(2.0 * 7.0 / e, 2) * std::exp(-5000 * e * e / (4 * 5.0)), 0.05, 1e-9);
  const double pair = pairs_bound(5000, 100);
  EXPECT_NEAR(2 * 100 * std::exp(-5000 * pair * pair / 4), 0.05, 1e-12);
}

TEST(KernelFeatures, of_all_rows_as_landmarks_are_exact) {
  const std::vector<float> x = rows_of_sum_one(40, 10, Key::from_seed(1));
  for (std::uint8_t shape = 0; shape < kKernelShapes; ++shape) {
    const KernelChoice choice{.shape = static_cast<KernelShape>(shape), .features = FeatureKind::nystroem};
    std::vector<float> rows = scaled(x, 6);
    const auto map = make_nystroem_map(choice, rows, 10);
    const ApproximationError error = measure_error(choice, *map, rows, 40);
    EXPECT_LT(error.most, 2e-4) << shape_name(choice.shape);
    EXPECT_LE(error.most, error.pairs_bound);
  }
}

TEST(KernelFeatures, of_landmarks_never_err_beyond_what_is_left) {
  const std::vector<float> x = normal_rows(120, 4, 1, Key::from_seed(1));
  const KernelChoice choice{.shape = KernelShape::gaussian, .features = FeatureKind::nystroem};
  double before = 1;
  for (const std::size_t landmarks : {5U, 20U, 80U}) {
    const auto map = make_nystroem_map(choice, std::span(x).first(landmarks * 4), 4);
    const ApproximationError error = measure_error(choice, *map, x, 120);
    EXPECT_LE(error.most, error.pairs_bound);
    EXPECT_LT(error.mean, before);
    before = error.mean;
  }
}

TEST(KernelFeatures, of_repeated_landmarks_are_finite_and_exact) {
  // scikit-learn's singular case: rows twice, gamma = 100.
  std::vector<float> rows = scaled(rows_of_sum_one(10, 20, Key::from_seed(1)), std::sqrt(200.0));
  const std::vector<float> once = rows;
  rows.insert(rows.end(), once.begin(), once.end());
  const KernelChoice choice{.shape = KernelShape::gaussian, .features = FeatureKind::nystroem};
  const auto map = make_nystroem_map(choice, rows, 20);
  EXPECT_EQ(map->outputs(), 10U);
  const ApproximationError error = measure_error(choice, *map, rows, 20);
  EXPECT_LT(error.most, 1e-4);
}

TEST(KernelFeatures, of_a_row_do_not_depend_on_its_neighbours) {
  const std::vector<float> x = normal_rows(7, 5, 1, Key::from_seed(1));
  for (const FeatureKind kind :
       {FeatureKind::random, FeatureKind::orthogonal, FeatureKind::structured, FeatureKind::nystroem}) {
    const KernelChoice choice{.shape = KernelShape::gaussian, .features = kind};
    const auto map = kind == FeatureKind::nystroem ? make_nystroem_map(choice, std::span(x).first(20), 5)
                                                   : make_random_map(choice, 5, 64, Key::from_seed(1));
    MapWork work;
    std::vector<float> all(7 * map->outputs()), one(map->outputs());
    map->apply(x, 7, all.data(), map->outputs(), work);
    map->apply(std::span(x).subspan(3 * 5, 5), 1, one.data(), map->outputs(), work);
    EXPECT_TRUE(
        std::equal(one.begin(), one.end(), all.begin() + static_cast<std::ptrdiff_t>(3 * map->outputs())))
        << feature_kind_name(kind);
  }
}

}  // namespace
}  // namespace astrolabe::kernel
