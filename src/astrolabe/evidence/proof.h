// SPDX-License-Identifier: Apache-2.0
// The proof of findings: both sides are trained again with fresh seeds, pair after pair, and judged on rows
// that no search has read, until the evidence says something or the pairs are used up.
//
//   const std::vector<Proof> proofs = prove_findings(
//       {.rules = {.look = opening.number(), .findings = 2}, .ropes = {0.002, 0.002},
//        .retrain = [&](std::size_t finding, std::size_t seed) { return difference_of(finding, seed); },
//        .compare_rows = [&](std::size_t finding, double confidence) { return on_rows(finding, confidence);
//        }});
//
// What is promised: over all findings and all looks at the same sealed rows, a finding that is no better than
// its baseline is called better with probability at most alpha. How: the k-th look may spend
// alpha_of_look(alpha, k), each of its findings an equal part of that (Bonferroni). The seeds are watched by
// an anytime-valid interval (stats/sequential.h), so that stopping early costs nothing. What the sealed rows
// happen to be is one chance more, the same in every pair: the interval of a verdict holds both (verdict.h).
// Knows no learner: differences come in by a function, so that benchmarks/honesty can run thousands of
// studies that never were.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "astrolabe/evidence/verdict.h"
#include "astrolabe/stats/sequential.h"

namespace astrolabe {

struct ProofRules {
  double alpha = 0.05;
  std::size_t look = 1;      // which opening of the sealed rows this is
  std::size_t findings = 1;  // that are proved in this look
  std::size_t most_seeds = 30;
  double scale = 1;  // of the effects that one hopes to see, in standard deviations of a pair

  // What one finding may spend.
  [[nodiscard]] double alpha_of_finding() const;
};

struct ProofRequest {
  ProofRules rules;
  std::vector<double> ropes;  // [rules.findings] differences up to these make no difference in practice
  // The difference of one pair on the sealed rows, above 0 where the finding is better; nothing: no time
  // left.
  std::function<std::optional<double>(std::size_t finding, std::size_t seed)> retrain;
  // The difference of the mean predictions of all pairs so far, over the sealed rows, with its interval.
  // Asked when the seeds have spoken, and at the end.
  std::function<Estimate(std::size_t finding, double confidence)> compare_rows;
};

struct Proof {
  Verdict verdict = Verdict::undecided;
  PairedEvidence evidence;
  Estimate by_seeds;    // valid at any time, at alpha_of_finding
  Estimate by_rows;     // at the same alpha
  Estimate difference;  // over both chances: what the verdict rests on
  double alpha = 0;
  std::string why;  // of an undecided one: what is missing, in words

  // What to expect of it: the mean, shrunk for having been looked at because it was large.
  [[nodiscard]] double effect() const { return evidence.shrunk_mean(); }
};

// [findings]. Seeds count from 0; every open finding gets a pair of each before the next begins. Throws what
// the functions throw. Cost: that of the functions.
[[nodiscard]] std::vector<Proof> prove_findings(const ProofRequest& request);

}  // namespace astrolabe
