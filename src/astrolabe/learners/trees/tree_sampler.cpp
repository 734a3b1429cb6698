// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/learners/trees/tree_sampler.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "astrolabe/learners/trees/goss.h"

namespace astrolabe::trees {

bool TreeSampler::samples_rows(std::size_t rows) const {
  return settings_.row_sample < 1 || settings_.sampling == "goss" || rows > kMaxTreeRows / 2;
}

std::vector<std::uint32_t> TreeSampler::rows(std::uint64_t round, std::span<const std::uint32_t> all,
                                             std::size_t outputs, std::span<GradientPair> pairs) const {
  std::vector<std::uint32_t> rows = rows_alike(round, all);
  if (settings_.sampling != "goss" || static_cast<double>(round) * settings_.learning_rate < 1) return rows;
  return sample_by_gradient(rows, {.top = settings_.goss_top, .rest = settings_.goss_rest},
                            key_.split("goss").split(round), outputs, pairs);
}

// Each with the probability row_sample; fewer where a tree's sums could overflow.
std::vector<std::uint32_t> TreeSampler::rows_alike(std::uint64_t round,
                                                   std::span<const std::uint32_t> all) const {
  const double cap = 0.99 * static_cast<double>(kMaxTreeRows) / static_cast<double>(all.size());
  const double share = std::min(settings_.row_sample, cap);
  if (share >= 1) return {all.begin(), all.end()};
  const Key key = key_.split("rows").split(round);
  const auto limit = static_cast<std::uint32_t>(share * 0x1p32);
  std::vector<std::uint32_t> rows;
  rows.reserve(static_cast<std::size_t>(share * static_cast<double>(all.size())) + 64);
  for (const std::uint32_t row : all)
    if (static_cast<std::uint32_t>(random_bits(key, row) >> 32) < limit) rows.push_back(row);
  if (rows.empty()) rows.push_back(all.front());
  return rows;
}

std::vector<std::uint32_t> TreeSampler::slots(std::uint64_t round, std::size_t output,
                                              std::size_t count) const {
  std::vector<std::uint32_t> slots(count);
  std::iota(slots.begin(), slots.end(), 0U);
  if (settings_.column_sample >= 1 || slots.size() < 2) return slots;
  RandomStream random(key_.split("columns").split(round).split(output));
  random.shuffle(slots);
  const double wanted = std::round(settings_.column_sample * static_cast<double>(slots.size()));
  // Of one column alone, no tree could learn what two do together.
  slots.resize(std::max<std::size_t>(2, static_cast<std::size_t>(wanted)));
  std::ranges::sort(slots);
  return slots;
}

}  // namespace astrolabe::trees
