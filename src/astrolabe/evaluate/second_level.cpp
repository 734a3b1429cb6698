// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/evaluate/second_level.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>

#include "astrolabe/base/error.h"

namespace astrolabe {
namespace {

constexpr double kLeast = 1e-6;  // no probability says more than this
constexpr double kPull = 1e-3;   // towards the weights given, as a share of the curvature
constexpr std::size_t kMostNumbers = 300'000;
constexpr int kMostSteps = 50;

double log_of(double probability) {
  return std::log(std::clamp(probability, kLeast, 1 - kLeast));
}

double score_of(TaskKind kind, double prediction) {
  if (kind == TaskKind::regression) return prediction;
  return kind == TaskKind::binary ? log_of(prediction) - log_of(1 - prediction) : log_of(prediction);
}

void softmax(std::span<double> row) {
  const double most = *std::ranges::max_element(row);
  for (double& score : row) score = std::exp(score - most);
  const double sum = std::accumulate(row.begin(), row.end(), 0.0);
  for (double& share : row) share /= sum;
}

double logistic(double score) {
  return 1 / (1 + std::exp(-score));
}

// What the weights are found from: scores of some rows, [rows, outputs, parameters] with a one for the bias.
struct Design {
  TaskKind kind = TaskKind::regression;
  std::size_t outputs = 1, systems = 0, parameters = 0;
  std::vector<double> scores = {}, truth = {}, weight = {};
  double centre = 0, scale = 1;  // of the values of a regression

  [[nodiscard]] std::span<const double> at(std::size_t row, std::size_t output) const {
    return std::span(scores).subspan((row * outputs + output) * parameters, parameters);
  }
};

void standardize(Design& design, const SystemPredictions& systems, std::span<const std::size_t> places) {
  double total = 0, sum = 0, squares = 0;
  for (std::size_t i = 0; i < design.truth.size(); ++i) {
    total += design.weight[i];
    sum += design.weight[i] * systems.truth[places[i]];
  }
  design.centre = sum / total;
  for (std::size_t i = 0; i < design.truth.size(); ++i)
    squares += design.weight[i] * std::pow(systems.truth[places[i]] - design.centre, 2);
  if (squares > 0) design.scale = std::sqrt(squares / total);
}

Design design_of(TaskKind kind, const SystemPredictions& systems, std::span<const std::size_t> all) {
  Design design{.kind = kind, .outputs = systems.outputs, .systems = systems.of.size()};
  design.parameters = design.systems + (kind == TaskKind::multiclass ? 0 : 1);
  const std::size_t step = all.size() * systems.outputs / kMostNumbers + 1;
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < all.size(); i += step) places.push_back(all[i]);
  for (const std::size_t place : places) {
    design.weight.push_back(systems.weight.empty() ? 1 : systems.weight[place]);
    design.truth.push_back(systems.truth[place]);
  }
  if (kind == TaskKind::regression) standardize(design, systems, places);
  for (double& truth : design.truth) truth = (truth - design.centre) / design.scale;
  for (const std::size_t place : places)
    for (std::size_t output = 0; output < design.outputs; ++output) {
      for (const std::vector<double>& predictions : systems.of) {
        const double score = score_of(kind, predictions[place * design.outputs + output]);
        design.scores.push_back((score - design.centre) / design.scale);
      }
      if (kind != TaskKind::multiclass) design.scores.push_back(1);
    }
  return design;
}

// A loss near some parameters: its value, slope and curvature, the pull included.
struct Slope {
  double loss = 0;
  std::vector<double> gradient, hessian;  // [p], [p, p]
};

void add_square(std::span<const double> z, std::span<const double> mean, double weight, Slope& slope) {
  for (std::size_t i = 0; i < z.size(); ++i)
    for (std::size_t j = 0; j < z.size(); ++j)
      slope.hessian[i * z.size() + j] += weight * (z[i] - mean[i]) * (z[j] - mean[j]);
}

double score_at(std::span<const double> z, std::span<const double> parameters) {
  return std::inner_product(z.begin(), z.end(), parameters.begin(), 0.0);
}

// A row of several classes; `share` [outputs] and `mean` [p] are room to work in.
void add_classes(const Design& design, std::size_t row, std::span<const double> parameters,
                 std::span<double> share, std::span<double> mean, Slope& slope) {
  for (std::size_t k = 0; k < design.outputs; ++k) share[k] = score_at(design.at(row, k), parameters);
  softmax(share);
  std::ranges::fill(mean, 0.0);
  for (std::size_t k = 0; k < design.outputs; ++k)
    for (std::size_t i = 0; i < mean.size(); ++i) mean[i] += share[k] * design.at(row, k)[i];
  const double weight = design.weight[row];
  const auto own = static_cast<std::size_t>(design.truth[row]);
  slope.loss -= weight * log_of(share[own]);
  for (std::size_t i = 0; i < mean.size(); ++i)
    slope.gradient[i] += weight * (mean[i] - design.at(row, own)[i]);
  for (std::size_t k = 0; k < design.outputs; ++k)
    add_square(design.at(row, k), mean, weight * share[k], slope);
}

// A row of two classes or of a number; `zeros` [p].
void add_single(const Design& design, std::size_t row, std::span<const double> parameters,
                std::span<const double> zeros, Slope& slope) {
  const std::span<const double> z = design.at(row, 0);
  const double weight = design.weight[row], truth = design.truth[row], score = score_at(z, parameters);
  double error = score - truth, loss = 0.5 * error * error, curvature = 1;
  if (design.kind == TaskKind::binary) {
    const double chance = logistic(score);
    error = chance - truth;
    loss = -log_of(truth > 0.5 ? chance : 1 - chance);
    curvature = std::max(chance * (1 - chance), kLeast);
  }
  slope.loss += weight * loss;
  for (std::size_t i = 0; i < z.size(); ++i) slope.gradient[i] += weight * error * z[i];
  add_square(z, zeros, weight * curvature, slope);
}

Slope slope_at(const Design& design, std::span<const double> parameters, std::span<const double> towards) {
  const std::size_t p = design.parameters;
  Slope slope{.loss = 0, .gradient = std::vector<double>(p, 0.0), .hessian = std::vector<double>(p * p, 0.0)};
  std::vector<double> share(design.outputs), mean(p, 0.0);
  for (std::size_t row = 0; row < design.truth.size(); ++row) {
    if (design.kind == TaskKind::multiclass) {
      add_classes(design, row, parameters, share, mean, slope);
    } else {
      add_single(design, row, parameters, mean, slope);
    }
  }
  const double total = std::accumulate(design.weight.begin(), design.weight.end(), 0.0);
  // By the number of rows and not by the curvature, so that the loss stays one function on the way.
  const double pull = kPull * total;
  for (std::size_t i = 0; i < design.systems; ++i) {
    const double away = parameters[i] - towards[i];
    slope.loss += 0.5 * pull * away * away;
    slope.gradient[i] += pull * away;
    slope.hessian[i * p + i] += pull;
  }
  return slope;
}

// The solution of a symmetric positive system by Gaussian elimination; nothing when it is not one.
std::optional<std::vector<double>> solve(std::vector<double> a, std::vector<double> b) {
  const std::size_t n = b.size();
  for (std::size_t k = 0; k < n; ++k) {
    if (!(a[k * n + k] > 0)) return std::nullopt;
    for (std::size_t i = k + 1; i < n; ++i) {
      const double factor = a[i * n + k] / a[k * n + k];
      for (std::size_t j = k; j < n; ++j) a[i * n + j] -= factor * a[k * n + j];
      b[i] -= factor * b[k];
    }
  }
  for (std::size_t k = n; k-- > 0;) {
    for (std::size_t j = k + 1; j < n; ++j) b[k] -= a[k * n + j] * b[j];
    b[k] /= a[k * n + k];
  }
  return b;
}

// The lowest point of the parabola 1/2 x'Hx - c'x with no negative weight: of every set of systems the free
// optimum, where its weights allow it, and of these the lowest.
std::vector<double> lowest_point(const Design& design, const std::vector<double>& hessian,
                                 const std::vector<double>& c) {
  const std::size_t p = design.parameters;
  std::vector<double> best(p, 0.0);
  double lowest = 0;
  for (std::size_t set = 1; set < (std::size_t{1} << design.systems); ++set) {
    std::vector<std::size_t> chosen;
    for (std::size_t i = 0; i < p; ++i)
      if (i >= design.systems || (set >> i & 1) != 0) chosen.push_back(i);
    std::vector<double> a, b;
    for (const std::size_t i : chosen) {
      b.push_back(c[i]);
      for (const std::size_t j : chosen) a.push_back(hessian[i * p + j]);
    }
    const std::optional<std::vector<double>> x = solve(a, b);
    if (!x) continue;
    double value = 0;  // at the optimum -1/2 c'x
    bool is_allowed = true;
    for (std::size_t i = 0; i < chosen.size(); ++i) {
      value -= 0.5 * b[i] * (*x)[i];
      is_allowed = is_allowed && (chosen[i] >= design.systems || (*x)[i] >= 0);
    }
    if (!is_allowed || value >= lowest) continue;
    lowest = value;
    std::ranges::fill(best, 0.0);
    for (std::size_t i = 0; i < chosen.size(); ++i) best[chosen[i]] = (*x)[i];
  }
  return best;
}

std::vector<double> find_parameters(const Design& design, std::span<const double> towards) {
  const std::size_t p = design.parameters;
  std::vector<double> now(p, 0.0);
  std::ranges::copy(towards, now.begin());
  Slope here = slope_at(design, now, towards);
  for (int step = 0; step < kMostSteps; ++step) {
    std::vector<double> c(p, 0.0);
    for (std::size_t i = 0; i < p; ++i) {
      for (std::size_t j = 0; j < p; ++j) c[i] += here.hessian[i * p + j] * now[j];
      c[i] -= here.gradient[i];
    }
    const std::vector<double> there = lowest_point(design, here.hessian, c);
    double length = 1;
    std::vector<double> next(p);
    Slope after;
    for (; length > 1e-4; length /= 2) {
      for (std::size_t i = 0; i < p; ++i) next[i] = now[i] + length * (there[i] - now[i]);
      after = slope_at(design, next, towards);
      if (after.loss < here.loss) break;
    }
    if (!(after.loss < here.loss - 1e-10 * std::abs(here.loss))) break;
    now = next;
    here = std::move(after);
  }
  return now;
}

}  // namespace

void SecondLevel::add(std::size_t system, std::span<const double> predictions,
                      std::span<double> scores) const {
  for (std::size_t i = 0; i < scores.size(); ++i)
    scores[i] += weights[system] * score_of(kind, predictions[i]);
}

void SecondLevel::finish(std::span<double> scores, std::size_t outputs) const {
  for (std::size_t begin = 0; begin < scores.size(); begin += outputs) {
    if (kind == TaskKind::multiclass) {
      softmax(scores.subspan(begin, outputs));
    } else {
      scores[begin] += bias;
      if (kind == TaskKind::binary) scores[begin] = logistic(scores[begin]);
    }
  }
}

SecondLevel fit_second_level(TaskKind kind, const SystemPredictions& systems,
                             std::span<const std::size_t> places, std::span<const double> towards) {
  ASTROLABE_CHECK(!systems.of.empty() && systems.of.size() <= kMostSystems, "few enough to try every set");
  ASTROLABE_CHECK(towards.size() == systems.of.size(), "a weight for each system");
  const Design design = design_of(kind, systems, places);
  const std::vector<double> found = find_parameters(design, towards);
  SecondLevel level{
      .kind = kind, .weights = {found.begin(), found.begin() + std::ssize(systems.of)}, .bias = 0};
  if (kind == TaskKind::multiclass) return level;
  const double sum = std::accumulate(level.weights.begin(), level.weights.end(), 0.0);
  level.bias = design.scale * found.back() + design.centre * (1 - sum);
  return level;
}

}  // namespace astrolabe
