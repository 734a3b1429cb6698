// SPDX-License-Identifier: Apache-2.0
// A private run as text, page and JSON. All functions are pure; the caller writes.
//
//   fmt::print("{}", private_run_text(result, style));
#pragma once

#include <string>

#include "astrolabe/report/private_result.h"
#include "astrolabe/report/terminal_text.h"

namespace astrolabe {

[[nodiscard]] std::string private_run_text(const PrivateRunResult& result, const TextStyle& style);
// As run_report_html: one self-contained page.
[[nodiscard]] std::string private_run_html(const PrivateRunResult& result);
// As run_result_json, with "privacy"; no leaderboard, no figures, nothing counted in cells.
[[nodiscard]] std::string private_run_json(const PrivateRunResult& result);

}  // namespace astrolabe
