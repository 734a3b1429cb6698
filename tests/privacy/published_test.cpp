// SPDX-License-Identifier: Apache-2.0
// Figures that others published, to the digits that they printed: tensorflow/privacy
// (compute_dp_sgd_privacy_test.py, gdp_accountant.py), google/differential-privacy (pld/*_test.py),
// pytorch/opacus (accountants_test.py), DPBayes/PLD-Accountant (README).
#include <algorithm>
#include <cmath>
#include <functional>
#include <vector>

#include <gtest/gtest.h>

#include "astrolabe/privacy/bound.h"
#include "astrolabe/privacy/calibrate.h"
#include "astrolabe/privacy/gaussian_dp.h"
#include "astrolabe/privacy/loss_accountant.h"
#include "astrolabe/privacy/prv_accountant.h"
#include "astrolabe/privacy/sampled_gaussian_pair.h"

namespace astrolabe {
namespace {

using Uses = std::vector<Mechanism>;

Uses gaussian(double sigma, double rate, std::uint64_t times) {
  return {{.noise_multiplier = sigma, .sampling_rate = rate, .times = times}};
}

double renyi(const Uses& uses, double delta, RenyiTerms terms = RenyiTerms::counted_positive) {
  return renyi_bound(uses, delta, Neighbours::add_remove, renyi_orders(), terms).epsilon;
}

double loss(const Uses& uses, double delta) {
  return total_loss(uses).epsilon(delta);
}

TEST(Published, tensorflow_privacy_renyi_and_loss) {
  EXPECT_NEAR(renyi(gaussian(0.7, 1, 2), 1e-5), 10.8602036, 1e-7);
  EXPECT_NEAR(loss(gaussian(0.7, 1, 2), 1e-5), 10.1224946, 1e-7);
  EXPECT_NEAR(renyi(gaussian(0.7, 0.01, 120), 1e-5), 3.2392676, 1e-7);
  EXPECT_NEAR(loss(gaussian(0.7, 0.01, 120), 1e-5), 2.4612381, 1e-7);
  // Of microbatches the sensitivity is twice the clipping norm: sigma 0.7 and 2 act as half of it.
  EXPECT_NEAR(loss(gaussian(0.35, 0.01, 120), 1e-5), 18.6977407, 2e-7);
  EXPECT_NEAR(renyi(gaussian(1, 1, 5), 1e-6), 13.376, 5e-4);
  EXPECT_NEAR(renyi(gaussian(1, 0.0064, 782), 1e-6), 1.616, 5e-4);
  EXPECT_NEAR(loss(gaussian(1, 1, 5), 1e-6), 12.595, 5e-4);
  EXPECT_NEAR(loss(gaussian(1, 0.0064, 782), 1e-6), 1.199, 5e-4);
}

TEST(Published, google_loss_of_three_steps_and_of_mu_1) {
  const TotalLoss three = total_loss(gaussian(0.5, 0.2, 3));
  EXPECT_NEAR(three.delta(1), 0.15594, 1e-5);
  EXPECT_NEAR(three.epsilon(0.15594), 1, 1e-4);
  const TotalLoss whole = total_loss(gaussian(std::sqrt(3.0), 1, 3));
  EXPECT_NEAR(whole.delta(1), 0.126936, 1e-6);
  EXPECT_NEAR(gaussian_delta(1, 1), 0.126936, 1e-6);
  EXPECT_NEAR(gaussian_true_positives(1, 0.1), 0.38914, 1e-5);
}

TEST(Published, google_least_noise) {
  // On the grid that the published search used, 1e-3, and to its precision.
  const auto noise = [](double rate, std::uint64_t times) {
    return *least_noise(
        [&](double sigma) { return total_loss(gaussian(sigma, rate, times), {.step = 1e-3}).epsilon(1e-5); },
        1);
  };
  EXPECT_NEAR(noise(0.01, 1), 0.67379294682, 5e-8);
  EXPECT_NEAR(6 * noise(0.001, 25), 3.20956502598, 1e-7);
}

// Google's mixtures of Gaussians, and batches that are cut to a size, which are mixtures of two mechanisms.
double epsilon_of_both(const std::function<std::vector<LossGrid>(Direction)>& grids_of,
                       const std::vector<std::uint64_t>& times, double delta) {
  double worst = 0;
  RealTransform transform;
  for (const Direction direction : {Direction::remove, Direction::add}) {
    const std::vector<LossGrid> grids = grids_of(direction);
    std::vector<RepeatedLoss> losses;
    for (std::size_t i = 0; i < grids.size(); ++i) losses.push_back({.grid = &grids[i], .times = times[i]});
    worst = std::max(worst, composed(losses, window_of(losses, 1e-15), 1e-15, 0, transform).epsilon(delta));
  }
  return worst;
}

TEST(Published, google_mixtures_of_gaussians) {
  const auto grid = [](Direction direction, const GaussianMixture& centres, double sigma) {
    if (direction == Direction::remove)
      return discretise(*mixture_pair(centres, {{0}, {1}}, sigma), 1e-4, Rounding::connect_dots);
    GaussianMixture mirrored = centres;
    for (double& centre : mirrored.centres) centre = -centre;
    return discretise(*mixture_pair({{0}, {1}}, mirrored, sigma), 1e-4, Rounding::connect_dots);
  };
  const auto grids_of = [&](Direction direction) {
    return std::vector<LossGrid>{grid(direction, {{0, 1, 2}, {0.2, 0.6, 0.2}}, 1),
                                 grid(direction, {{0, 2, 3}, {0.33, 0.34, 0.33}}, 2)};
  };
  EXPECT_NEAR(epsilon_of_both(grids_of, {3, 2}, 1e-6), 17.193115, 1e-6);
}

TEST(Published, google_batches_that_are_cut_to_a_size) {
  // P(binomial(n, 1/2) > k).
  const auto above = [](int n, int k) {
    double sum = 0, choose = 1;
    for (int i = 0; i <= n; ++i) {
      if (i > k) sum += choose;
      choose = choose * (n - i) / (i + 1);
    }
    return sum / std::pow(2.0, n);
  };
  const auto grid = [&](Direction direction, int rows) {
    const double cut = above(rows - 1, 1);
    const double rate = above(rows, 2) * 2 / cut / rows;
    const LossGrid uncut = discretise(SampledGaussianPair(1, 0.5, direction), 1e-4, Rounding::connect_dots);
    // As published: a loose bound, of twice the sensitivity.
    const auto replaced =
        loss_pairs({.noise_multiplier = 0.5, .sampling_rate = rate}, Neighbours::replace_one);
    return mixed(discretise(*replaced[0], 1e-4, Rounding::connect_dots), uncut, cut);
  };
  const auto grids_of = [&](Direction direction) {
    return std::vector<LossGrid>{grid(direction, 4), grid(direction, 3)};
  };
  EXPECT_NEAR(epsilon_of_both(grids_of, {3, 2}, 1e-6), 17.904330, 1e-6);
}

// What a grid of step 0 would give: connecting dots errs by the square of the step.
double at_step_0(const std::function<double(double)>& at, double step) {
  return (4 * at(step / 2) - at(step)) / 3;
}

TEST(Published, an_independent_fourier_accountant) {
  const Uses uses = gaussian(4, 0.01, 10000);
  EXPECT_NEAR(at_step_0([&](double step) { return total_loss(uses, {.step = step}).delta(1); }, 4e-5),
              4.243484012034273e-06, 1e-12);
  EXPECT_NEAR(
      at_step_0(
          [&](double step) {
            return total_loss(uses, {.neighbours = Neighbours::replace_one, .step = step}).epsilon(1e-5);
          },
          4e-4),
      1.9931200626285734, 1e-7);
}

TEST(Published, opacus_epsilons) {
  EXPECT_NEAR(renyi(gaussian(1.5, 0.04, 2250), 1e-5, RenyiTerms::with_sign), 7.32911117143, 1e-9);
  const Uses uses = gaussian(1.5, 0.04, 2249);
  const PrvBounds prv = prv_epsilon(uses, 1e-5);
  EXPECT_NEAR(prv.high, 6.777395712150674, 1e-5);
  const double gdp = gaussian_epsilon(clt_mu_poisson(1.5, 0.04, 2249), 1e-5);
  EXPECT_NEAR(gdp, 6.5998, 5e-5);
  EXPECT_LT(gdp, prv.low);
  EXPECT_LT(prv.high, renyi(uses, 1e-5));
}

// Opacus's own search: bisection from 20 down to where epsilon is at most 0.01 below the target.
double opacus_noise(const std::function<double(double)>& epsilon_of) {
  double low = 0, high = 20, epsilon = epsilon_of(high);
  while (8 - epsilon > 0.01) {
    const double middle = (low + high) / 2, there = epsilon_of(middle);
    if (there < 8) {
      high = middle;
      epsilon = there;
    } else {
      low = middle;
    }
  }
  return high;
}

TEST(Published, opacus_noise) {
  EXPECT_NEAR(
      opacus_noise([](double s) { return renyi(gaussian(s, 0.04, 2250), 1e-5, RenyiTerms::with_sign); }),
      1.416, 5e-5);
  EXPECT_EQ(opacus_noise([](double s) { return gaussian_epsilon(clt_mu_poisson(s, 0.04, 2250), 1e-5); }),
            1.3232421875);
  EXPECT_EQ(opacus_noise([](double s) { return prv_epsilon(gaussian(s, 0.04, 2250), 1e-5).high; }),
            1.34765625);
}

struct GdpRow {
  double rows, batch, sigma, epochs, mu, epsilon, uniform_mu, uniform_epsilon;
};

TEST(Published, gaussian_dp_by_the_central_limit_theorem) {
  for (const GdpRow& row : {GdpRow{60000, 256, 1.3, 15, .227274, .834463, .284711, 1.068494},
                            GdpRow{60000, 256, 1.1, 60, .573591, 2.324315, .737401, 3.086770},
                            GdpRow{60000, 256, 0.7, 45, 1.133932, 5.066156, 1.553628, 7.354561},
                            GdpRow{29305, 256, .55, 18, 2.032427, 10.197467, 0, 0},
                            GdpRow{25000, 512, .56, 9, 2.070518, 10.434062, 0, 0},
                            GdpRow{60000, 256, 1.06, 20, .349948, 1.341197, 0, 0},
                            GdpRow{60000, 256, .638, 70, 1.784876, 8.697, 0, 0}}) {
    const double rate = row.batch / row.rows, steps = row.epochs / rate;
    const double mu = clt_mu_poisson(row.sigma, rate, steps);
    EXPECT_NEAR(mu, row.mu, 6e-7) << row.sigma;
    EXPECT_NEAR(gaussian_epsilon(mu, 1e-5), row.epsilon, row.epsilon == 8.697 ? 5e-4 : 6e-7) << row.sigma;
    if (row.uniform_mu == 0) continue;
    const double uniform = clt_mu_uniform(row.sigma, rate, steps);
    EXPECT_NEAR(uniform, row.uniform_mu, 6e-7) << row.sigma;
    EXPECT_NEAR(gaussian_epsilon(uniform, 1e-5), row.uniform_epsilon, 6e-7) << row.sigma;
  }
}

// Microsoft's own test: exact brackets where the truth is known.
TEST(Published, random_variables_bracket_the_exact_delta) {
  for (const double error : {1.0, 0.1, 0.01})
    for (const double epsilon : {0.1, 1.0, 10.0}) {
      const PrvBounds found =
          prv_delta(gaussian(100, 1, 10000), epsilon, {.epsilon_error = error, .delta_error = 1e-10});
      const double exact = gaussian_delta(1, epsilon);
      EXPECT_LE(found.low, exact);
      EXPECT_GE(found.high, exact);
    }
  const Uses both = {{.noise_multiplier = 10, .times = 50}, {.noise_multiplier = 5, .times = 50}};
  const PrvBounds found = prv_delta(both, 4, {.epsilon_error = 0.01, .delta_error = 1e-10});
  const double exact = gaussian_delta(std::sqrt(50 * (0.01 + 0.04)), 4);
  EXPECT_LE(found.low, exact);
  EXPECT_GE(found.high, exact);
  EXPECT_NEAR(found.estimate, exact, 1e-6 * exact + 1e-10);
}

}  // namespace
}  // namespace astrolabe
