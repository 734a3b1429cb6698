// SPDX-License-Identifier: Apache-2.0
// A run with a guarantee for every row: one system, fitted once, and everything that read rows in a ledger.
//
//   const PrivacyRequest privacy = parse_privacy("epsilon=3,delta=1e-5");
//   PrivateRunResult result = run_privately({.data = "adult.data.gz", .target = "15", ...}, privacy,
//   *progress);
//
// No profile, no leakage scan, no folds, no baseline, no calibration, no importance, no study and no hash of
// the data: each is a statistic of rows. A coin for each row holds out as many as a plain run seals; their
// score has noise of its own, which costs as much as training does and adds nothing to it, because no row is
// on both sides.
#pragma once

#include "astrolabe/base/progress.h"
#include "astrolabe/report/private_result.h"
#include "astrolabe/workflow/privacy_request.h"

namespace astrolabe {

// Writes model.astro, report.html and result.json into the run's folder. Throws usage_error, before rows are
// read, for what require_private_options refuses, and after that for a budget too small for any step, a batch
// above the rows, and a regression without target bounds. Ends within the time limit with the steps so far,
// whose guarantee is no weaker.
[[nodiscard]] PrivateRunResult run_privately(const RunOptions& options, const PrivacyRequest& privacy,
                                             Progress& progress);

}  // namespace astrolabe
