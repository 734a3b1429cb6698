// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/evidence/proof.h"

#include <fmt/format.h>

#include "astrolabe/base/error.h"

namespace astrolabe {
namespace {

// Why the seeds and the rows together say nothing, for people.
std::string why_undecided(const Proof& proof, double rope, bool out_of_time) {
  if (decide(proof.by_seeds, rope) != Verdict::undecided)
    return "the seeds agree, but the sealed rows are too few to tell";
  if (out_of_time) return fmt::format("no time for more than {} pairs", proof.evidence.pairs());
  return fmt::format("{} pairs do not tell", proof.evidence.pairs());
}

}  // namespace

double ProofRules::alpha_of_finding() const {
  ASTROLABE_CHECK(findings > 0, "something is to be proved");
  return alpha_of_look(alpha, look) / static_cast<double>(findings);
}

std::vector<Proof> prove_findings(const ProofRequest& request) {
  const ProofRules& rules = request.rules;
  ASTROLABE_CHECK(request.ropes.size() == rules.findings, "every finding has its region of equivalence");
  const double alpha = rules.alpha_of_finding();
  std::vector<Proof> proofs(rules.findings);
  for (Proof& proof : proofs) {
    proof.evidence = PairedEvidence(rules.scale);
    proof.by_seeds = proof.evidence.interval(alpha);
    proof.by_rows = proof.difference = Estimate::undefined(0);
    proof.alpha = alpha;
  }
  const auto judge = [&](std::size_t i) {
    Proof& proof = proofs[i];
    proof.by_rows = request.compare_rows(i, 1 - alpha);
    proof.difference = over_both_chances(proof.by_seeds, proof.by_rows);
    proof.verdict = decide(proof.difference, request.ropes[i]);
  };
  bool out_of_time = false;
  for (std::size_t seed = 0; seed < rules.most_seeds && !out_of_time; ++seed) {
    for (std::size_t i = 0; i < proofs.size(); ++i) {
      if (proofs[i].verdict != Verdict::undecided) continue;
      const std::optional<double> difference = request.retrain(i, seed);
      out_of_time |= !difference;
      if (!difference) break;
      proofs[i].evidence.add(*difference);
      proofs[i].by_seeds = proofs[i].evidence.interval(alpha);
      if (decide(proofs[i].by_seeds, request.ropes[i]) != Verdict::undecided) judge(i);
    }
  }
  for (std::size_t i = 0; i < proofs.size(); ++i) {
    if (proofs[i].verdict != Verdict::undecided) continue;
    if (proofs[i].evidence.pairs() > 0) judge(i);
    proofs[i].why = why_undecided(proofs[i], request.ropes[i], out_of_time);
  }
  return proofs;
}

}  // namespace astrolabe
