// SPDX-License-Identifier: Apache-2.0
// An audit for people and programs.
#pragma once

#include <string>

#include "astrolabe/report/audit_result.h"
#include "astrolabe/report/terminal_text.h"

namespace astrolabe {

[[nodiscard]] std::string audit_text(const AuditResult& result, const TextStyle& style);
// JSON: decision ("use", "do_not_use", "need_more"), reasons[], rows, metric, score{score,low,high},
// floor and baseline{name, score, verdict, effect{score,low,high}, p_value, shrunk, rows_to_settle},
// calibration_error, repeated_rows, seen_rows, unseen_score, leaks[], slices[].
[[nodiscard]] std::string audit_json(const AuditResult& result);

}  // namespace astrolabe
