// SPDX-License-Identifier: Apache-2.0
// What `astrolabe doctor` found out, as plain data: for the terminal and doctor.json.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "astrolabe/evidence/diagnosis.h"
#include "astrolabe/report/explain_result.h"

namespace astrolabe {

struct DoctorResult {
  std::string folder, command, version, data_path, metric;
  std::size_t open_rows = 0;
  std::string system, summary;  // of the fit: "dense net 128-128, 12 epochs"
  Symptoms symptoms;
  std::vector<TrainedChange> tried;  // as symptoms.fixes, with scores before and after
  Diagnosis diagnosis;
  std::string decision;            // in plain words
  std::optional<SpentCurve> rows;  // what data would settle it, where nothing is wrong
  std::vector<std::string> left_out;
  double seconds = 0;
};

}  // namespace astrolabe
