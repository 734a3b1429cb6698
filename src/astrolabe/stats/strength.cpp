// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/stats/strength.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <span>

#include "astrolabe/base/error.h"
#include "astrolabe/stats/bootstrap.h"

namespace astrolabe {
namespace {

constexpr double kEloOfOneLogOdds = 400 / 2.302585092994046;  // 400 points: ten to one
constexpr double kMeanElo = 1000;

// Of each task as often as `counts` says.
std::vector<double> count_wins(const ScoreTable& table, std::span<const std::uint8_t> counts) {
  const std::size_t k = table.contestants;
  std::vector<double> wins(k * k, 0.0);
  for (std::size_t task = 0; task < table.tasks(); ++task) {
    const std::span<const double> scores = table.task(task);
    for (std::size_t i = 0; i < k; ++i) {
      for (std::size_t j = 0; j < k; ++j) {
        if (i == j) continue;
        const double won = scores[i] > scores[j] ? 1 : scores[i] == scores[j] ? 0.5 : 0;
        wins[i * k + j] += counts[task] * won;
      }
    }
  }
  return wins;
}

}  // namespace

std::vector<double> bradley_terry(const std::vector<double>& wins, std::size_t contestants, double prior) {
  ASTROLABE_CHECK(wins.size() == contestants * contestants, "wins are counted of every pair");
  std::vector<double> worth(contestants, 1.0);
  for (int round = 0; round < 10'000; ++round) {
    double moved = 0;
    std::vector<double> next(contestants);
    for (std::size_t i = 0; i < contestants; ++i) {
      double won = prior, rate = 2 * prior / (worth[i] + 1);
      for (std::size_t j = 0; j < contestants; ++j) {
        if (i == j) continue;
        won += wins[i * contestants + j];
        rate += (wins[i * contestants + j] + wins[j * contestants + i]) / (worth[i] + worth[j]);
      }
      next[i] = rate > 0 ? won / rate : worth[i];
      moved = std::max(moved, std::abs(std::log(next[i] / worth[i])));
    }
    worth = next;
    if (moved < 1e-10) break;
  }
  std::vector<double> strengths(contestants);
  for (std::size_t i = 0; i < contestants; ++i) strengths[i] = std::log(worth[i]);
  const double mean =
      std::accumulate(strengths.begin(), strengths.end(), 0.0) / static_cast<double>(contestants);
  for (double& strength : strengths) strength -= mean;
  return strengths;
}

std::vector<Strength> elo_strengths(const ScoreTable& table, Key key, std::size_t resamples) {
  const std::size_t k = table.contestants;
  std::vector<std::uint8_t> counts(table.tasks(), 1);
  const std::vector<double> center = bradley_terry(count_wins(table, counts), k);
  std::vector<std::vector<double>> drawn(k);
  for (std::size_t resample = 0; resample < resamples; ++resample) {
    draw_counts(key.split(resample), counts);
    const std::vector<double> strengths = bradley_terry(count_wins(table, counts), k);
    for (std::size_t i = 0; i < k; ++i) drawn[i].push_back(kMeanElo + kEloOfOneLogOdds * strengths[i]);
  }
  std::vector<Strength> result(k);
  for (std::size_t i = 0; i < k; ++i) {
    const double elo = kMeanElo + kEloOfOneLogOdds * center[i];
    result[i] = {.elo = elo, .low = elo, .high = elo};
    if (drawn[i].empty()) continue;
    std::ranges::sort(drawn[i]);
    result[i].low = std::min(elo, percentile(drawn[i], 0.025));
    result[i].high = std::max(elo, percentile(drawn[i], 0.975));
  }
  return result;
}

}  // namespace astrolabe
