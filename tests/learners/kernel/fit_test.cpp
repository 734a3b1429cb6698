// SPDX-License-Identifier: Apache-2.0
// What only kernel machines promise; the rest is in tests/contracts.
#include <algorithm>
#include <cmath>

#include "tests/learners/kernel/rows.h"
#include <gtest/gtest.h>

#include "astrolabe/learners/kernel/kernel_fit.h"
#include "astrolabe/learners/kernel/likelihood_pass.h"
#include "astrolabe/learners/kernel/moments.h"
#include "astrolabe/learners/kernel/newton.h"
#include "astrolabe/learners/kernel/penalised_system.h"
#include "astrolabe/learners/kernel/ridge.h"

namespace astrolabe::kernel {
namespace {

using testing::bytes_of;
using testing::explained;
using testing::fit;
using testing::make_numbers;
using testing::predict;

TrainingData waves(std::size_t rows, std::uint64_t seed = 1) {
  return make_numbers(
      TaskKind::regression, rows, 3,
      [](std::span<const double> x, double noise) {
        return 100 + 10 * std::sin(2 * x[0]) + 5 * x[1] + noise;
      },
      seed);
}

TrainingData checkerboard(std::size_t rows, std::uint64_t seed = 1) {
  return make_numbers(
      TaskKind::binary, rows, 2,
      [](std::span<const double> x, double) { return x[0] * x[1] > 0 ? 1.0 : 0.0; }, seed);
}

TrainingData rings(std::size_t rows, std::uint64_t seed = 1) {
  return make_numbers(
      TaskKind::multiclass, rows, 2,
      [](std::span<const double> x, double) { return std::min(2.0, std::floor(std::hypot(x[0], x[1]))); },
      seed);
}

SettingValues of(std::string_view kernel, std::string_view features, std::int64_t components = 200) {
  return {{"bandwidth", 0.5},
          {"kernel", std::string(kernel)},
          {"features", std::string(features)},
          {"components", components}};
}

double accuracy(const Model& model, const TrainingData& data) {
  const std::vector<double> out = predict(model, data.features);
  const std::size_t outputs = model.outputs();
  double right = 0;
  for (std::size_t row = 0; row < data.labels.rows(); ++row) {
    const auto begin = out.begin() + static_cast<std::ptrdiff_t>(row * outputs);
    const auto best = outputs == 1
                          ? static_cast<std::ptrdiff_t>(*begin > 0.5)
                          : std::max_element(begin, begin + static_cast<std::ptrdiff_t>(outputs)) - begin;
    right += static_cast<double>(best) == data.labels.values[row] ? 1 : 0;
  }
  return right / static_cast<double>(data.labels.rows());
}

// In blocks of a size that blocks in memory end at too.
class Blocks : public BlockSource {
 public:
  explicit Blocks(const TrainingData& data) : data_(data) {}
  [[nodiscard]] std::size_t rows() const override { return data_.features.rows; }
  [[nodiscard]] std::shared_ptr<const std::vector<Feature>> info() const override {
    return data_.features.info;
  }
  void rewind() override { next_ = 0; }
  [[nodiscard]] bool next(TrainingData& block) override {
    if (next_ == rows()) return false;
    std::vector<std::uint32_t> wanted;
    for (; next_ < rows() && wanted.size() < kBlockRows; ++next_)
      wanted.push_back(static_cast<std::uint32_t>(next_));
    block.features = data_.features.take_rows(wanted);
    block.labels.kind = data_.labels.kind;
    block.labels.classes = data_.labels.classes;
    block.labels.values.clear();
    for (const std::uint32_t row : wanted) block.labels.values.push_back(data_.labels.values[row]);
    return true;
  }

 private:
  const TrainingData& data_;
  std::size_t next_ = 0;
};

TEST(Kernel, learns_waves_with_every_kernel_of_a_distance) {
  for (const char* kernel : {"gaussian", "laplacian", "matern12", "matern32", "matern52"})
    EXPECT_GT(explained(*fit(waves(1000), of(kernel, "auto")), waves(500, 2)), 0.9) << kernel;
}

TEST(Kernel, learns_waves_with_all_features) {
  for (const char* features : {"random", "orthogonal", "structured", "nystroem"})
    EXPECT_GT(explained(*fit(waves(1000), of("gaussian", features)), waves(500, 2)), 0.9) << features;
}

TEST(Kernel, learns_products_with_kernels_of_an_angle) {
  const auto products = [](std::size_t rows, std::uint64_t seed) {
    return make_numbers(
        TaskKind::regression, rows, 3,
        [](std::span<const double> x, double noise) { return x[0] * x[1] + x[2] + 0.1 * noise; }, seed);
  };
  for (const char* kernel : {"arc_cosine0", "arc_cosine1", "polynomial"})
    for (const char* features : {"random", "nystroem"})
      EXPECT_GT(explained(*fit(products(1000, 1), of(kernel, features, 300)), products(500, 2)),
                std::string_view(kernel) == "arc_cosine0" ? 0.8 : 0.97)  // steps are rough
          << kernel << " " << features;
}

TEST(Kernel, learns_classes_that_no_line_can_tell) {
  EXPECT_GT(accuracy(*fit(checkerboard(1000), of("gaussian", "auto", 100)), checkerboard(500, 2)), 0.93);
  EXPECT_GT(accuracy(*fit(rings(1000), of("gaussian", "auto", 100)), rings(500, 2)), 0.9);
}

TEST(Kernel, learns_counts) {
  const auto counts = [](std::size_t rows, std::uint64_t seed) {
    return make_numbers(
        TaskKind::regression, rows, 2,
        [](std::span<const double> x, double noise) {
          const double rate = std::exp(1 + std::sin(2 * x[0]));
          return std::max(0.0, std::round(rate + std::sqrt(rate) * noise));
        },
        seed);
  };
  SettingValues settings = of("gaussian", "auto");
  settings["family"] = std::string("poisson");
  const auto model = fit(counts(1500, 1), settings);
  EXPECT_GT(explained(*model, counts(500, 2)), 0.45);  // the noise has the rest
  for (const double value : predict(*model, counts(500, 2).features)) EXPECT_GE(value, 0);
  EXPECT_TRUE(
      model->summary().starts_with("poisson regression on 200 orthogonal features of the gaussian kernel"))
      << model->summary();
}

TEST(Kernel, tells_its_error_beside_the_bound) {
  const std::string summary = fit(waves(300), of("gaussian", "random"))->summary();
  EXPECT_NE(summary.find("kernel off by"), std::string::npos) << summary;
  EXPECT_NE(summary.find("95 % bound"), std::string::npos) << summary;
  const std::string landmarks = fit(waves(300), of("gaussian", "nystroem"))->summary();
  EXPECT_NE(landmarks.find("certain bound"), std::string::npos) << landmarks;
}

TEST(Kernel, of_rows_in_blocks_is_that_of_rows_in_memory) {
  for (const TrainingData& data : {waves(9000), checkerboard(9000)}) {
    const SettingValues settings = {{"bandwidth", 1.0}, {"components", std::int64_t{40}}, {"penalty", 1e-3}};
    ThreadPool pool(2);
    const Budget budget;
    Blocks source(data);
    const auto streamed = fit_kernel({.rows = FitRows(source),
                                      .settings = settings,
                                      .key = Key::from_seed(1),
                                      .pool = pool,
                                      .budget = budget});
    EXPECT_EQ(bytes_of(*streamed), bytes_of(*fit(data, settings)));
  }
}

TEST(Kernel, has_the_same_bytes_on_any_number_of_threads) {
  const TrainingData data = waves(4500);
  const SettingValues settings = {{"components", std::int64_t{60}}};
  const std::string bytes = bytes_of(*fit(data, settings, 1));
  EXPECT_EQ(bytes, bytes_of(*fit(data, settings, 2)));
  EXPECT_EQ(bytes, bytes_of(*fit(data, settings, 7)));
}

// What a head is handed, on random features of bandwidth 1.
struct HeadCase {
  explicit HeadCase(const TrainingData& data, Family family, std::size_t outputs)
      : rows(data),
        survey(*survey_rows(rows, 100, Key::from_seed(2), pool, budget)),
        featurizer{.factors = std::vector<float>(data.features.features(), 1.0F),
                   .with_constant = false,
                   .map = make_random_map({}, data.features.features(), 40, Key::from_seed(3))},
        response{.family = family, .outputs = outputs, .center = 0, .scale = 1, .highest = 1} {}

  [[nodiscard]] HeadRequest request(double penalty) {
    return {.rows = rows,
            .watch = nullptr,
            .survey = survey,
            .featurizer = featurizer,
            .response = response,
            .penalty = penalty,
            .key = Key::from_seed(4),
            .pool = pool,
            .budget = budget,
            .progress = {}};
  }

  ThreadPool pool{2};
  Budget budget;
  FitRows rows;
  Survey survey;
  Featurizer featurizer;
  Response response;
};

TEST(Newton, ends_where_the_slope_is_zero) {
  for (const bool many : {false, true}) {
    const TrainingData data = many ? rings(800) : checkerboard(800);
    HeadCase with(data, many ? Family::multinomial : Family::logistic, many ? 3 : 1);
    const HeadRequest request = with.request(1e-3);
    const FittedHead head = fit_likelihood(request);
    EXPECT_FALSE(head.cut_short);
    LikelihoodPass pass(request, with.rows, {});
    const auto slope = pass.slope(head.coefficients);
    ASSERT_TRUE(slope);
    // z'z is 1 for a kernel of a distance, so the penalty is what it says.
    for (std::size_t i = 0; i < head.coefficients.size(); ++i) {
      const bool is_constant = i >= with.featurizer.components() * with.response.outputs;
      EXPECT_NEAR(slope->slope[i] + (is_constant ? 0 : 1e-3 * head.coefficients[i]), 0, 2e-5);
    }
  }
}

TEST(LikelihoodPass, has_the_slope_and_the_curve_of_differences) {
  const TrainingData data = rings(600);
  HeadCase with(data, Family::multinomial, 3);
  const HeadRequest request = with.request(1e-3);
  LikelihoodPass pass(request, with.rows, {});
  std::vector<double> at(with.featurizer.width() * 3), direction(at.size());
  RandomStream random(Key::from_seed(5));
  for (double& value : at) value = random.normal();
  for (double& value : direction) value = random.normal() / 10;
  std::vector<double> high = at, low = at;
  for (std::size_t i = 0; i < at.size(); ++i) {
    high[i] += 0.01 * direction[i];
    low[i] -= 0.01 * direction[i];
  }
  const auto middle = pass.slope(at), up = pass.slope(high), down = pass.slope(low);
  const auto curved = pass.curve(at, direction);
  double along = 0;
  for (std::size_t i = 0; i < at.size(); ++i) along += middle->slope[i] * direction[i];
  EXPECT_NEAR(along, (up->loss - down->loss) / 0.02, 1e-4);
  for (std::size_t i = 0; i < at.size(); ++i)
    EXPECT_NEAR((*curved)[i], (up->slope[i] - down->slope[i]) / 0.02, 1e-4);
}

TEST(Ridge, solves_its_normal_equations) {
  const TrainingData data = waves(700);
  HeadCase with(data, Family::gaussian, 1);
  with.response.center = 100;
  with.response.scale = 8;
  const HeadRequest request = with.request(1e-2);
  const FittedHead head = fit_ridge(request);
  const auto parts = moments_of_rows(request, with.rows, nullptr, 1);
  const Moments& moments = parts->back();
  for (std::size_t i = 0; i < moments.width(); ++i) {
    double left = 0;
    for (std::size_t j = 0; j < moments.width(); ++j)
      left += moments.gram()[i * moments.width() + j] * head.coefficients[j] / moments.weight();
    if (i + 1 < moments.width()) left += 1e-2 * head.coefficients[i];
    EXPECT_NEAR(left, moments.cross()[i] / moments.weight(), 1e-6);
  }
}

TEST(Ridge, generalised_cross_validation_equals_its_definition) {
  constexpr std::size_t kFew = 30, kWidth = 6;
  constexpr double kPenalty = 0.03;
  const std::vector<float> numbers = testing::normal_rows(kFew, kWidth - 1, 1, Key::from_seed(3));
  const std::vector<float> noise = testing::normal_rows(kFew, 1, 1, Key::from_seed(4));
  std::vector<float> z;
  std::vector<double> y;
  for (std::size_t row = 0; row < kFew; ++row) {
    for (std::size_t k = 0; k + 1 < kWidth; ++k) z.push_back(numbers[row * (kWidth - 1) + k]);
    z.push_back(1);  // the constant
    y.push_back(2 + static_cast<double>(z[row * kWidth] - z[row * kWidth + 1] + noise[row]));
  }
  ThreadPool pool(1);
  const auto moments_of = [&](const std::vector<double>& targets) {
    Moments moments(kWidth);
    std::vector<float> copy = z;
    moments.add(copy, kFew, targets, {}, pool);
    moments.finish();
    return moments;
  };
  const Moments moments = moments_of(y);
  double unit = 0;
  for (std::size_t k = 0; k + 1 < kWidth; ++k) unit += moments.gram()[k * kWidth + k] / kFew;
  const auto system = PenalisedSystem::factor(moments.gram(), kWidth, 1.0 / kFew, kPenalty * unit);
  ASSERT_TRUE(system);
  const auto fitted = [&](const std::vector<double>& targets, std::size_t row) {
    const Moments own = moments_of(targets);
    std::vector<double> b(own.cross().begin(), own.cross().end());
    for (double& value : b) value /= kFew;
    system->solve(b);
    double sum = 0;
    for (std::size_t k = 0; k < kWidth; ++k) sum += static_cast<double>(z[row * kWidth + k]) * b[k];
    return sum;
  };
  // By how much a row's own target moves its prediction, row by row.
  double freedom = 0, squares = 0;
  for (std::size_t row = 0; row < kFew; ++row) {
    std::vector<double> alone(kFew, 0.0);
    alone[row] = 1;
    freedom += fitted(alone, row);
    squares += std::pow(y[row] - fitted(y, row), 2);
  }
  EXPECT_NEAR(gcv_score(moments, kPenalty), squares / kFew / std::pow(1 - freedom / kFew, 2), 1e-5);
}

TEST(Ridge, by_generalised_cross_validation_is_as_good_as_by_rows_held_out) {
  SettingValues settings = of("gaussian", "orthogonal");
  const double held_out = explained(*fit(waves(400), settings), waves(2000, 2));
  settings["penalty_by"] = std::string("gcv");
  const double gcv = explained(*fit(waves(400), settings), waves(2000, 2));
  EXPECT_NEAR(gcv, held_out, 0.01);
  // A penalty that is told is taken, whoever would have chosen.
  settings["penalty"] = 1.0;
  EXPECT_LT(explained(*fit(waves(400), settings), waves(2000, 2)), gcv);
}

TEST(Ridge, chooses_a_weaker_penalty_where_there_is_less_noise) {
  const auto penalty_at = [](double noise_level) {
    const TrainingData data = make_numbers(
        TaskKind::regression, 600, 2,
        [&](std::span<const double> x, double noise) { return std::sin(1.5 * x[0]) + noise_level * noise; });
    const SettingValues settings = {{"bandwidth", 1.0}, {"components", std::int64_t{200}}};
    return std::get<double>(fit(data, settings)->settings_found().at("penalty"));
  };
  EXPECT_LT(10 * penalty_at(0.01), penalty_at(2));
}

}  // namespace
}  // namespace astrolabe::kernel
