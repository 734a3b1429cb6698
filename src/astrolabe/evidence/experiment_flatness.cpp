// SPDX-License-Identifier: Apache-2.0
// Around the minima that small and large batches find: how fast the loss rises along random directions, each
// unit's part as long as the unit's own weights. And the same net written differently: of an activation with
// f(a x) = a f(x) for a > 0, one layer times a and the next one over a is the same function, at other
// weights. Its Hessian is another one; filter-normalised directions, of one's own length everywhere, see no
// change.
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "astrolabe/base/error.h"
#include "astrolabe/evidence/elementwise.h"
#include "astrolabe/evidence/experiments.h"
#include "astrolabe/evidence/training_probe.h"
#include "astrolabe/parts/catalog.h"

namespace astrolabe {
namespace {

constexpr std::size_t kRows = 512, kDirections = 12, kWidth = 32, kStride = 20;
constexpr int kPoints = 20;  // on each side
constexpr double kReach = 1;

using Weights = std::vector<float>;

// What the rescaling needs: positively homogeneous, looked at where floats halve without rounding.
void require_homogeneous(const std::string& activation) {
  const ElementwiseFunction f(resolve_part(Vocabulary::activation, activation).expression, "x");
  const std::vector<double> x = {-3, -1, -0.25, 0, 0.25, 1, 3}, twice = {-6, -2, -0.5, 0, 0.5, 2, 6};
  const std::vector<double> y = f.value(x), y_twice = f.value(twice);
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (std::abs(y_twice[i] - 2 * y[i]) < 1e-9) continue;
    throw usage_error({.attempted = "running the experiment flatness",
                       .expected = "an activation with f(2x) = 2 f(x), for layers are rescaled",
                       .found = activation,
                       .remedy = "Give relu, leaky_relu(0.1), abs(x) or x."});
  }
}

// Columns of a matrix [in, out] are units; a bias is a unit's as well and moves with its own size.
Weights direction_at(const SmallNet& net, const Weights& w, Key key) {
  RandomStream random(key);
  Weights d(w.size(), 0.0F);
  for (const Parameter& parameter : net.layout().parameters) {
    const std::size_t units = parameter.shape[parameter.shape.rank() - 1];
    const std::size_t count = parameter.shape.element_count();
    for (std::size_t unit = 0; unit < units; ++unit) {
      double own = 0, drawn = 0;
      for (std::size_t at = unit; at < count; at += units) {
        d[parameter.offset + at] = static_cast<float>(random.normal());
        own += std::pow(static_cast<double>(w[parameter.offset + at]), 2);
        drawn += std::pow(static_cast<double>(d[parameter.offset + at]), 2);
      }
      const auto scale = static_cast<float>(drawn > 0 ? std::sqrt(own / drawn) : 0);
      for (std::size_t at = unit; at < count; at += units) d[parameter.offset + at] *= scale;
    }
  }
  return d;
}

// The mean loss over directions, from -kReach to kReach.
ExperimentCurve landscape(const SmallNet& net, LossCurvature& surface, const Weights& w, std::string name,
                          Key key) {
  ExperimentCurve curve{.name = std::move(name), .x = {}, .y = {}};
  for (int point = -kPoints; point <= kPoints; ++point) {
    curve.x.push_back(kReach * point / kPoints);
    curve.y.push_back(0);
  }
  Weights moved(w.size());
  for (std::size_t one = 0; one < kDirections; ++one) {
    const Weights d = direction_at(net, w, key.split(one));
    for (std::size_t point = 0; point < curve.x.size(); ++point) {
      const auto by = static_cast<float>(curve.x[point]);
      for (std::size_t i = 0; i < w.size(); ++i) moved[i] = w[i] + by * d[i];
      curve.y[point] += surface.loss(moved) / kDirections;
    }
  }
  return curve;
}

// Layer 0 times a, what follows it over a: the same function.
Weights rescaled(const SmallNet& net, Weights w, float by) {
  const auto scale = [&](std::string_view name, float factor) {
    const Parameter& parameter = net.layout().find(name);
    for (std::size_t i = 0; i < parameter.shape.element_count(); ++i) w[parameter.offset + i] *= factor;
  };
  scale("b0.w", by);
  scale("b0.b", by);
  scale("b1.w", 1 / by);
  return w;
}

double largest_difference(std::span<const float> a, std::span<const float> b) {
  double largest = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    largest = std::max(largest, static_cast<double>(std::abs(a[i] - b[i])));
  return largest;
}

// At half of the reach to either side, over the loss at the minimum.
double rise(const ExperimentCurve& curve) {
  const auto middle = static_cast<std::size_t>(kPoints), half = middle / 2;
  return (curve.y[middle - half] + curve.y[middle + half]) / 2 - curve.y[middle];
}

struct Minimum {
  double steps = 0;
  ExperimentCurve curve = {};
  double loss = 0, test_error = 0, sharpness = 0, rises = 0;
  double scaled_sharpness = 0, scaled_rises = 0, difference = 0;
};

Minimum find_minimum(const SmallTask& task, const SmallPlan& plan, const ExperimentRequest& request) {
  SmallNet net(task, plan);
  const std::uint64_t steps = request.count("steps", 1, 200'000);
  const double until = request.number("until", 1e-6, 1);
  const Key key = request.key;
  Trainer trainer(net.setup({.learning_rate = request.number("rate", 1e-6, 10)}, steps, key.split("order")));
  trainer.start(net.first_weights(Initialization::he, key.split("weights")));
  LossCurvature surface(net);
  while (trainer.steps_done() < steps &&
         (trainer.steps_done() % kStride != 0 || surface.loss(trainer.w()) > until))
    trainer.step();
  const Weights w(trainer.w().begin(), trainer.w().end());
  const Weights other = rescaled(net, w, static_cast<float>(request.number("rescale", 1, 64)));
  Minimum found{.steps = static_cast<double>(trainer.steps_done())};
  found.curve =
      landscape(net, surface, w, fmt::format("batch {}", net.spec().batch), key.split("directions"));
  found.loss = surface.loss(w);
  found.test_error = net.error(w, task.test);
  found.sharpness = surface.sharpness(w, key.split("lanczos"));
  found.rises = rise(found.curve);
  found.scaled_sharpness = surface.sharpness(other, key.split("lanczos"));
  found.scaled_rises = rise(landscape(net, surface, other, "", key.split("directions")));
  found.difference = largest_difference(net.answers(w, task.test), net.answers(other, task.test));
  return found;
}

}  // namespace

ExperimentResult run_flatness(const ExperimentRequest& request) {
  require_homogeneous(request.text("activation"));
  const SmallTask task =
      draw_classes({.rows = kRows, .test_rows = 2000, .apart = 0.6}, request.key.split("task"));
  ExperimentResult result{.key = "batch",
                          .rows = {},
                          .plot = {"length along filter-normalised directions", "loss", false, {}},
                          .prediction = {},
                          .words = {}};
  result.prediction =
      "the smallest batch ends in a flatter place than the largest, by the rise of the loss along "
      "filter-normalised directions; rescaled layers keep the function (to 1e-3) and that rise (to 2 %), and "
      "make the largest eigenvalue more than twice as large";
  bool is_fitted = true, is_same_function = true, is_same_rise = true, is_sharper = true;
  std::vector<std::size_t> batches = request.counts("batch", 1, kRows);
  std::vector<double> rises;
  std::ranges::sort(batches);
  for (const std::size_t batch : batches) {
    Minimum found = find_minimum(task,
                                 {.architecture = fmt::format("{}-{}", kWidth, kWidth),
                                  .activation = request.text("activation"),
                                  .loss = "cross_entropy",
                                  .optimizer = request.text("optimizer"),
                                  .batch = batch},
                                 request);
    result.rows.push_back({fmt::format("{}", batch),
                           {{"steps", found.steps},
                            {"loss", found.loss},
                            {"test_error", found.test_error},
                            {"rise", found.rises},
                            {"sharpness", found.sharpness},
                            {"rescaled_rise", found.scaled_rises},
                            {"rescaled_sharpness", found.scaled_sharpness},
                            {"difference", found.difference}}});
    is_fitted = is_fitted && found.loss <= request.number("until", 1e-6, 1);
    is_same_function = is_same_function && found.difference <= 1e-3;
    is_same_rise = is_same_rise && std::abs(found.scaled_rises - found.rises) <= 0.02 * std::abs(found.rises);
    is_sharper = is_sharper && found.scaled_sharpness > 2 * found.sharpness;
    rises.push_back(found.rises);
    result.plot.curves.push_back(std::move(found.curve));
  }
  const bool is_flatter = rises.front() < rises.back();
  const bool is_as_said =
      is_same_function && is_same_rise && is_sharper && (batches.size() < 2 || is_flatter);
  result.verdict = !is_fitted           ? ExperimentVerdict::undecided
                   : !is_as_said        ? ExperimentVerdict::refuted
                   : batches.size() < 2 ? ExperimentVerdict::undecided
                                        : ExperimentVerdict::confirmed;
  result.words = fmt::format(
      "{}the loss rises by {:.3g} around the minimum of batch {}, by {:.3g} around that of {}; rescaling "
      "{} "
      "the function, {} the rise and {} the largest eigenvalue",
      is_fitted ? "" : "not every training came down to that loss; ", rises.front(), batches.front(),
      rises.back(), batches.back(), is_same_function ? "kept" : "changed", is_same_rise ? "kept" : "changed",
      is_sharper ? "more than doubled" : "did not double");
  return result;
}

}  // namespace astrolabe
