// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/learners/kernel/ridge.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <optional>

#include "astrolabe/learners/kernel/penalised_system.h"

namespace astrolabe::kernel {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kAllRows = 0.8;  // of the progress: the pass over the rows

// The mean z'z of the rows: what a penalty of 1 is.
double unit_of(const Moments& moments) {
  double trace = 0;
  for (std::size_t k = 0; k + 1 < moments.width(); ++k) trace += moments.gram()[k * moments.width() + k];
  return trace > 0 ? trace / moments.weight() : 1;
}

// Nothing where rounding is larger than the penalty.
std::optional<PenalisedSystem> system_of(const Moments& moments, double penalty) {
  return PenalisedSystem::factor(moments.gram(), moments.width(), 1 / moments.weight(),
                                 penalty * unit_of(moments));
}

std::optional<std::vector<double>> solve(const PenalisedSystem& system, const Moments& moments) {
  std::vector<double> coefficients(moments.cross().begin(), moments.cross().end());
  for (double& value : coefficients) value /= moments.weight();
  system.solve(coefficients);
  const bool is_sound = std::ranges::all_of(coefficients, [](double value) { return std::isfinite(value); });
  return is_sound ? std::optional(std::move(coefficients)) : std::nullopt;
}

std::optional<std::vector<double>> solve(const Moments& moments, double penalty) {
  const auto system = system_of(moments, penalty);
  return system ? solve(*system, moments) : std::nullopt;
}

// Error on the rows held out, fitted on the others; infinite where that has no solution.
double held_out_error(const Moments& fitted, const Moments& held, double penalty) {
  const auto coefficients = solve(fitted, penalty);
  return coefficients ? held.squared_error(*coefficients) : kInfinity;
}

struct Part {
  const Moments& fitted;
  const Moments& held;
};

// The strongest of the best; error_of(penalty) is infinite where there is no solution.
template <class Error>
double best_penalty(const Budget& budget, const Error& error_of) {
  double best = kInfinity, chosen = kPenaltyOfFewRows;
  std::size_t since = 0;
  for (const double penalty : penalties_to_try(2)) {
    if (budget.should_stop()) break;
    const double error = error_of(penalty);
    if (error < best) {
      best = error;
      chosen = penalty;
      since = 0;
    } else if (++since == kPatience) {
      break;
    }
  }
  return chosen;
}

double best_penalty_on(std::span<const Part> parts, ThreadPool& pool, const Budget& budget) {
  return best_penalty(budget, [&](double penalty) {
    std::vector<double> errors(parts.size());
    pool.for_each(parts.size(), [&](std::size_t at) {
      errors[at] = held_out_error(parts[at].fitted, parts[at].held, penalty);
    });
    return std::accumulate(errors.begin(), errors.end(), 0.0);
  });
}

// What chooses a penalty from rows that are not among the fitted ones, or from those alone.
double chosen_penalty(const HeadRequest& request, const Moments& all, std::span<const Moments> held_out) {
  if (request.choice == PenaltyChoice::gcv)
    return best_penalty(request.budget, [&](double penalty) { return gcv_score(all, penalty); });
  std::vector<Moments> fitted;
  std::vector<Part> folds;
  for (const Moments& part : held_out) fitted.push_back(all.without(part));
  for (std::size_t fold = 0; fold < fitted.size(); ++fold)
    if (fitted[fold].weight() > 0 && held_out[fold].weight() > 0)
      folds.push_back({.fitted = fitted[fold], .held = held_out[fold]});
  return folds.empty() ? kPenaltyOfFewRows : best_penalty_on(folds, request.pool, request.budget);
}

// Rows of one block that count, sorted by fold.
struct Dealt {
  std::vector<std::uint32_t> places;     // [rows of the block] where each goes; those that weigh nothing last
  std::vector<std::size_t> ends;         // [parts] where each part ends
  std::vector<double> targets, weights;  // by place
  bool is_weighted = false;
};

Dealt deal(const HeadRequest& request, const RowBlock& block, const HeldOut* held) {
  const std::size_t parts = held != nullptr ? held->used + 1 : 1;
  const Labels& labels = block.data.labels;
  std::vector<std::vector<std::uint32_t>> by_part(parts + 1);
  for (std::size_t row = 0; row < block.rows(); ++row) {
    const bool counts = request.survey.weight_of(labels, block.begin + row) > 0;
    std::size_t part = parts;
    if (counts) part = held != nullptr ? std::min(held->fold_of(block.first_row + row), held->used) : 0;
    by_part[part].push_back(static_cast<std::uint32_t>(row));
  }
  Dealt dealt;
  dealt.is_weighted = !labels.weights.empty() && !request.survey.counts_alike;
  dealt.places.resize(block.rows());
  std::uint32_t place = 0;
  for (std::size_t part = 0; part <= parts; ++part) {
    for (const std::uint32_t row : by_part[part]) {
      dealt.places[row] = place++;
      dealt.targets.push_back(request.response.of(labels.values[block.begin + row]));
      dealt.weights.push_back(request.survey.weight_of(labels, block.begin + row));
    }
    if (part < parts) dealt.ends.push_back(place);
  }
  return dealt;
}

}  // namespace

double gcv_score(const Moments& moments, double penalty) {
  const auto system = system_of(moments, penalty);
  const auto coefficients = system ? solve(*system, moments) : std::nullopt;
  if (!coefficients) return kInfinity;
  // tr(A^-1 (A - penalty I)): the width, less the penalty times the trace of A^-1.
  const double freedom =
      static_cast<double>(moments.width()) - penalty * unit_of(moments) * system->inverse_trace();
  const double left = 1 - freedom / moments.weight();
  return left > 0 ? moments.squared_error(*coefficients) / moments.weight() / (left * left) : kInfinity;
}

std::optional<std::vector<Moments>> moments_of_rows(const HeadRequest& request, const FitRows& rows,
                                                    const HeldOut* held, double until) {
  const std::size_t width = request.featurizer.width();
  std::vector<Moments> parts(held != nullptr ? held->used + 1 : 1, Moments(width));
  std::vector<float> x, z;
  const double total = std::max<double>(1, static_cast<double>(rows.rows()));
  const bool whole = rows.visit([&](const RowBlock& block) {
    if (request.budget.should_stop()) return false;
    const Dealt dealt = deal(request, block, held);
    featurize_block(request.featurizer, block, dealt.places, request.pool, x, z);
    std::size_t begin = 0;
    for (std::size_t part = 0; part < parts.size(); ++part) {
      const std::size_t count = dealt.ends[part] - begin;
      parts[part].add(
          std::span(z).subspan(begin * width, count * width), count,
          std::span(dealt.targets).subspan(begin, count),
          dealt.is_weighted ? std::span(dealt.weights).subspan(begin, count) : std::span<const double>{},
          request.pool);
      begin = dealt.ends[part];
    }
    if (request.progress)
      request.progress(until * std::min(1.0, static_cast<double>(block.first_row + block.rows()) / total));
    return true;
  });
  if (!whole) return std::nullopt;
  for (Moments& part : parts) part.finish();
  return parts;
}

FittedHead fit_ridge(const HeadRequest& request) {
  FittedHead head = constant_head(request);
  const bool chooses = request.penalty == 0;
  const bool watches = chooses && request.choice == PenaltyChoice::held_out && request.watch != nullptr &&
                       request.watch->labels.rows() > 0;
  const std::optional<HeldOut> held = chooses && !watches && request.choice == PenaltyChoice::held_out
                                          ? choose_held_out(request)
                                          : std::optional<HeldOut>{};
  auto parts = moments_of_rows(request, request.rows, held ? &*held : nullptr, kAllRows);
  if (!parts) return head;
  Moments all = std::move(parts->back());
  parts->pop_back();
  for (const Moments& part : *parts) all.add(part);
  head.penalty = request.penalty;
  if (chooses && !watches) head.penalty = chosen_penalty(request, all, *parts);
  if (watches) {
    head.penalty = kPenaltyOfFewRows;
    HeadRequest quiet = request;
    quiet.progress = {};
    const auto watched = moments_of_rows(quiet, FitRows(*request.watch), nullptr, kAllRows);
    if (watched && watched->back().weight() > 0) {
      const Part part{.fitted = all, .held = watched->back()};
      head.penalty = best_penalty_on(std::span(&part, 1), request.pool, request.budget);
    }
  }
  // Where rounding is larger than the penalty, ten times as much is asked for.
  for (double penalty = head.penalty; penalty < kInfinity; penalty *= 10) {
    if (auto coefficients = solve(all, penalty)) {
      head.coefficients = std::move(*coefficients);
      break;
    }
  }
  head.cut_short = request.budget.should_stop();
  if (request.progress) request.progress(1);
  return head;
}

}  // namespace astrolabe::kernel
