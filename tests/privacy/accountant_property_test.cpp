// SPDX-License-Identifier: Apache-2.0
// What holds of every accountant whatever the numbers: order, limits, composition.
#include <algorithm>
#include <cmath>
#include <complex>
#include <numbers>
#include <numeric>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "astrolabe/base/random.h"
#include "astrolabe/privacy/bound.h"
#include "astrolabe/privacy/gaussian_dp.h"
#include "astrolabe/privacy/guarantee.h"
#include "astrolabe/privacy/loss_accountant.h"
#include "astrolabe/privacy/loss_spectrum.h"
#include "astrolabe/privacy/prv_accountant.h"
#include "astrolabe/privacy/sampled_gaussian_pair.h"

namespace astrolabe {
namespace {

using Uses = std::vector<Mechanism>;

constexpr double kDeltas[] = {1e-3, 1e-5, 1e-7};

struct Drawn {
  Uses uses;
  double delta = 0;
};

// Settings that people train with, and some that nobody should.
std::vector<Drawn> draw_cases(std::uint64_t seed, int count) {
  std::vector<Drawn> cases;
  for (int i = 0; i < count; ++i) {
    const Key key = Key::from_seed(seed).split(static_cast<std::uint64_t>(i));
    Mechanism use;
    use.noise_multiplier = std::exp(-0.5 + 2.5 * random_uniform(key, 0));
    use.sampling_rate = std::exp(-7 + 7 * random_uniform(key, 1));
    use.times = static_cast<std::uint64_t>(std::exp(7 * random_uniform(key, 2)));
    cases.push_back({.uses = {use}, .delta = kDeltas[i % 3]});
  }
  return cases;
}

double loss(const Uses& uses, double delta, Rounding rounding = Rounding::connect_dots, double step = 0) {
  return total_loss(uses, {.rounding = rounding, .step = step}).epsilon(delta);
}

double renyi(const Uses& uses, double delta) {
  return renyi_bound(uses, delta, Neighbours::add_remove, renyi_orders()).epsilon;
}

// Convolutions by hand: the slow, obvious twin of the transform.
double delta_by_convolution(const LossPair& pair, int times, double step, double epsilon) {
  const LossGrid grid = discretise(pair, step, Rounding::connect_dots);
  std::vector<double> sum = {1};
  double finite = 1;
  for (int i = 0; i < times; ++i) {
    std::vector<double> next(sum.size() + grid.mass.size() - 1, 0.0);
    for (std::size_t a = 0; a < sum.size(); ++a)
      for (std::size_t b = 0; b < grid.mass.size(); ++b) next[a + b] += sum[a] * grid.mass[b];
    sum = std::move(next);
    finite *= 1 - grid.infinite;
  }
  double delta = 1 - finite;
  for (std::size_t i = 0; i < sum.size(); ++i) {
    const double at = static_cast<double>(times * grid.first + static_cast<std::int64_t>(i)) * step;
    if (at > epsilon) delta += sum[i] * (1 - std::exp(epsilon - at));
  }
  return delta;
}

TEST(LossSum, equals_convolution_by_hand) {
  for (const Direction direction : {Direction::remove, Direction::add})
    for (const int times : {1, 2, 5}) {
      const SampledGaussianPair pair(1.5, 0.3, direction);
      const LossGrid grid = discretise(pair, 0.01, Rounding::connect_dots);
      const RepeatedLoss losses[] = {{.grid = &grid, .times = static_cast<std::uint64_t>(times)}};
      RealTransform transform;
      const LossSum sum = composed(losses, window_of(losses, 1e-15), 1e-15, 0, transform);
      for (const double epsilon : {0.0, 0.5, 1.7}) {
        const double by_hand = delta_by_convolution(pair, times, 0.01, epsilon);
        EXPECT_NEAR(sum.delta(epsilon), by_hand, 1e-13 + 4e-15 * times);
        EXPECT_LE(std::abs(sum.delta(epsilon) - by_hand), sum.rounding() + 3e-15);
        if (by_hand > 1e-9 && epsilon > 0) {
          EXPECT_NEAR(sum.epsilon(by_hand), epsilon, 1e-6);
        }
      }
    }
}

TEST(SmoothTails, are_those_of_the_pair_at_every_point) {
  for (const auto& [sigma, rate] : {std::pair{1.1, 0.004}, std::pair{0.5, 0.2}, std::pair{20.0, 1.0}})
    for (const Direction direction : {Direction::remove, Direction::add}) {
      const SampledGaussianPair pair(sigma, rate, direction);
      const double from = pair.lowest() - 0.01, step = (pair.highest() + 0.02 - from) / 20'000;
      const std::vector<LossTails> along = pair.tails_along(from, step, 20'001);
      for (std::size_t i = 0; i < along.size(); ++i) {
        const LossTails one = pair.tails(from + static_cast<double>(i) * step);
        ASSERT_NEAR(along[i].first, one.first, 2e-13 * one.first) << sigma << " " << i;
        ASSERT_NEAR(along[i].second, one.second, 2e-13 * one.second) << sigma << " " << i;
      }
    }
}

TEST(SumSpectrum, keeps_every_frequency_that_counts_and_few_of_many_losses) {
  constexpr std::size_t kLength = 1 << 16;
  for (const Direction direction : {Direction::remove, Direction::add})
    for (const std::uint64_t times : {100, 2000, 50'000}) {
      const LossGrid grid = discretise(SampledGaussianPair(1.1, 0.01, direction), 1e-3, Rounding::nearest);
      const RepeatedLoss losses[] = {{.grid = &grid, .times = times}};
      RealTransform transform;
      const SumSpectrum sum = spectrum_of_sum(losses, kLength, transform);
      const auto uses = static_cast<long double>(times);
      const auto centre = sum.shift / static_cast<std::int64_t>(times);
      for (std::size_t k = 0; k <= kLength / 2; k += k < 40 ? 1 : 127) {
        std::complex<long double> once;  // by the definition
        for (std::size_t i = 0; i < grid.mass.size(); ++i) {
          const auto at = (grid.first - centre + static_cast<std::int64_t>(i)) * static_cast<std::int64_t>(k);
          once += std::polar(static_cast<long double>(grid.mass[i]),
                             -2 * std::numbers::pi_v<long double> * (at % std::int64_t{kLength}) / kLength);
        }
        const std::complex<long double> to_power =
            std::polar(std::exp(uses * std::log(std::abs(once))), uses * std::arg(once));
        const std::complex<double> expected(to_power);
        EXPECT_LT(std::abs(sum.product[k] - expected), 5e-15 * uses) << times << " " << k;
      }
      const auto none = std::ranges::count(sum.product, std::complex<double>(0));
      if (times == 50'000) {
        EXPECT_GT(none, static_cast<std::ptrdiff_t>(0.99 * kLength / 2));
      }
    }
}

TEST(Accountants, rounded_down_is_below_exact_is_below_connected_dots_is_below_rounded_up) {
  for (const double sigma : {0.8, 20.0})
    for (const std::uint64_t times : {1, 400}) {
      const Uses uses = {{.noise_multiplier = sigma, .times = times}};
      const double mu = std::sqrt(static_cast<double>(times)) / sigma;
      for (const double delta : kDeltas) {
        const double exact = gaussian_epsilon(mu, delta);
        const double dots = loss(uses, delta);
        EXPECT_LE(loss(uses, delta, Rounding::down), exact + 1e-9);
        EXPECT_GE(dots, exact - 1e-9) << sigma << " " << times << " " << delta;
        EXPECT_GE(loss(uses, delta, Rounding::up), dots - 1e-12);
        EXPECT_NEAR(dots, exact, 1e-4 * (1 + exact));
        EXPECT_NEAR(bounded_epsilon(uses, delta), exact, 1e-8 * (1 + exact));
      }
    }
}

TEST(Accountants, keep_their_order_everywhere) {
  for (const Drawn& drawn : draw_cases(1, 9)) {
    const Mechanism& use = drawn.uses[0];
    const std::string which = fmt::format("sigma {} rate {} times {} delta {}", use.noise_multiplier,
                                          use.sampling_rate, use.times, drawn.delta);
    const double down = loss(drawn.uses, drawn.delta, Rounding::down), dots = loss(drawn.uses, drawn.delta);
    const double up = loss(drawn.uses, drawn.delta, Rounding::up);
    const PrvBounds prv = prv_epsilon(drawn.uses, drawn.delta);
    EXPECT_LE(down, dots + 1e-9) << which;
    EXPECT_LE(dots, up + 1e-9) << which;
    EXPECT_LE(dots, renyi(drawn.uses, drawn.delta) + 1e-9) << which;
    EXPECT_LE(prv.low, dots + 1e-6) << which;
    EXPECT_GE(prv.high, down - 1e-6) << which;
    EXPECT_NEAR(prv.estimate, dots, 1e-3 * (1 + dots)) << which;
    EXPECT_GE(bounded_epsilon(drawn.uses, drawn.delta), prv.low - 1e-9) << which;
    EXPECT_LE(bounded_epsilon(drawn.uses, drawn.delta), dots * (1 + 1e-3) + 1e-4) << which;
  }
}

TEST(Accountants, keep_their_order_where_noise_is_next_to_nothing) {
  for (const Mechanism& use : {Mechanism{.noise_multiplier = 0.01, .sampling_rate = 0.5, .times = 20},
                               Mechanism{.noise_multiplier = 0.02, .times = 5},
                               Mechanism{.noise = Noise::laplace, .noise_multiplier = 1e-3, .times = 3}}) {
    const Uses uses = {use};
    const double down = loss(uses, 1e-5, Rounding::down), dots = loss(uses, 1e-5);
    EXPECT_GT(down, 1000);
    EXPECT_LE(down, dots * (1 + 1e-9));
    EXPECT_LE(dots, loss(uses, 1e-5, Rounding::up) * (1 + 1e-9));
    EXPECT_GE(bounded_epsilon(uses, 1e-5), down);
    EXPECT_LE(bounded_epsilon(uses, 1e-5), 1.01 * loss(uses, 1e-5, Rounding::up));
  }
}

TEST(Accountants, stay_close_where_each_step_loses_next_to_nothing) {
  const Uses uses = {{.noise_multiplier = 60, .sampling_rate = 0.004, .times = 14063}};
  const double truth = prv_epsilon(uses, 1e-5, {.epsilon_error = 1e-4}).estimate;
  EXPECT_NEAR(loss(uses, 1e-5) / truth, 1, 0.01);
  EXPECT_LE(bounded_epsilon(uses, 1e-5), renyi(uses, 1e-5));
}

TEST(Accountants, have_no_bound_at_a_delta_below_the_rounding_of_numbers) {
  const Uses uses = {{.noise_multiplier = 1, .sampling_rate = 0.01, .times = 100}};
  EXPECT_TRUE(std::isinf(prv_epsilon(uses, 1e-300).high));
  EXPECT_TRUE(std::isinf(total_loss(uses).guaranteed_epsilon(1e-300)));
  EXPECT_LT(bounded_epsilon(uses, 1e-300), 200);
}

TEST(Accountants, are_monotone_in_every_argument) {
  for (const Drawn& drawn : draw_cases(2, 8)) {
    const double here = bounded_epsilon(drawn.uses, drawn.delta);
    const auto changed = [&](double sigma, double rate, double times) {
      Mechanism use = drawn.uses[0];
      use.noise_multiplier *= sigma;
      use.sampling_rate = std::min(1.0, use.sampling_rate * rate);
      use.times = static_cast<std::uint64_t>(std::ceil(static_cast<double>(use.times) * times));
      return bounded_epsilon(Uses{use}, drawn.delta);
    };
    const double slack = 1e-4 * (1 + here);  // what grids differ by
    EXPECT_LE(changed(1.3, 1, 1), here + slack);
    EXPECT_GE(changed(1, 1.5, 1), here - slack);
    EXPECT_GE(changed(1, 1, 2), here - slack);
    EXPECT_LE(bounded_epsilon(drawn.uses, std::min(0.5, 10 * drawn.delta)), here + slack);
  }
}

TEST(Accountants, do_not_mind_the_order_of_what_is_composed) {
  Uses uses = {{.noise_multiplier = 1.2, .sampling_rate = 0.02, .times = 300},
               {.noise_multiplier = 12, .times = 4},
               {.noise = Noise::laplace, .noise_multiplier = 15, .times = 2},
               {.noise_multiplier = 0.9, .sampling_rate = 0.002, .times = 50}};
  const double first = bounded_epsilon(uses, 1e-5);
  const PrvBounds prv = prv_epsilon(uses, 1e-5);
  std::reverse(uses.begin(), uses.end());
  EXPECT_NEAR(bounded_epsilon(uses, 1e-5), first, 1e-10);
  EXPECT_NEAR(prv_epsilon(uses, 1e-5).high, prv.high, 1e-9);
  EXPECT_GE(first, prv.low);
  EXPECT_LE(first, renyi(uses, 1e-5));
}

TEST(Accountants, do_not_mind_how_steps_are_split) {
  const PrivateSteps whole{.noise_multiplier = 1.1, .sampling_rate = 0.01, .steps = 1000};
  const std::vector<PrivateSteps> parts = {{.noise_multiplier = 1.1, .sampling_rate = 0.01, .steps = 400},
                                           {.noise_multiplier = 1.1, .sampling_rate = 0.01, .steps = 600}};
  EXPECT_EQ(guaranteed_epsilon(parts, 1e-5), guaranteed_epsilon({&whole, 1}, 1e-5));
  const Uses apart = {{.noise_multiplier = 1.1, .sampling_rate = 0.01, .times = 400},
                      {.noise_multiplier = 1.1, .sampling_rate = 0.01, .times = 600}};
  const Uses together = {{.noise_multiplier = 1.1, .sampling_rate = 0.01, .times = 1000}};
  EXPECT_NEAR(loss(apart, 1e-5), loss(together, 1e-5), 1e-9);
}

TEST(Accountants, agree_as_the_sampling_rate_goes_to_1) {
  const Uses almost = {{.noise_multiplier = 2, .sampling_rate = 1 - 1e-9, .times = 10}};
  const double exact = gaussian_epsilon(std::sqrt(10.0) / 2, 1e-5);
  EXPECT_NEAR(loss(almost, 1e-5), exact, 1e-5);
  EXPECT_NEAR(prv_epsilon(almost, 1e-5).estimate, exact, 1e-4);
}

TEST(Accountants, approach_the_central_limit_theorem) {
  double gap = INFINITY;
  for (const double steps : {100.0, 10000.0, 1000000.0}) {
    const double rate = 0.5 / std::sqrt(steps);
    const Uses uses = {
        {.noise_multiplier = 1, .sampling_rate = rate, .times = static_cast<std::uint64_t>(steps)}};
    const double found =
        std::abs(prv_epsilon(uses, 1e-5).estimate - gaussian_epsilon(clt_mu_poisson(1, rate, steps), 1e-5));
    EXPECT_LT(found, gap);
    gap = found;
  }
  EXPECT_LT(gap, 0.01);
}

TEST(LossGrid, of_a_coarser_step_gives_no_smaller_bound) {
  const Uses uses = {{.noise_multiplier = 1, .sampling_rate = 0.02, .times = 500}};
  for (const Rounding rounding : {Rounding::connect_dots, Rounding::up}) {
    double finer = 0;
    for (const double step : {1e-4, 5e-4, 2e-3, 1e-2}) {
      const double found = loss(uses, 1e-5, rounding, step);
      EXPECT_GE(found, finer);
      finer = found;
    }
  }
}

TEST(LossGrid, keeps_all_mass_and_every_hockey_stick_of_its_points) {
  for (const auto& pair : loss_pairs({.noise_multiplier = 1, .sampling_rate = 0.1})) {
    const LossGrid grid = discretise(*pair, 0.01, Rounding::connect_dots);
    EXPECT_NEAR(std::accumulate(grid.mass.begin(), grid.mass.end(), grid.infinite), 1, 1e-12);
    for (const std::size_t at : {grid.mass.size() / 4, grid.mass.size() / 2, 3 * grid.mass.size() / 4}) {
      const double epsilon = static_cast<double>(grid.first + static_cast<std::int64_t>(at)) * grid.step;
      double delta = grid.infinite;
      for (std::size_t i = at + 1; i < grid.mass.size(); ++i)
        delta +=
            grid.mass[i] * (1 - std::exp(static_cast<double>(at) * 0.01 - static_cast<double>(i) * 0.01));
      EXPECT_NEAR(delta, hockey_stick(*pair, epsilon), 1e-12);
    }
  }
}

TEST(LossPair, of_a_mixture_equals_the_closed_form) {
  const SampledGaussianPair closed(1.3, 0.2, Direction::remove);
  const auto mixture = mixture_pair({{0, 1}, {0.8, 0.2}}, {{0}, {1}}, 1.3);
  EXPECT_NEAR(mixture->mean(), closed.mean(), 1e-12);
  for (const double t : {-0.2, 0.0, 0.3, 1.5}) {
    EXPECT_NEAR(mixture->tails(t).first, closed.tails(t).first, 1e-12);
    EXPECT_NEAR(mixture->tails(t).second, closed.tails(t).second, 1e-12);
  }
}

TEST(LossPair, has_the_mean_that_its_grid_has) {
  for (const Mechanism& use :
       {Mechanism{.noise_multiplier = 1.5, .sampling_rate = 0.2},
        Mechanism{.noise = Noise::laplace, .noise_multiplier = 1.5, .sampling_rate = 0.2},
        Mechanism{.noise = Noise::laplace, .noise_multiplier = 0.7}})
    for (const auto& pair : loss_pairs(use)) {
      const LossGrid grid = discretise(*pair, 1e-3, Rounding::connect_dots);
      double mean = 0;
      for (std::size_t i = 0; i < grid.mass.size(); ++i)
        mean += grid.mass[i] * static_cast<double>(grid.first + static_cast<std::int64_t>(i)) * grid.step;
      EXPECT_NEAR(pair->mean(), mean, 1e-6);
    }
}

TEST(Laplace, once_costs_what_is_known_and_many_times_less_than_their_sum) {
  const Uses once = {{.noise = Noise::laplace, .noise_multiplier = 2}};
  EXPECT_NEAR(loss(once, 1e-12), 0.5, 1e-3);
  // delta(0) is the total variation distance.
  EXPECT_NEAR(total_loss(once).delta(0), 1 - std::exp(-0.25), 1e-6);
  const Uses often = {{.noise = Noise::laplace, .noise_multiplier = 2, .times = 100}};
  EXPECT_LT(loss(often, 1e-5), 50);
  EXPECT_GT(loss(often, 1e-5), gaussian_epsilon(std::sqrt(100 * 0.2), 1e-5));
  EXPECT_THROW((void)total_loss(once, {.neighbours = Neighbours::replace_one}), std::runtime_error);
}

TEST(ReplaceOne, of_the_whole_table_is_noise_halved) {
  const Uses uses = {{.noise_multiplier = 4, .times = 3}};
  const double exact = gaussian_epsilon(2 * std::sqrt(3.0) / 4, 1e-5);
  EXPECT_NEAR(total_loss(uses, {.neighbours = Neighbours::replace_one}).epsilon(1e-5), exact, 1e-5);
  EXPECT_NEAR(bounded_epsilon(uses, 1e-5, Neighbours::replace_one), exact, 1e-7);
  const Uses sampled = {{.noise_multiplier = 4, .sampling_rate = 0.1, .times = 100}};
  EXPECT_GT(total_loss(sampled, {.neighbours = Neighbours::replace_one}).epsilon(1e-5), loss(sampled, 1e-5));
}

TEST(GaussianDp, goes_there_and_back_at_any_size) {
  for (const double mu : {1e-3, 0.1, 1.0, 30.0, 1000.0})
    for (const double delta : {0.1, 1e-5, 1e-30, 1e-200}) {
      const double epsilon = gaussian_epsilon(mu, delta);
      if (epsilon > 0) {
        EXPECT_NEAR(log_gaussian_delta(mu, epsilon) / std::log(delta), 1, 1e-6) << mu << " " << delta;
      }
    }
  EXPECT_EQ(gaussian_epsilon(0, 1e-5), 0);
  EXPECT_GT(gaussian_epsilon(100, 1e-5), 500);  // where a fixed bracket would end
}

}  // namespace
}  // namespace astrolabe
