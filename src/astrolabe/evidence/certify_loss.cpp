// SPDX-License-Identifier: Apache-2.0
#include <array>

#include <fmt/format.h>

#include "astrolabe/evidence/certify_curve.h"
#include "astrolabe/evidence/two_classes.h"
#include "astrolabe/graph/gradient.h"

namespace astrolabe {
namespace {

constexpr double kZero = 1e-6;  // so near to 0 is what rounding leaves of it

// d/dz of q L(1, z) + (1 - q) L(0, z) at the z whose prediction is q, for every q at once: L(0, z) is L(1,
// -z).
NodeId slope_of_risk(const Expression& loss, Graph& graph, NodeId z) {
  const NodeId minus = graph.negate(z);
  const auto slope = [&](NodeId raw) {
    return gradient(graph, loss_of_true_class(loss, graph, raw), std::array{raw}).front();
  };
  return graph.subtract(graph.multiply(graph.math("sigmoid", z), slope(z)),
                        graph.multiply(graph.math("sigmoid", minus), slope(minus)));
}

Certificate certify_proper(const Expression& loss, const Bounds& domain) {
  CurveBounds risk([&](Graph& graph, NodeId z) { return slope_of_risk(loss, graph, z); });
  const Sweep sweep = decide_everywhere(domain, [&](const Bounds& z) {
    const Bounds slope = risk.value(z);
    if (!slope.is_total) return Answer::open;
    if (slope.low >= -kZero && slope.high <= kZero) return Answer::yes;
    return slope.low > kZero || slope.high < -kZero ? Answer::no : Answer::open;
  });
  const bool is_refuted = sweep.certainty == Certainty::refuted;
  const double q = is_refuted ? bounds_of_math("sigmoid", Bounds{sweep.where.middle()}).middle() : 0;
  return {.name = "proper",
          .certainty = sweep.certainty,
          .where = where_words(sweep, domain, "z"),
          .words = is_refuted
                       ? fmt::format("where the true probability is {:.4g}, another prediction costs less", q)
                       : "the expected loss is flat (to 1e-6) where the prediction is the true probability"};
}

// Of numbers, with the truth at 1; which number it is matters to few losses.
Certificate certify_least(CurveBounds& curve, const Bounds& domain) {
  const Sweep falls = decide_everywhere(domain, [&](const Bounds& z) {
    const Bounds slope = curve.slope(z);
    return slope.high <= 0 ? Answer::yes : slope.low > 0 ? Answer::no : Answer::open;
  });
  // Down, then up: the border is where it is least.
  double border = 0;
  std::size_t turns = 0;
  const Piece* before = nullptr;
  for (const Piece& piece : falls.pieces) {
    if (piece.answer == Answer::open) continue;
    turns += before != nullptr && before->answer != piece.answer;
    if (before != nullptr && before->answer == Answer::yes && piece.answer == Answer::no)
      border = before->x.high / 2 + piece.x.low / 2;
    before = &piece;
  }
  const bool is_known = turns == 1 && falls.pieces.front().answer == Answer::yes;
  return {.name = "least",
          .certainty = is_known ? Certainty::proved : Certainty::not_decided,
          .where = "on " + interval_words(domain),
          .words = is_known
                       ? fmt::format("at z = {:.6g} where the truth is 1, falling before and rising behind",
                                     border)
                       : "no single lowest place is known"};
}

}  // namespace

std::vector<Certificate> certify_loss(const Expression& loss, bool is_of_classes, const Bounds& domain) {
  CurveBounds curve(
      is_of_classes ? CurveBuilder([&](Graph& graph, NodeId z) { return loss_of_true_class(loss, graph, z); })
                    : curve_of(loss, "z", {{"y", 1}}));
  return {certify_finite(curve, domain, "z"),
          certify_differentiable(curve, domain, "z"),
          certify_convex(curve, domain, "z"),
          certify_bounded(curve, domain),
          certify_lipschitz(curve, domain),
          is_of_classes ? certify_proper(loss, domain) : certify_least(curve, domain)};
}

}  // namespace astrolabe
