// SPDX-License-Identifier: Apache-2.0
// Why the system that a run found is what it is, by experiments on open rows: no seal is opened.
//
//   const ExplainResult why = explain({.folder = "runs/digits", .seconds = 300}, progress);
//   why.path[0].what                  // the setting that gained most
//   why.parts[0].knock_outs           // what is lost without each node of the formula
//
// Leaves explain.json and explain.html in the folder.
#pragma once

#include <cstddef>
#include <filesystem>
#include <limits>
#include <string>

#include "astrolabe/base/progress.h"
#include "astrolabe/report/explain_result.h"

namespace astrolabe {

struct ExplainOptions {
  std::filesystem::path folder;
  double seconds = std::numeric_limits<double>::infinity();  // infinity: nothing depends on the clock
  std::size_t threads = 0;                                   // 0: all cores
  std::size_t pairs = 5;                                     // of every comparison, at least 2
  std::size_t tries = 3;  // learning rates for either side of a knock-out or knock-in, 1 to 5
  std::string command = {};
};

// Works of a run with a star and of one without (then there may be no formula to explain). What there was no
// time for is in left_out. Throws bad_input: no run there, other data than then; nothing_fitted: no complete
// trial. Seeds follow the run's.
[[nodiscard]] ExplainResult explain(const ExplainOptions& options, Progress& progress);

}  // namespace astrolabe
