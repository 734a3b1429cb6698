// SPDX-License-Identifier: Apache-2.0
// Theorems whose answers are known from books.
#include "astrolabe/evidence/certify.h"

#include <algorithm>
#include <string>

#include <gtest/gtest.h>

#include "astrolabe/evidence/curvature.h"
#include "astrolabe/evidence/sweep.h"
#include "astrolabe/parts/catalog.h"

namespace astrolabe {
namespace {

Certificate find(const std::vector<Certificate>& certificates, const std::string& name) {
  const auto found = std::ranges::find(certificates, name, &Certificate::name);
  return found == certificates.end() ? Certificate{"none", Certainty::not_decided, "", ""} : *found;
}

Certificate of_activation(const std::string& text, const std::string& name) {
  return find(certify_activation(resolve_part(Vocabulary::activation, text).expression, {-10, 10}), name);
}

Certificate of_loss(const std::string& text, const std::string& name) {
  const ResolvedPart part = resolve_part(Vocabulary::loss, text);
  return find(certify_loss(part.expression, !suits_numbers(part), {-6, 6}), name);
}

Certificate of_optimizer(const std::string& text, const std::string& name) {
  return find(certify_optimizer(resolve_part(Vocabulary::optimizer, text).expression), name);
}

TEST(CertifyActivation, knows_what_increases) {
  for (const char* text : {"relu", "tanh", "softplus", "elu", "sigmoid", "x^3"})
    EXPECT_EQ(of_activation(text, "increasing").certainty, Certainty::proved) << text;
  for (const char* text : {"silu", "gelu", "mish", "-x", "sin(x)"})
    EXPECT_EQ(of_activation(text, "increasing").certainty, Certainty::refuted) << text;
  EXPECT_NE(of_activation("silu", "increasing").words.find("falls on [-10, -1.27846]"), std::string::npos);
}

TEST(CertifyActivation, finds_slopes_and_values) {
  EXPECT_NE(of_activation("silu", "Lipschitz").words.find("at most 1.09984"), std::string::npos);
  EXPECT_NE(of_activation("gelu", "Lipschitz").words.find("at most 1.1289"), std::string::npos);
  EXPECT_NE(of_activation("sigmoid", "Lipschitz").words.find("at most 0.25"), std::string::npos);
  EXPECT_NE(of_activation("silu", "bounds").words.find("from -0.278465 (at -1.278)"), std::string::npos);
}

TEST(CertifyActivation, sees_corners) {
  EXPECT_EQ(of_activation("silu", "differentiable").certainty, Certainty::proved);
  const Certificate relu = of_activation("relu", "differentiable");
  EXPECT_EQ(relu.certainty, Certainty::refuted);
  EXPECT_NE(relu.words.find("slope 0 before and 1 behind"), std::string::npos);
}

TEST(CertifyActivation, knows_what_is_convex) {
  for (const char* text : {"relu", "softplus", "x*x", "abs(x-1)"})
    EXPECT_EQ(of_activation(text, "convex").certainty, Certainty::proved) << text;
  for (const char* text : {"silu", "tanh", "min(x,0)"})
    EXPECT_NE(of_activation(text, "convex").certainty, Certainty::proved) << text;
}

TEST(CertifyActivation, counts_fixed_points) {
  EXPECT_EQ(of_activation("silu", "fixed points").words, "x = f(x) at 0");
  EXPECT_EQ(of_activation("0.5*x+1", "fixed points").words, "x = f(x) at 2");
  EXPECT_EQ(of_activation("exp(x)", "fixed points").words, "none");
  EXPECT_EQ(of_activation("x", "fixed points").words, "every x of [-10, 10]");
}

TEST(CertifyActivation, of_what_is_undefined_says_where_and_goes_on_elsewhere) {
  const Certificate log = of_activation("log(x)", "finite");
  EXPECT_EQ(log.certainty, Certainty::refuted);
  const Certificate rest = of_activation("log(x)", "increasing");
  EXPECT_EQ(rest.certainty, Certainty::proved);
}

TEST(CertifyActivation, keeps_the_variance_as_he_and_others_say) {
  EXPECT_NE(of_activation("relu", "variance").words.find("scaled with 1.414"), std::string::npos);  // sqrt(2)
  EXPECT_NE(of_activation("x", "variance").words.find("scaled with 1 /"), std::string::npos);
}

TEST(CertifyLoss, knows_which_are_proper) {
  EXPECT_EQ(of_loss("cross_entropy", "proper").certainty, Certainty::proved);
  EXPECT_EQ(of_loss("y*(1-p)^2", "proper").certainty, Certainty::proved);  // Brier's
  EXPECT_EQ(of_loss("focal", "proper").certainty, Certainty::refuted);
  EXPECT_EQ(of_loss("cross_entropy", "convex").certainty, Certainty::proved);
  EXPECT_EQ(of_loss("focal", "convex").certainty, Certainty::refuted);
}

TEST(CertifyLoss, of_numbers_finds_where_it_is_least) {
  for (const char* text : {"mse", "mae", "huber"})
    EXPECT_NE(of_loss(text, "least").words.find("at z = 1 "), std::string::npos) << text;
  EXPECT_EQ(of_loss("mse", "convex").certainty, Certainty::proved);
}

TEST(CertifyOptimizer, finds_the_rates_that_converge_on_a_quadratic) {
  EXPECT_NE(of_optimizer("lr*g", "stable").where.find(", 2]"), std::string::npos);
  EXPECT_NE(of_optimizer("momentum", "stable").where.find(", 3.8]"), std::string::npos);  // 2 (1 + m)
  EXPECT_NE(of_optimizer("nesterov", "stable").where.find(", 1.35714]"),
            std::string::npos);  // 2 (1 + m) / (1 + 2m)
  EXPECT_EQ(of_optimizer("-lr*g", "stable").certainty, Certainty::refuted);
}

TEST(CertifyOptimizer, does_not_take_a_flat_slope_for_a_straight_step) {
  for (const char* text : {"lr*sign(g)", "adam", "lr*max(g,0)"})
    EXPECT_EQ(of_optimizer(text, "linear").certainty, Certainty::not_decided) << text;
}

TEST(CertifySchedule, knows_what_falls) {
  const auto certificates = [](const char* text) {
    return certify_schedule(resolve_part(Vocabulary::schedule, text).expression);
  };
  EXPECT_EQ(find(certificates("cosine"), "decreasing").certainty, Certainty::proved);
  EXPECT_EQ(find(certificates("cosine"), "never negative").certainty, Certainty::proved);
  EXPECT_EQ(find(certificates("t"), "decreasing").certainty, Certainty::refuted);
  EXPECT_EQ(find(certificates("1-2*t"), "never negative").certainty, Certainty::refuted);
}

TEST(Curvature, follows_how_it_is_made) {
  const auto curvature = [](const std::string& text) {
    const Expression expression = parse_expression(Vocabulary::activation, text);
    NodeId x = kNoNode;
    for (NodeId id = 0; id < expression.graph.size(); ++id)
      if (expression.graph[id].op == Op::input) x = id;
    return curvature_of(expression.graph, expression.value, x);
  };
  EXPECT_EQ(curvature("x+1"), Curvature::straight);
  EXPECT_EQ(curvature("max(x,0)+x*x"), Curvature::convex);
  EXPECT_EQ(curvature("-max(x,0)"), Curvature::concave);
  EXPECT_EQ(curvature("max(x,0)-x*x"), Curvature::unknown);
  EXPECT_EQ(curvature("softplus(max(x,1))"), Curvature::convex);
  EXPECT_EQ(curvature("softplus(-max(x,1))"), Curvature::unknown);
}

TEST(FindLargest, brackets_the_top_of_a_curve) {
  const Largest top = find_largest({0, 3}, [](const Bounds& x) { return x * (Bounds{2} - x); });
  EXPECT_NEAR(top.where, 1, 1e-3);
  EXPECT_LE(top.reached, 1);
  EXPECT_GE(top.proved, 1);
  EXPECT_NEAR(top.proved, 1, 1e-6);
}

}  // namespace
}  // namespace astrolabe
