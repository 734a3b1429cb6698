// SPDX-License-Identifier: Apache-2.0
// A training that does not move: which cause, with evidence, and a fix that was tried.
//
//   const DoctorResult result = doctor({.folder = "runs/stalled", .seconds = 120}, progress);
//   result.diagnosis.cause            // Cause::dead_units
//   result.decision                   // in plain words
//
// Works on open rows: reads the run's study, fits its best system again, looks inside where it is a net
// (net_look.h), and tries fixes against each cause, paired with the system as it is and judged by log loss or
// RMSE. Leaves doctor.json in the folder.
#pragma once

#include <cstddef>
#include <filesystem>
#include <limits>
#include <string>

#include "astrolabe/base/progress.h"
#include "astrolabe/report/doctor_result.h"

namespace astrolabe {

struct DoctorOptions {
  std::filesystem::path folder;
  double seconds = std::numeric_limits<double>::infinity();
  std::size_t threads = 0;  // 0: all cores
  std::size_t pairs = 3;    // of every fix, at least 2
  std::string command = {};
};

// Throws bad_input: no run there, other data than then; nothing_fitted: a study without a trial that ended.
[[nodiscard]] DoctorResult doctor(const DoctorOptions& options, Progress& progress);

}  // namespace astrolabe
