// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/workflow/account_privacy.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <span>

#include <fmt/format.h>

#include "astrolabe/base/error.h"
#include "astrolabe/base/text.h"
#include "astrolabe/privacy/bound.h"
#include "astrolabe/privacy/calibrate.h"
#include "astrolabe/privacy/gaussian_dp.h"
#include "astrolabe/privacy/loss_accountant.h"
#include "astrolabe/privacy/prv_accountant.h"
#include "astrolabe/workflow/private_mechanisms.h"

namespace astrolabe {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr const char* kAttempted = "accounting for privacy";
constexpr int kCurvePoints = 160;

// The question in terms of mechanisms; `uses[0]` are the training steps.
struct Subject {
  std::vector<Mechanism> uses = {};
  Neighbours neighbours = Neighbours::add_remove;
  double delta = 0;
  std::span<const double> orders = {};
  RenyiTerms terms = RenyiTerms::with_sign;
  double fractional_steps = 0;  // passes * rows / batch: what the central limit theorem takes

  [[nodiscard]] bool is_replace() const { return neighbours == Neighbours::replace_one; }
  [[nodiscard]] std::vector<Mechanism> at(double sigma) const {
    std::vector<Mechanism> changed = uses;
    changed[0].noise_multiplier = sigma;
    return changed;
  }
};

void require_question(const PrivacyQuestion& question) {
  const auto refuse = [](const std::string& expected, const std::string& found, const std::string& remedy) {
    throw usage_error({.attempted = kAttempted, .expected = expected, .found = found, .remedy = remedy});
  };
  if (question.rows == 0) refuse("at least one row", "--rows 0", "Say how many rows are trained on.");
  if (question.batch == 0 || question.batch > question.rows)
    refuse(fmt::format("a batch of 1 to {} rows", question.rows), fmt::format("--batch {}", question.batch),
           "A batch holds at most all rows: give a smaller --batch or more --rows.");
  if (question.sigma.has_value() == question.target_epsilon.has_value())
    refuse("either --sigma or --target-epsilon", question.sigma ? "both" : "neither",
           "--sigma says how private given noise is, --target-epsilon how much noise a budget takes.");
  if (question.steps.has_value() == question.epochs.has_value())
    refuse("either --epochs or --steps", question.steps ? "both" : "neither",
           "Give --epochs 60 for 60 passes over the rows.");
  if (question.epochs && !(*question.epochs > 0 && *question.epochs <= 1e9))
    refuse("passes over the rows above 0 and up to 10^9", fmt::format("--epochs {}", *question.epochs),
           "Give --epochs 60 for 60 passes over the rows.");
  if (question.at_epsilon && !(*question.at_epsilon >= 0 && std::isfinite(*question.at_epsilon)))
    refuse("an epsilon of 0 or more", fmt::format("--at-epsilon {}", *question.at_epsilon),
           "Give --at-epsilon 1.");
  if (question.target_epsilon && !(*question.target_epsilon > 0 && std::isfinite(*question.target_epsilon)))
    refuse("an epsilon above 0", fmt::format("--target-epsilon {}", *question.target_epsilon),
           "No step is free: give epsilon, usually 0.5 to 10.");
  if (question.orders != "fine" && question.orders != "classic")
    refuse("--orders fine or classic", question.orders, "Leave it out: fine orders give the smaller bound.");
  require_delta(question.delta);
}

Subject subject_of(const PrivacyQuestion& question) {
  Subject subject{.neighbours = parse_neighbours(question.neighbours), .delta = question.delta};
  const double rate = static_cast<double>(question.batch) / static_cast<double>(question.rows);
  subject.fractional_steps = question.steps ? static_cast<double>(*question.steps) : *question.epochs / rate;
  // 60 passes of 234.375 batches are 14062.5 steps: one more is begun. What is whole but for rounding is
  // whole.
  const double steps = std::ceil(subject.fractional_steps * (1 - 1e-12));
  subject.uses.push_back({.noise_multiplier = question.sigma.value_or(1),
                          .sampling_rate = rate,
                          .times = question.steps ? *question.steps : static_cast<std::uint64_t>(steps)});
  for (const std::string& text : question.also) subject.uses.push_back(parse_mechanism(text));
  for (const Mechanism& use : subject.uses) require_sound(use);
  const bool is_classic = question.orders == "classic";
  subject.orders = is_classic ? classic_renyi_orders() : renyi_orders();
  subject.terms = is_classic ? RenyiTerms::counted_positive : RenyiTerms::with_sign;
  return subject;
}

// mu of all uses, by the central limit theorem of the scheme; NaN with Laplace noise, of which it says
// nothing.
double estimated_mu(const Subject& subject, bool is_uniform) {
  double squares = 0;
  for (const Mechanism& use : subject.uses) {
    if (use.noise == Noise::laplace) return kNan;
    const double steps =
        &use == subject.uses.data() ? subject.fractional_steps : static_cast<double>(use.times);
    double mu = 0;
    if (use.sampling_rate == 1)
      mu = std::sqrt(steps) / use.noise_multiplier * (is_uniform || subject.is_replace() ? 2 : 1);
    else
      mu = is_uniform ? clt_mu_uniform(use.noise_multiplier, use.sampling_rate, steps)
                      : clt_mu_poisson(use.noise_multiplier, use.sampling_rate, steps);
    squares += mu * mu;
  }
  return std::sqrt(squares);
}

std::vector<double> deltas_along(const std::vector<double>& epsilons,
                                 const std::function<double(double)>& delta) {
  std::vector<double> deltas;
  for (const double epsilon : epsilons) deltas.push_back(delta(epsilon));
  return deltas;
}

// One accountant that can be asked both ways.
PrivacyFigure figure_of(std::string name, std::string words, double epsilon,
                        const std::function<double(double)>& delta, const PrivacyQuestion& question,
                        const std::vector<double>& curve) {
  PrivacyFigure figure{.name = std::move(name), .words = std::move(words), .epsilon = epsilon};
  figure.delta = question.at_epsilon ? delta(*question.at_epsilon) : kNan;
  figure.noise = kNan;
  figure.curve = deltas_along(curve, delta);
  return figure;
}

void add_loss(PrivacyAccount& account, const Subject& subject, const PrivacyQuestion& question) {
  struct Row {
    const char *name, *words;
    Rounding rounding;
  };
  for (const Row& row :
       {Row{"pld", "upper bound: the whole distribution of the privacy loss, dots connected",
            Rounding::connect_dots},
        Row{"pld_rounded_up", "upper bound: the same, every loss rounded up", Rounding::up}}) {
    const TotalLoss loss =
        total_loss(subject.uses, {.neighbours = subject.neighbours, .rounding = row.rounding});
    account.figures.push_back(figure_of(
        row.name, row.words, loss.epsilon(subject.delta), [&](double epsilon) { return loss.delta(epsilon); },
        question, account.curve_epsilons));
  }
  account.pld_low = total_loss(subject.uses, {.neighbours = subject.neighbours, .rounding = Rounding::down})
                        .epsilon(subject.delta);
}

void add_random_variables(PrivacyAccount& account, const Subject& subject, const PrivacyQuestion& question) {
  const PrvBounds bounds = prv_epsilon(subject.uses, subject.delta, {.neighbours = subject.neighbours});
  PrivacyFigure figure{.name = "prv", .words = "", .epsilon = bounds.high, .delta = kNan, .noise = kNan};
  figure.words = "upper end: privacy random variables";
  if (!question.at_epsilon && std::isfinite(bounds.high))
    figure.words += fmt::format(", the truth is at least {:.4f}", std::max(0.0, bounds.low));
  if (question.at_epsilon)
    figure.delta = prv_delta(subject.uses, *question.at_epsilon,
                             {.neighbours = subject.neighbours, .delta_error = subject.delta / 1000})
                       .high;
  account.prv_low = std::max(0.0, bounds.low);
  account.prv_estimate = bounds.estimate;
  account.figures.push_back(std::move(figure));
}

void add_renyi_figure(PrivacyAccount& account, const Subject& subject, const PrivacyQuestion& question) {
  const RenyiEpsilon found =
      renyi_bound(subject.uses, subject.delta, subject.neighbours, subject.orders, subject.terms);
  account.rdp_order = std::isinf(found.epsilon) ? kNan : found.order;
  if (std::isinf(found.epsilon)) {
    account.figures.push_back({.name = "rdp",
                               .words = "not known for samples under replace-one",
                               .epsilon = kNan,
                               .delta = kNan,
                               .noise = kNan});
    return;
  }
  std::vector<double> spent(subject.orders.size());
  for (Mechanism use : subject.uses) {
    if (subject.is_replace()) use.noise_multiplier /= 2;
    add_renyi(use, subject.orders, spent, subject.terms);
  }
  account.figures.push_back(figure_of(
      "rdp", fmt::format("upper bound: Renyi divergences, best at order {:g}", found.order), found.epsilon,
      [&](double epsilon) { return renyi_delta(subject.orders, spent, epsilon); }, question,
      account.curve_epsilons));
}

void add_estimates(PrivacyAccount& account, const Subject& subject, const PrivacyQuestion& question) {
  for (const bool is_uniform : {false, true}) {
    const double mu = estimated_mu(subject, is_uniform);
    (is_uniform ? account.gdp_uniform_mu : account.gdp_mu) = mu;
    PrivacyFigure figure{.name = is_uniform ? "gdp_uniform_estimate" : "gdp_estimate",
                         .words = is_uniform ? "ESTIMATE for batches of fixed size, replace-one: no bound"
                                             : "ESTIMATE by the central limit theorem, add/remove: no bound",
                         .epsilon = kNan,
                         .delta = kNan,
                         .noise = kNan};
    if (std::isnan(mu))
      figure.words = "not known beside Laplace noise";
    else
      figure = figure_of(
          figure.name, figure.words, gaussian_epsilon(mu, subject.delta),
          [&](double epsilon) { return gaussian_delta(mu, epsilon); }, question, account.curve_epsilons);
    figure.is_estimate = true;
    account.figures.push_back(std::move(figure));
  }
}

double noise_for(const PrivacyQuestion& question, const std::function<double(double)>& epsilon_of,
                 double guess) {
  const std::optional<double> noise = least_noise(epsilon_of, *question.target_epsilon, guess);
  if (noise) return *noise;
  throw usage_error({.attempted = "finding the noise for a privacy budget",
                     .expected = fmt::format("steps that fit into epsilon {}", *question.target_epsilon),
                     .found = "that no noise is enough: the budget is too small for any step",
                     .remedy = "Give a larger epsilon, fewer steps, smaller batches, or less --also."});
}

// Fills in sigma where a budget was given. Returns what each accountant would have asked for.
struct Noises {
  double rdp = kNan, gdp = kNan;
};
Noises find_noise(Subject& subject, const PrivacyQuestion& question) {
  if (!question.target_epsilon) return {};
  const auto by_renyi = [&](double sigma) {
    return renyi_bound(subject.at(sigma), subject.delta, subject.neighbours, subject.orders, subject.terms)
        .epsilon;
  };
  const auto by_bound = [&](double sigma) {
    return bounded_epsilon(subject.at(sigma), subject.delta, subject.neighbours);
  };
  const auto by_theorem = [&](double sigma) {
    Subject changed = subject;
    changed.uses = subject.at(sigma);
    const double mu = estimated_mu(changed, subject.is_replace());
    return std::isnan(mu) ? kInfinity : gaussian_epsilon(mu, subject.delta);
  };
  Noises noises;
  noises.rdp = least_noise(by_renyi, *question.target_epsilon).value_or(kNan);
  noises.gdp = least_noise(by_theorem, *question.target_epsilon).value_or(kNan);
  subject.uses[0].noise_multiplier =
      noise_for(question, by_bound, std::isnan(noises.rdp) ? 1 : 0.97 * noises.rdp);
  return noises;
}

std::vector<std::string> warnings_of(const PrivacyQuestion& question, const PrivacyAccount& account) {
  std::vector<std::string> warnings;
  if (question.delta * static_cast<double>(question.rows) >= 1)
    warnings.push_back(
        fmt::format("delta {:g} is not below 1 / rows: publishing a whole row now and then would "
                    "keep such a promise. Take it well below {:.2g}.",
                    question.delta, 1 / static_cast<double>(question.rows)));
  if (account.guarantee > 20)
    warnings.emplace_back(
        "an epsilon above 20 promises very little: more noise, fewer steps or smaller batches.");
  return warnings;
}

}  // namespace

PrivacyAccount account_privacy(const PrivacyQuestion& question) {
  require_question(question);
  Subject subject = subject_of(question);
  const Noises noises = find_noise(subject, question);
  const Mechanism& steps = subject.uses[0];
  PrivacyAccount account{.rows = question.rows, .batch = question.batch, .steps = steps.times};
  account.rate = steps.sampling_rate;
  account.sigma = steps.noise_multiplier;
  account.delta = question.delta;
  account.is_replace_one = subject.is_replace();
  account.target_epsilon = question.target_epsilon;
  account.at_epsilon = question.at_epsilon;
  account.also = question.also;
  account.guarantee = bounded_epsilon(subject.uses, subject.delta, subject.neighbours);
  if (question.with_curve) {
    const double reach = std::isfinite(account.guarantee) ? 1.6 * std::max(account.guarantee, 0.05) : 20;
    for (int i = 0; i <= kCurvePoints; ++i) account.curve_epsilons.push_back(reach * i / kCurvePoints);
  }
  add_loss(account, subject, question);
  add_random_variables(account, subject, question);
  add_renyi_figure(account, subject, question);
  add_estimates(account, subject, question);
  for (PrivacyFigure& figure : account.figures) {
    if (figure.name == "rdp") figure.noise = noises.rdp;
    if (figure.name == (subject.is_replace() ? "gdp_uniform_estimate" : "gdp_estimate"))
      figure.noise = noises.gdp;
  }
  account.warnings = warnings_of(question, account);
  return account;
}

}  // namespace astrolabe
