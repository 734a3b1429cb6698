// SPDX-License-Identifier: Apache-2.0
// A proof for people and programs: the evidence page, evidence.json, the terminal. What each difference means
// is said in words; every sentence has its number beside it.
#pragma once

#include <string>

#include "astrolabe/report/evidence_result.h"
#include "astrolabe/report/terminal_text.h"

namespace astrolabe {

[[nodiscard]] std::string evidence_html(const EvidenceResult& result);
// The same as one section of the run's own report (page.h, with_chapter).
[[nodiscard]] std::string evidence_chapter(const EvidenceResult& result);
// JSON: findings[].{slot, finding, baseline, verdict, effect, by_seeds and by_rows{score,low,high},
// shrunk, e_value, alpha, rope, pairs, why}, rows, look, protocol, hardware, data{path,hash}.
[[nodiscard]] std::string evidence_json(const EvidenceResult& result);
[[nodiscard]] std::string evidence_text(const EvidenceResult& result, const TextStyle& style);

}  // namespace astrolabe
