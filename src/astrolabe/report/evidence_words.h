// SPDX-License-Identifier: Apache-2.0
// A finding and its proof in one sentence, for the page and the terminal alike.
#pragma once

#include <string>

#include "astrolabe/report/evidence_result.h"

namespace astrolabe {

[[nodiscard]] std::string metric_title(const EvidenceResult& result);  // "log loss"
[[nodiscard]] bool is_higher_better(const EvidenceResult& result);
// "+0.012 [+0.004, +0.02]"; "+0.012, no interval yet".
[[nodiscard]] std::string difference_words(const Estimate& difference);
// "silu is better than relu: 12 pairs of fresh seeds, log loss lower by ..."
[[nodiscard]] std::string finding_words(const EvidenceResult& result, const ProvedFinding& finding);

}  // namespace astrolabe
