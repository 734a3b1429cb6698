// SPDX-License-Identifier: Apache-2.0
// A run as a paper: question, protocol, result with intervals, evidence, ablations, experiments, limits, how
// to reproduce, from the JSON files that run, prove and explain left in its folder.
//
//   const PaperFiles files{.run = read_file(folder / "result.json")};
//   paper_markdown(files);      // "# Which target? ..."
//   paper_json(files);          // {"run": {...}, "evidence": null, "explain": null}
//
// The page is report.html itself (run_report.h), into which the chapters are put (page.h).
#pragma once

#include <string>

namespace astrolabe {

// JSON as the commands wrote it; empty: the command was not run.
struct PaperFiles {
  std::string run, evidence, explain;
};

// Both throw bad_input for what is not JSON of that kind: a file that was changed by hand.
[[nodiscard]] std::string paper_markdown(const PaperFiles& files);
[[nodiscard]] std::string paper_json(const PaperFiles& files);

}  // namespace astrolabe
