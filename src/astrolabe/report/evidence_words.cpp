// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/report/evidence_words.h"

#include <cmath>

#include <fmt/format.h>

#include "astrolabe/base/text.h"
#include "astrolabe/stats/metric.h"

namespace astrolabe {

std::string metric_title(const EvidenceResult& result) {
  return std::string(find_metric(result.metric)->title);
}

bool is_higher_better(const EvidenceResult& result) {
  return find_metric(result.metric)->higher_is_better;
}

std::string difference_words(const Estimate& difference) {
  if (!std::isfinite(difference.low) || !std::isfinite(difference.high))
    return fmt::format("{:+.4g}, no interval yet", difference.value);
  return fmt::format("{:+.4g} [{:+.4g}, {:+.4g}]", difference.value, difference.low, difference.high);
}

std::string finding_words(const EvidenceResult& result, const ProvedFinding& finding) {
  const Proof& proof = finding.proof;
  const std::string numbers =
      fmt::format("{} {} by {}, over {} pairs of fresh seeds and {} sealed rows", metric_title(result),
                  is_higher_better(result) ? "gains" : "falls", difference_words(proof.difference),
                  proof.evidence.pairs(), format_count(result.sealed_rows));
  switch (proof.verdict) {
    case Verdict::better:
      return fmt::format("{} beats {}: {}", finding.finding, finding.baseline, numbers);
    case Verdict::worse:
      return fmt::format("{} is beaten by {}: {}", finding.finding, finding.baseline, numbers);
    case Verdict::tie:
      return fmt::format("{} and {} differ by less than {}, which makes no difference: {}", finding.finding,
                         finding.baseline, format_score(finding.rope), numbers);
    case Verdict::undecided:
      break;
  }
  return fmt::format("{} against {}: {}. {}", finding.finding, finding.baseline, proof.why, numbers);
}

}  // namespace astrolabe
