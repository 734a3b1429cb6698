// SPDX-License-Identifier: Apache-2.0
// Optimizers against loops written by hand in f64. Where PyTorch 1.13 has the optimizer, the loop is its
// single-tensor form, line by line.
#include <array>
#include <cmath>
#include <functional>

#include <gtest/gtest.h>

#include "astrolabe/parts/catalog.h"

namespace astrolabe {
namespace {

constexpr double kRate = 0.05;
constexpr std::array kStarts{1.5, -0.7, 0.01};

// Of (w^2 - 1)^2 / 4 + 0.3 w: changes its sign on the way.
double slope(double w) {
  return w * (w * w - 1) + 0.3;
}

double sign(double x) {
  return x > 0 ? 1 : x < 0 ? -1 : 0;
}

// What a step does to w; memories live in `s`.
using Step = std::function<double(double w, double g, int k, std::array<double, 2>& s)>;

void expect_steps(std::string_view text, const Step& step) {
  const Expression e = resolve_part(Vocabulary::optimizer, text).expression;
  for (const double start : kStarts) {
    double by_hand = start;
    double w = start;
    std::array<double, 2> hand_memory{};
    std::vector<double> memory(e.memories.size());
    for (int k = 1; k <= 5; ++k) {
      by_hand = step(by_hand, slope(by_hand), k, hand_memory);
      std::unordered_map<std::string, double> values{
          {"g", slope(w)}, {"w", w}, {"lr", kRate}, {"k", k}, {"t", k / 5.0}};
      for (std::size_t i = 0; i < memory.size(); ++i) values[e.memories[i].name] = memory[i];
      w -= evaluate_expression(e, values);
      Expression of_memory = e;
      for (std::size_t i = 0; i < memory.size(); ++i) {
        of_memory.value = e.memories[i].next;
        memory[i] = evaluate_expression(of_memory, values);
      }
      EXPECT_NEAR(w, by_hand, 2e-7) << text << " from " << start << ", step " << k;
    }
  }
}

TEST(Optimizer, sgd_is_that_of_torch) {
  expect_steps("sgd", [](double w, double g, int, auto&) { return w - kRate * g; });
}

TEST(Optimizer, momentum_is_that_of_torch) {
  expect_steps("momentum(0.8)", [](double w, double g, int k, auto& s) {
    s[0] = k == 1 ? g : 0.8 * s[0] + g;
    return w - kRate * s[0];
  });
}

TEST(Optimizer, nesterov_is_that_of_torch) {
  expect_steps("nesterov", [](double w, double g, int k, auto& s) {
    s[0] = k == 1 ? g : 0.9 * s[0] + g;
    return w - kRate * (g + 0.9 * s[0]);
  });
}

TEST(Optimizer, rmsprop_is_that_of_torch) {
  expect_steps("rmsprop", [](double w, double g, int, auto& s) {
    s[0] = 0.99 * s[0] + (1 - 0.99) * g * g;
    return w - kRate * g / (std::sqrt(s[0]) + 1e-8);
  });
}

TEST(Optimizer, adagrad_is_that_of_torch) {
  expect_steps("adagrad", [](double w, double g, int, auto& s) {
    s[0] += g * g;
    return w - kRate * g / (std::sqrt(s[0]) + 1e-10);
  });
}

double adam(double w, double g, int k, std::array<double, 2>& s) {
  s[0] = 0.9 * s[0] + (1 - 0.9) * g;
  s[1] = 0.999 * s[1] + (1 - 0.999) * g * g;
  const double step_size = kRate / (1 - std::pow(0.9, k));
  const double denominator = std::sqrt(s[1]) / std::sqrt(1 - std::pow(0.999, k)) + 1e-8;
  return w - step_size * s[0] / denominator;
}

TEST(Optimizer, adam_is_that_of_torch) {
  expect_steps("adam", adam);
}

TEST(Optimizer, adamw_is_that_of_torch) {
  expect_steps("adamw(wd=0.1)",
               [](double w, double g, int k, auto& s) { return adam(w * (1 - kRate * 0.1), g, k, s); });
}

TEST(Optimizer, nadam_looks_ahead_by_one_step) {
  expect_steps("nadam", [](double w, double g, int k, auto& s) {
    s[0] = 0.9 * s[0] + 0.1 * g;
    s[1] = 0.999 * s[1] + 0.001 * g * g;
    const double mean = 0.9 * s[0] / (1 - std::pow(0.9, k + 1)) + 0.1 * g / (1 - std::pow(0.9, k));
    return w - kRate * mean / (std::sqrt(s[1] / (1 - std::pow(0.999, k))) + 1e-8);
  });
}

TEST(Optimizer, lion_is_that_of_its_paper) {
  expect_steps("lion(wd=0.1)", [](double w, double g, int, auto& s) {
    const double update = sign(0.9 * s[0] + (1 - 0.9) * g);
    s[0] = 0.99 * s[0] + (1 - 0.99) * g;
    return w - kRate * (update + 0.1 * w);
  });
}

TEST(Optimizer, addsign_and_powersign_are_those_of_their_paper) {
  expect_steps("addsign", [](double w, double g, int, auto& s) {
    s[0] = 0.9 * s[0] + 0.1 * g;
    return w - kRate * (1 + sign(g) * sign(s[0])) * g;
  });
  expect_steps("powersign", [](double w, double g, int, auto& s) {
    s[0] = 0.9 * s[0] + 0.1 * g;
    return w - kRate * std::exp(sign(g) * sign(s[0])) * g;
  });
}

}  // namespace
}  // namespace astrolabe
