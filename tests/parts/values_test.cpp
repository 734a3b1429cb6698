// SPDX-License-Identifier: Apache-2.0
// Values of activations, losses and schedules against formulas written by hand with the C library, in f64.
#include <cmath>
#include <functional>
#include <map>
#include <numbers>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "astrolabe/parts/catalog.h"

namespace astrolabe {
namespace {

constexpr double kPi = std::numbers::pi;

double sigmoid(double x) {
  return 1 / (1 + std::exp(-x));
}

// MATH rows may be as coarse as f32.
void expect_close(double value, double expected, const std::string& where) {
  EXPECT_NEAR(value, expected, 1e-6 * std::max(1.0, std::abs(expected))) << where;
}

using Formula = std::function<double(double)>;

TEST(PartValues, of_activations_are_those_of_their_papers) {
  const std::map<std::string, Formula> formulas{
      {"relu", [](double x) { return x > 0 ? x : 0; }},
      {"leaky_relu", [](double x) { return x > 0 ? x : 0.01 * x; }},
      {"leaky_relu(0.3)", [](double x) { return x > 0 ? x : 0.3 * x; }},
      {"elu", [](double x) { return x > 0 ? x : std::expm1(x); }},
      {"elu(a=2.5)", [](double x) { return x > 0 ? x : 2.5 * std::expm1(x); }},
      {"selu",
       [](double x) { return 1.0507009873554805 * (x > 0 ? x : 1.6732632423543772 * std::expm1(x)); }},
      {"gelu", [](double x) { return 0.5 * x * (1 + std::erf(x / std::sqrt(2.0))); }},
      {"silu", [](double x) { return x * sigmoid(x); }},
      {"swish", [](double x) { return x * sigmoid(x); }},
      {"mish", [](double x) { return x * std::tanh(std::log1p(std::exp(x))); }},
      {"softplus", [](double x) { return std::log1p(std::exp(x)); }},
      {"tanh", [](double x) { return std::tanh(x); }},
      {"sigmoid", sigmoid},
      {"identity", [](double x) { return x; }},
  };
  for (const PartRow& row : parts_of(Vocabulary::activation))
    EXPECT_TRUE(formulas.contains(std::string(row.name))) << row.name << " has no formula here";
  for (const auto& [name, formula] : formulas) {
    const Expression e = resolve_part(Vocabulary::activation, name).expression;
    for (double x = -6; x <= 6; x += 0.375)
      expect_close(evaluate_expression(e, {{"x", x}}), formula(x), fmt::format("{} at {}", name, x));
  }
}

double value_of_loss(const std::string& name, double y, double z) {
  const double p = sigmoid(z);
  return evaluate_expression(
      resolve_part(Vocabulary::loss, name).expression,
      {{"y", y}, {"z", z}, {"p", p}, {"classes", 4}, {"log_p", std::log(p)}, {"log_1_p", std::log1p(-p)}});
}

TEST(PartValues, of_losses_for_numbers_are_those_of_the_books) {
  using Loss = std::function<double(double, double)>;
  const std::map<std::string, Loss> formulas{
      {"mse", [](double y, double z) { return (y - z) * (y - z); }},
      {"mae", [](double y, double z) { return std::abs(y - z); }},
      {"huber",
       [](double y, double z) {
         const double r = std::abs(y - z);
         return r < 1 ? r * r / 2 : r - 0.5;
       }},
      {"huber(2.5)",
       [](double y, double z) {
         const double r = std::abs(y - z);
         return r < 2.5 ? r * r / 2 : 2.5 * (r - 1.25);
       }},
      {"log_cosh", [](double y, double z) { return std::log(std::cosh(y - z)); }},
      {"quantile", [](double y, double z) { return std::abs(y - z) / 2; }},
      {"quantile(0.9)", [](double y, double z) { return y > z ? 0.9 * (y - z) : 0.1 * (z - y); }},
      {"poisson", [](double y, double z) { return std::exp(z) - y * z; }},
      {"gamma", [](double y, double z) { return z + y * std::exp(-z); }},
      {"tweedie", [](double y, double z) { return 2 * std::exp(z / 2) + 2 * y * std::exp(-z / 2); }},
      {"tweedie(1.2)",
       [](double y, double z) { return std::exp(0.8 * z) / 0.8 + y * std::exp(-0.2 * z) / 0.2; }},
  };
  for (const PartRow& row : parts_of(Vocabulary::loss))
    EXPECT_EQ(formulas.contains(std::string(row.name)), row.for_regression) << row.name;
  for (const auto& [name, formula] : formulas) {
    for (const double y : {-3.0, 0.0, 1.25})
      for (double z = -4; z <= 4; z += 0.5)
        expect_close(value_of_loss(name, y, z), formula(y, z), fmt::format("{} at {}, {}", name, y, z));
  }
}

TEST(PartValues, of_losses_for_classes_are_those_of_the_books) {
  using Loss = std::function<double(double, double)>;  // of y and p
  const std::map<std::string, Loss> formulas{
      {"cross_entropy", [](double y, double p) { return -y * std::log(p); }},
      {"focal", [](double y, double p) { return -(1 - p) * (1 - p) * y * std::log(p); }},
      {"focal(0.7)", [](double y, double p) { return -std::pow(1 - p, 0.7) * y * std::log(p); }},
      {"label_smoothing", [](double y, double p) { return -(0.9 * y + 0.1 / 4) * std::log(p); }},
      {"brier", [](double y, double p) { return (y - p) * (y - p); }},
  };
  for (const PartRow& row : parts_of(Vocabulary::loss))
    EXPECT_EQ(formulas.contains(std::string(row.name)), row.for_classes) << row.name;
  for (const auto& [name, formula] : formulas) {
    for (const double y : {0.0, 1.0})
      for (double z = -4; z <= 4; z += 0.5)
        expect_close(value_of_loss(name, y, z), formula(y, sigmoid(z)),
                     fmt::format("{} at {}, {}", name, y, z));
  }
}

TEST(PartValues, of_focal_with_a_broken_exponent_is_zero_at_certainty) {
  EXPECT_EQ(evaluate_expression(resolve_part(Vocabulary::loss, "focal(1.5)").expression,
                                {{"y", 1}, {"z", 800}, {"p", 1}, {"log_p", 0}, {"log_1_p", -800}}),
            0);
}

TEST(PartValues, of_schedules_are_those_of_their_papers) {
  const std::map<std::string, Formula> formulas{
      {"constant", [](double) { return 1; }},
      {"linear", [](double t) { return 1 - t; }},
      {"cosine", [](double t) { return (1 + std::cos(kPi * t)) / 2; }},
      {"restarts", [](double t) { return t == 1 ? 0 : (1 + std::cos(kPi * std::fmod(3 * t, 1))) / 2; }},
      {"restarts(5)", [](double t) { return t == 1 ? 0 : (1 + std::cos(kPi * std::fmod(5 * t, 1))) / 2; }},
      {"onecycle",
       [](double t) {
         return t < 0.3 ? 1 - 0.96 * (1 + std::cos(kPi * t / 0.3)) / 2
                        : (1 + std::cos(kPi * (t - 0.3) / 0.7)) / 2;
       }},
      {"warmup", [](double t) { return std::min(1.0, t / 0.1); }},
      {"warmup(0.5)", [](double t) { return std::min(1.0, t / 0.5); }},
  };
  for (const PartRow& row : parts_of(Vocabulary::schedule))
    EXPECT_TRUE(formulas.contains(std::string(row.name))) << row.name << " has no formula here";
  for (const auto& [name, formula] : formulas) {
    const Expression e = resolve_part(Vocabulary::schedule, name).expression;
    for (int i = 0; i <= 64; ++i) {
      const double t = i / 64.0;
      expect_close(evaluate_expression(e, {{"t", t}, {"k", 1}}), formula(t),
                   fmt::format("{} at {}", name, t));
    }
  }
}

}  // namespace
}  // namespace astrolabe
