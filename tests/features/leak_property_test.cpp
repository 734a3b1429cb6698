// SPDX-License-Identifier: Apache-2.0
// A category that has nothing to do with the target must not predict it on the fitting rows: else learners
// trust the statistics more there than they deserve elsewhere.
#include "tests/features/tables.h"
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace astrolabe::testing {
namespace {

// The chance that a positive row has the greater value, ties counted half.
double area_under_curve(const std::vector<float>& values, const std::vector<double>& labels) {
  double wins = 0, pairs = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    for (std::size_t j = 0; j < values.size(); ++j) {
      if (labels[i] != 1 || labels[j] != 0) continue;
      pairs += 1;
      wins += values[i] > values[j] ? 1 : (values[i] == values[j] ? 0.5 : 0);
    }
  }
  return pairs > 0 ? wins / pairs : 0.5;
}

RC_GTEST_PROP(Leak, noise_of_many_levels_does_not_predict_the_fitting_targets, ()) {
  RandomStream random(Key::from_seed(*rc::gen::arbitrary<std::uint64_t>()));
  const auto distinct = *rc::gen::inRange<std::uint64_t>(400, 900);
  constexpr std::size_t kRows = 2500;
  std::vector<std::string> cells;
  std::vector<double> labels;
  for (std::size_t i = 0; i < kRows; ++i) {
    cells.push_back("level" + std::to_string(random.below(distinct)));
    labels.push_back(random.uniform() < 0.3 ? 1 : 0);
  }
  const Table table = table_of(levels("noise", cells));
  const FittedEncoding fitted = fit_rows(table, all_rows(table), binary(labels), kTreesNeeds);
  const double out_of_fold = area_under_curve(values_of(fitted.train, "noise.target_share"), labels);
  const double leaking =
      area_under_curve(values_of(encode_all(*fitted.encoder, table), "noise.target_share"), labels);
  // The standard error is about 0.013: five of them. The statistics of all rows, in contrast, do leak.
  RC_ASSERT(out_of_fold > 0.435 && out_of_fold < 0.565);
  RC_ASSERT(leaking > 0.65);
}

}  // namespace
}  // namespace astrolabe::testing
