// SPDX-License-Identifier: Apache-2.0
// The proof loop on studies that never were: differences drawn, not trained.
#include "astrolabe/evidence/proof.h"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

namespace astrolabe {
namespace {

// Each finding has an effect; pairs are drawn around it with deviation 1, and the rows say the same with a
// narrow interval unless told otherwise.
struct Drawn {
  std::vector<double> effects;
  Key key = Key::from_seed(1);
  double row_error = 0.01;
  std::size_t time_for = SIZE_MAX;  // pairs
  std::size_t drawn = 0;

  std::vector<Proof> prove(const ProofRules& rules, double rope = 0) {
    return prove_findings({.rules = rules,
                           .ropes = std::vector<double>(effects.size(), rope),
                           .retrain = [this](std::size_t finding, std::size_t seed) -> std::optional<double> {
                             if (drawn++ >= time_for) return std::nullopt;
                             return effects[finding] + RandomStream(key.split(finding).split(seed)).normal();
                           },
                           .compare_rows =
                               [this](std::size_t finding, double) {
                                 const double effect = effects[finding];
                                 return Estimate{effect, effect - row_error, effect + row_error, "drawn"};
                               }});
  }
};

TEST(Proof, of_a_large_effect_ends_before_its_seeds_are_used_up) {
  Drawn drawn{.effects = {3, -3}};
  const std::vector<Proof> proofs = drawn.prove({.findings = 2});
  EXPECT_EQ(proofs[0].verdict, Verdict::better);
  EXPECT_EQ(proofs[1].verdict, Verdict::worse);
  EXPECT_LT(proofs[0].evidence.pairs(), 15U);
  EXPECT_GT(proofs[0].by_seeds.low, 0);
  EXPECT_LT(proofs[0].effect(), proofs[0].evidence.mean());
}

TEST(Proof, is_called_off_by_the_rows_when_they_cannot_tell) {
  Drawn drawn{.effects = {3}, .row_error = 5};
  const Proof proof = drawn.prove({}).front();
  EXPECT_EQ(proof.verdict, Verdict::undecided);
  EXPECT_EQ(proof.why, "the seeds agree, but the sealed rows are too few to tell");
}

TEST(Proof, calls_a_difference_within_the_rope_a_tie) {
  Drawn drawn{.effects = {0}};
  EXPECT_EQ(drawn.prove({.most_seeds = 60}, 2).front().verdict, Verdict::tie);
}

TEST(Proof, without_time_says_how_far_it_came) {
  Drawn drawn{.effects = {0, 0}, .time_for = 5};
  const std::vector<Proof> proofs = drawn.prove({.findings = 2});
  EXPECT_EQ(proofs[0].evidence.pairs(), 3U);
  EXPECT_EQ(proofs[1].evidence.pairs(), 2U);
  EXPECT_EQ(proofs[1].why, "no time for more than 2 pairs");
  Drawn none{.effects = {0}, .time_for = 0};
  EXPECT_EQ(none.prove({}).front().verdict, Verdict::undecided);
}

TEST(Proof, pays_for_every_look_and_every_finding) {
  const double first = ProofRules{.look = 1, .findings = 1}.alpha_of_finding();
  EXPECT_NEAR(first, 0.05 * 6 / (M_PI * M_PI), 1e-12);
  EXPECT_NEAR((ProofRules{.look = 2, .findings = 1}.alpha_of_finding()), first / 4, 1e-12);
  EXPECT_NEAR((ProofRules{.look = 1, .findings = 4}.alpha_of_finding()), first / 4, 1e-12);
}

// The promise itself: on a thousand studies of three findings each where nothing is better, at most one in
// twenty says so of any.
TEST(Proof, of_nothing_is_wrong_less_often_than_it_promises) {
  constexpr int kStudies = 1000;
  int wrong = 0;
  for (int study = 0; study < kStudies; ++study) {
    Drawn drawn{.effects = {0, 0, 0}, .key = Key::from_seed(5).split(static_cast<std::uint64_t>(study))};
    drawn.row_error = 0;  // the worst case: all chance is that of the seeds
    bool any = false;
    for (const Proof& proof : drawn.prove({.findings = 3})) any |= proof.verdict != Verdict::undecided;
    wrong += any;
  }
  EXPECT_LE(wrong, kStudies * 0.05);
}

}  // namespace
}  // namespace astrolabe
