// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <functional>
#include <optional>

#include <fmt/format.h>

#include "astrolabe/evidence/certify_curve.h"
#include "astrolabe/stats/distribution.h"

namespace astrolabe {
namespace {

constexpr std::size_t kMostPoints = 8;

// Whether f(x) - x has a zero in a piece: none, exactly one (it changes its sign, and the slope does not), or
// nobody knows. Looked at a little beyond the ends, so that a zero on a border is not lost.
enum class Zeros : std::uint8_t { none, one, everywhere, open };
Zeros zeros_in(CurveBounds& curve, const Bounds& x) {
  const Bounds value = curve.value(x);
  if (value.low == 0 && value.high == 0 && value.is_total) return Zeros::everywhere;
  if (!value.contains(0)) return Zeros::none;
  const double beyond = x.width() / 16;
  const Bounds wide{x.low - beyond, x.high + beyond};
  const Bounds slope = curve.slope(wide);
  if (!slope.is_finite() || slope.contains(0)) return Zeros::open;
  const Bounds left = curve.value(Bounds{wide.low}), right = curve.value(Bounds{wide.high});
  const bool changes = (left.high < 0 && right.low > 0) || (left.low > 0 && right.high < 0);
  const bool keeps = (left.high < 0 && right.high < 0) || (left.low > 0 && right.low > 0);
  return changes ? Zeros::one : keeps ? Zeros::none : Zeros::open;
}

double zero_of(CurveBounds& curve, const Bounds& x) {
  double low = x.low - x.width() / 16, high = x.high + x.width() / 16;
  const bool begins_above = curve.number_at(low) > 0;
  for (int i = 0; i < 60; ++i) {
    const double middle = low / 2 + high / 2;
    ((curve.number_at(middle) > 0) == begins_above ? low : high) = middle;
  }
  return std::abs(low) < 1e-9 ? 0 : low;
}

Certificate certify_fixed_points(const Expression& activation, const Bounds& domain) {
  const CurveBuilder value = curve_of(activation, "x");
  CurveBounds curve([&](Graph& graph, NodeId x) { return graph.subtract(value(graph, x), x); });
  std::vector<double> points;
  std::optional<Bounds> same, open;  // where every x is one; where nobody knows
  const auto widen = [](std::optional<Bounds>& known, const Bounds& x) {
    known = known ? hull(*known, x) : x;
  };
  static_cast<void>(decide_everywhere(
      domain,
      [&](const Bounds& x) {
        const Zeros zeros = zeros_in(curve, x);
        if (zeros == Zeros::open && x.width() > 1e-6 * domain.width()) return Answer::open;
        if (zeros == Zeros::open) widen(open, x);
        if (zeros == Zeros::everywhere) widen(same, x);
        if (zeros == Zeros::one) {
          const double zero = zero_of(curve, x);
          const auto is_near = [&](double other) { return std::abs(other - zero) < 1e-6; };
          if (std::ranges::none_of(points, is_near)) points.push_back(zero);
        }
        return Answer::yes;
      },
      4'000));
  std::ranges::sort(points);
  if (points.size() > kMostPoints) points.resize(kMostPoints);
  std::string words = same ? "every x of " + interval_words(*same) : "";
  if (!points.empty())
    words += fmt::format("{}x = f(x) at {:.6g}", words.empty() ? "" : "; ", fmt::join(points, ", "));
  if (words.empty()) words = open ? "none isolated" : "none";
  if (open) words += fmt::format("; open within {}", interval_words(*open));
  return {.name = "fixed points",
          .certainty = open ? Certainty::not_decided : Certainty::proved,
          .where = "on " + interval_words(domain),
          .words = std::move(words)};
}

// The mean of a function of a standard normal over [-8, 8], which holds all but 1.3e-15 of it.
Bounds normal_mean(const std::function<Bounds(const Bounds&)>& function) {
  constexpr int kBins = 4096;
  constexpr double kReach = 8;
  Bounds mean{0};
  for (int bin = 0; bin < kBins; ++bin) {
    const double low = -kReach + 2 * kReach * bin / kBins, high = -kReach + 2 * kReach * (bin + 1) / kBins;
    // Boost's cdf is exact to some units in the last place of 1.
    const double share = low < 0 ? normal_cdf(high) - normal_cdf(low) : normal_cdf(-low) - normal_cdf(-high);
    mean = mean + function(Bounds{low, high}) * Bounds{std::max(0.0, share - 1e-15), share + 1e-15};
  }
  return mean;
}

// What becomes of a signal of variance 1, and of the gradient on its way back, in a deep net (Poole and
// others 2016; Schoenholz and others 2017): chi = E[slope^2] / E[value^2] once weights are scaled to keep the
// variance.
Certificate certify_variance(CurveBounds& curve) {
  const Bounds power = normal_mean([&](const Bounds& x) { return square(curve.value(x)); });
  const Bounds slope = normal_mean([&](const Bounds& x) { return square(curve.slope(x)); });
  const bool is_known = power.is_finite() && slope.is_finite() && power.low > 0;
  if (!is_known)
    return {.name = "variance",
            .certainty = Certainty::not_decided,
            .where = "on [-8, 8]",
            .words = "not finite there"};
  const Bounds gain = bounds_of_math("rsqrt", power), chi = slope / power;
  return {.name = "variance",
          .certainty = Certainty::proved,
          .where = "of a standard normal on [-8, 8]",
          .words = fmt::format(
              "kept by weights scaled with {:.4g} / sqrt(inputs); a gradient then changes by {:.4g} "
              "to {:.4g} a layer",
              gain.middle(), chi.low, chi.high)};
}

}  // namespace

std::vector<Certificate> certify_activation(const Expression& activation, const Bounds& domain) {
  CurveBounds curve(curve_of(activation, "x"));
  std::vector<Certificate> certificates = {certify_finite(curve, domain, "x")};
  const std::optional<Bounds> sound = where_finite(curve, domain);
  if (!sound) return certificates;
  for (Certificate& certificate :
       std::vector{certify_differentiable(curve, *sound, "x"), certify_monotone(curve, *sound, "x", 1),
                   certify_bounded(curve, *sound), certify_lipschitz(curve, *sound),
                   certify_convex(curve, *sound, "x"), certify_fixed_points(activation, *sound),
                   certify_variance(curve)})
    certificates.push_back(std::move(certificate));
  return certificates;
}

std::vector<Certificate> certify_schedule(const Expression& schedule) {
  const Bounds domain{0, 1};
  CurveBounds curve(curve_of(schedule, "t", {{"k", 1}}));
  const Sweep positive = decide_everywhere(domain, [&](const Bounds& t) {
    const Bounds value = curve.value(t);
    return value.is_total && value.low >= 0 ? Answer::yes : value.high < 0 ? Answer::no : Answer::open;
  });
  return {certify_finite(curve, domain, "t"),
          {.name = "never negative",
           .certainty = positive.certainty,
           .where = where_words(positive, domain, "t"),
           .words = "the learning rate keeps its sign"},
          certify_bounded(curve, domain),
          certify_monotone(curve, domain, "t", -1)};
}

}  // namespace astrolabe
