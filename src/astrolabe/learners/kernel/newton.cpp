// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/learners/kernel/newton.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "astrolabe/learners/kernel/likelihood_pass.h"
#include "astrolabe/learners/kernel/moments.h"
#include "astrolabe/learners/kernel/penalised_system.h"
#include "astrolabe/learners/kernel/ridge.h"

namespace astrolabe::kernel {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr int kMostSteps = 30;
constexpr int kMostHalvings = 12;
constexpr int kMostConjugate = 40;
constexpr double kForcing = 0.1;         // of the residual, that conjugate gradients leave
constexpr double kPathTolerance = 1e-4;  // of the loss, that another step would gain
constexpr double kFinalTolerance = 1e-8;
constexpr double kConstantPenalty =
    1e-8;                           // keeps the preconditioner positive where one class is all there is
constexpr double kPreparing = 0.1;  // of the progress
constexpr double kPathShare = 0.7;

double inner(const std::vector<double>& a, const std::vector<double>& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

// One minimisation at a time, each from where the last one ended.
class Newton {
 public:
  Newton(const HeadRequest& request, const Moments& moments, double curvature, LikelihoodPass& pass)
      : request_(request), moments_(moments), curvature_(curvature), pass_(pass) {
    const std::size_t width = moments.width();
    double trace = 0;
    for (std::size_t k = 0; k + 1 < width; ++k) trace += moments.gram()[k * width + k];
    unit_ = trace > 0 ? trace / moments.weight() : 1;
  }

  std::vector<double> coefficients;
  double held_loss = kInfinity;  // of the last point

  // False when the budget ended it; the coefficients are then as good as they got.
  bool minimise(double penalty, double tolerance) {
    strength_ = penalty * unit_;
    const auto system = factor();
    if (!system) return true;  // rounding is larger than the penalty: stay
    auto now = pass_.slope(coefficients);
    if (!now) return false;
    held_loss = now->held_loss;
    const double unit = std::max(std::abs(now->loss), 1e-3);
    for (int step = 0; step < kMostSteps; ++step) {
      const std::vector<double> slope = penalised_slope(*now);
      const auto direction = solve(*system, slope);
      if (!direction) return false;
      const double gain = -inner(slope, *direction);
      if (!(gain > tolerance * unit)) break;
      const Moved moved = move(*now, *direction, gain);
      if (moved == Moved::out_of_time) return false;
      held_loss = now->held_loss;
      if (moved == Moved::stayed) break;
    }
    return true;
  }

 private:
  enum class Moved { on, stayed, out_of_time };

  std::optional<PenalisedSystem> factor() const {
    std::vector<double> gram(moments_.gram().begin(), moments_.gram().end());
    gram.back() *= 1 + kConstantPenalty;
    return PenalisedSystem::factor(gram, moments_.width(), curvature_ / moments_.weight(), strength_);
  }

  // penalty / 2 |b|^2, which the constant has no part in.
  [[nodiscard]] double penalty_of(const std::vector<double>& at) const {
    double sum = 0;
    for (std::size_t i = 0; i + request_.response.outputs < at.size(); ++i) sum += at[i] * at[i];
    return strength_ / 2 * sum;
  }
  void add_penalty(const std::vector<double>& at, std::vector<double>& to) const {
    for (std::size_t i = 0; i + request_.response.outputs < at.size(); ++i) to[i] += strength_ * at[i];
  }
  [[nodiscard]] std::vector<double> penalised_slope(const Slope& now) const {
    std::vector<double> slope = now.slope;
    add_penalty(coefficients, slope);
    return slope;
  }

  // M^-1 values, one column of outputs at a time.
  [[nodiscard]] std::vector<double> precondition(const PenalisedSystem& system,
                                                 const std::vector<double>& values) const {
    const std::size_t outputs = request_.response.outputs, width = moments_.width();
    std::vector<double> result(values.size()), column(width);
    for (std::size_t k = 0; k < outputs; ++k) {
      for (std::size_t i = 0; i < width; ++i) column[i] = values[i * outputs + k];
      system.solve(column);
      for (std::size_t i = 0; i < width; ++i) result[i * outputs + k] = column[i];
    }
    return result;
  }

  // H direction = -slope, roughly, by preconditioned conjugate gradients. Nothing: out of time.
  std::optional<std::vector<double>> solve(const PenalisedSystem& system, const std::vector<double>& slope) {
    std::vector<double> direction(slope.size(), 0.0), residual(slope.size());
    for (std::size_t i = 0; i < slope.size(); ++i) residual[i] = -slope[i];
    std::vector<double> ready = precondition(system, residual), search = ready;
    double size = inner(residual, ready);
    const double enough = kForcing * kForcing * size;
    for (int step = 0; step < kMostConjugate && size > enough; ++step) {
      auto curved = pass_.curve(coefficients, search);
      if (!curved) return std::nullopt;
      add_penalty(search, *curved);
      const double bend = inner(search, *curved);
      if (!(bend > 0)) break;
      const double by = size / bend;
      for (std::size_t i = 0; i < direction.size(); ++i) {
        direction[i] += by * search[i];
        residual[i] -= by * (*curved)[i];
      }
      ready = precondition(system, residual);
      const double next = inner(residual, ready);
      for (std::size_t i = 0; i < search.size(); ++i) search[i] = ready[i] + next / size * search[i];
      size = next;
    }
    return direction;
  }

  // Halves the step until the objective falls by a tenth of what its slope says.
  Moved move(Slope& now, const std::vector<double>& direction, double gain) {
    const double before = now.loss + penalty_of(coefficients);
    double length = 1;
    for (int halving = 0; halving < kMostHalvings; ++halving, length /= 2) {
      std::vector<double> there = coefficients;
      for (std::size_t i = 0; i < there.size(); ++i) there[i] += length * direction[i];
      auto slope = pass_.slope(there);
      if (!slope) return Moved::out_of_time;
      if (!(slope->loss + penalty_of(there) < before - 0.1 * length * gain)) continue;
      coefficients = std::move(there);
      now = std::move(*slope);
      return Moved::on;
    }
    return Moved::stayed;
  }

  const HeadRequest& request_;
  const Moments& moments_;
  double curvature_;
  LikelihoodPass& pass_;
  double unit_ = 1;
  double strength_ = 0;
};

// The mean curvature of the loss where all scores are constant.
double constant_curvature(const Survey& survey, const Response& response) {
  if (response.family == Family::poisson) return 1;
  double largest = 0;
  for (const double weight : survey.class_weights) {
    const double share = survey.weight > 0 ? weight / survey.weight : 0.5;
    largest = std::max(largest, share * (1 - share));
  }
  return std::max(largest, 1e-3);
}

class LikelihoodFit {
 public:
  LikelihoodFit(const HeadRequest& request, const Moments& moments)
      : request_(request),
        moments_(moments),
        curvature_(constant_curvature(request.survey, request.response)),
        start_(constant_head(request)) {}

  FittedHead run() {
    double penalty = request_.penalty;
    bool in_time = true;
    if (penalty == 0) penalty = choose(in_time);
    LikelihoodPass pass(request_, request_.rows, {});
    Newton newton(request_, moments_, curvature_, pass);
    newton.coefficients = start_.coefficients;
    const bool done = newton.minimise(penalty, kFinalTolerance);
    if (request_.progress) request_.progress(1);
    return {
        .coefficients = std::move(newton.coefficients), .penalty = penalty, .cut_short = !done || !in_time};
  }

 private:
  double choose(bool& in_time) {
    const bool watches = request_.watch != nullptr && request_.watch->labels.rows() > 0;
    const auto held = watches ? std::nullopt : choose_held_out(request_);
    if (!watches && !held) return kPenaltyOfFewRows;
    const std::vector<double> penalties = penalties_to_try(1);
    std::vector<double> losses(penalties.size(), 0.0);
    const std::size_t walks = watches ? 1 : held->used;
    for (std::size_t walk = 0; walk < walks; ++walk) {
      const RowShare share{.held = watches ? nullptr : &*held, .fold = walk};
      if (!add_walk(penalties, share, losses)) in_time = false;
      if (request_.progress)
        request_.progress(kPreparing +
                          kPathShare * static_cast<double>(walk + 1) / static_cast<double>(walks));
    }
    const auto best = std::ranges::min_element(losses);
    return std::isfinite(*best) ? penalties[static_cast<std::size_t>(best - losses.begin())]
                                : kPenaltyOfFewRows;
  }

  // Adds the held out loss of each penalty; infinite from where the walk ended. False: out of time.
  bool add_walk(const std::vector<double>& penalties, RowShare share, std::vector<double>& losses) {
    LikelihoodPass pass(request_, request_.rows, share);
    const FitRows watched_rows(request_.watch != nullptr ? *request_.watch : nothing_);
    LikelihoodPass watched(request_, watched_rows, {});
    Newton newton(request_, moments_, curvature_, pass);
    newton.coefficients = start_.coefficients;
    double best = kInfinity;
    std::size_t since = 0;
    bool in_time = true;
    for (std::size_t at = 0; at < penalties.size(); ++at) {
      double loss = kInfinity;
      if (since < kPatience && in_time) {
        in_time = newton.minimise(penalties[at], kPathTolerance);
        if (in_time) loss = newton.held_loss;
        if (in_time && share.held == nullptr) {
          const auto slope = watched.slope(newton.coefficients);
          loss = slope ? slope->loss : kInfinity;
        }
      }
      losses[at] += loss;
      if (loss < best) {
        best = loss;
        since = 0;
      } else {
        ++since;
      }
    }
    return in_time;
  }

  const HeadRequest& request_;
  const Moments& moments_;
  double curvature_;
  FittedHead start_;
  TrainingData nothing_;
};

}  // namespace

FittedHead fit_likelihood(const HeadRequest& request) {
  const auto moments = moments_of_rows(request, request.rows, nullptr, kPreparing);
  if (!moments || !(moments->back().weight() > 0)) return constant_head(request);
  return LikelihoodFit(request, moments->back()).run();
}

}  // namespace astrolabe::kernel
