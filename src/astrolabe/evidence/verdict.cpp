// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/evidence/verdict.h"

#include <array>
#include <cmath>
#include <cstddef>

namespace astrolabe {
namespace {

constexpr std::array<std::string_view, 4> kNames = {"better", "worse", "tie", "undecided"};

}  // namespace

std::string_view verdict_name(Verdict verdict) {
  return kNames.at(static_cast<std::size_t>(verdict));
}

std::optional<Verdict> find_verdict(std::string_view name) {
  for (std::size_t i = 0; i < kNames.size(); ++i)
    if (kNames[i] == name) return static_cast<Verdict>(i);
  return std::nullopt;
}

Verdict decide(const Estimate& difference, double rope) {
  if (difference.low >= -rope && difference.high <= rope) return Verdict::tie;
  if (difference.low > 0) return Verdict::better;
  if (difference.high < 0) return Verdict::worse;
  return Verdict::undecided;
}

Estimate over_both_chances(const Estimate& by_seeds, const Estimate& by_rows) {
  return {.value = by_seeds.value,
          .low = by_seeds.value - std::hypot(by_seeds.value - by_seeds.low, by_rows.value - by_rows.low),
          .high = by_seeds.value + std::hypot(by_seeds.high - by_seeds.value, by_rows.high - by_rows.value),
          .method = by_seeds.method + ", " + by_rows.method};
}

}  // namespace astrolabe
