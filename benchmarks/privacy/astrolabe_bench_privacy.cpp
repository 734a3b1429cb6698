// SPDX-License-Identifier: Apache-2.0
// Each accountant and calibration on four trainings: the median of seven rounds in processor and wall time.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <functional>
#include <string>
#include <vector>

#include "benchmarks/bench_measures.h"

#include "astrolabe/privacy/bound.h"
#include "astrolabe/privacy/gaussian_dp.h"
#include "astrolabe/privacy/guarantee.h"
#include "astrolabe/privacy/loss_accountant.h"
#include "astrolabe/privacy/prv_accountant.h"

namespace astrolabe {
namespace {

constexpr int kRounds = 7;

struct Setting {
  const char* name;
  Mechanism use;
  double delta, target;
};

void show(const std::string& what, const std::function<double()>& answer) {
  std::vector<double> processor, wall;
  double found = 0;
  for (int round = 0; round < kRounds; ++round) {
    const double before = processor_seconds();
    const auto start = std::chrono::steady_clock::now();
    found = answer();
    const std::chrono::duration<double, std::milli> taken = std::chrono::steady_clock::now() - start;
    wall.push_back(taken.count());
    processor.push_back(1e3 * (processor_seconds() - before));
  }
  std::printf("| %s | %.6f | %.1f | %.1f |\n", what.c_str(), found, median(processor), median(wall));
}

void show_all(const Setting& setting) {
  const std::vector<Mechanism> uses = {setting.use};
  const double delta = setting.delta, rate = setting.use.sampling_rate;
  std::printf("\n%s\n\n| | answer | processor ms | wall ms |\n|---|---|---|---|\n", setting.name);
  show("pld", [&] { return total_loss(uses).epsilon(delta); });
  show("pld rounded up", [&] { return total_loss(uses, {.rounding = Rounding::up}).epsilon(delta); });
  show("prv", [&] { return prv_epsilon(uses, delta).high; });
  show("rdp", [&] { return renyi_bound(uses, delta, Neighbours::add_remove, renyi_orders()).epsilon; });
  show("gdp estimate", [&] {
    return gaussian_epsilon(
        clt_mu_poisson(setting.use.noise_multiplier, rate, static_cast<double>(setting.use.times)), delta);
  });
  show("guarantee", [&] { return bounded_epsilon(uses, delta); });
  show("noise for the target", [&] {
    return noise_multiplier_for({.epsilon = setting.target, .delta = delta}, rate, setting.use.times);
  });
}

}  // namespace

static void show_settings() {
  const auto use = [](double sigma, double rate, std::uint64_t times) {
    return Mechanism{.noise_multiplier = sigma, .sampling_rate = rate, .times = times};
  };
  show_all({"60,000 rows, batch 256, 60 passes (14,063 steps), sigma 1.1, delta 1e-5; target 3",
            use(1.1, 256 / 60000.0, 14063), 1e-5, 3});
  show_all({"rate 0.04, 2,250 steps, sigma 1.5, delta 1e-5; target 8", use(1.5, 0.04, 2250), 1e-5, 8});
  show_all({"rate 0.01, 1,000 steps, sigma 0.8, delta 1e-6; target 1", use(0.8, 0.01, 1000), 1e-6, 1});
  show_all({"rate 0.001, 200,000 steps, sigma 1, delta 1e-7; target 2", use(1, 0.001, 200000), 1e-7, 2});
}

}  // namespace astrolabe

int main() {
  astrolabe::show_settings();
  return 0;
}
