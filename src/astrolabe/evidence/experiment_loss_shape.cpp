// SPDX-License-Identifier: Apache-2.0
// The pull of a loss at the raw output of the true one of two classes, by the probability it was given.
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "astrolabe/base/error.h"
#include "astrolabe/evidence/certify_curve.h"
#include "astrolabe/evidence/experiments.h"
#include "astrolabe/evidence/two_classes.h"
#include "astrolabe/parts/catalog.h"

namespace astrolabe {
namespace {

constexpr int kPoints = 99;

double output_of(double probability) {
  return std::log(probability / (1 - probability));
}

}  // namespace

ExperimentResult run_loss_shape(const ExperimentRequest& request) {
  ExperimentResult result{.key = "loss",
                          .rows = {},
                          .plot = {"probability of the true class", "pull", false, {}},
                          .prediction = {},
                          .words = {}};
  result.prediction =
      "focal loss pulls less at what is already right (probability 0.9) than cross entropy does, and no "
      "less than half as hard at what is wrong (0.1)";
  double cross_entropy_right = 0, cross_entropy_wrong = 0, focal_right = 0, focal_wrong = 0;
  for (const std::string& name : request.list("loss")) {
    const ResolvedPart part = resolve_part(Vocabulary::loss, name);
    if (!suits_classes(part)) {
      throw usage_error({.attempted = "running the experiment loss-shape",
                         .expected = "losses of classes",
                         .found = name,
                         .remedy = "Give cross_entropy, focal(2) or an expression in p."});
    }
    CurveBounds curve([&](Graph& graph, NodeId z) { return loss_of_true_class(part.expression, graph, z); });
    const auto pull = [&](double p) { return -curve.slope(Bounds{output_of(p)}).middle(); };
    ExperimentCurve line{.name = name, .x = {}, .y = {}};
    for (int i = 1; i <= kPoints; ++i) {
      const double p = static_cast<double>(i) / (kPoints + 1);
      line.x.push_back(p);
      line.y.push_back(pull(p));
    }
    const double right = pull(0.9), wrong = pull(0.1);
    result.rows.push_back(
        {name, {{"pull_at_0.1", wrong}, {"pull_at_0.5", pull(0.5)}, {"pull_at_0.9", right}}});
    result.plot.curves.push_back(std::move(line));
    if (name == "cross_entropy") cross_entropy_right = right, cross_entropy_wrong = wrong;
    if (name.starts_with("focal")) focal_right = right, focal_wrong = wrong;
  }
  if (cross_entropy_right > 0 && focal_wrong > 0) {
    const bool is_true = focal_right < cross_entropy_right && focal_wrong >= cross_entropy_wrong / 2;
    result.verdict = is_true ? ExperimentVerdict::confirmed : ExperimentVerdict::refuted;
    result.words = fmt::format("at 0.9: {:.4g} against {:.4g}; at 0.1: {:.4g} against {:.4g}", focal_right,
                               cross_entropy_right, focal_wrong, cross_entropy_wrong);
  } else {
    result.words = "cross_entropy and focal were not both among the losses";
  }
  return result;
}

}  // namespace astrolabe
