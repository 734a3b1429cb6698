// SPDX-License-Identifier: Apache-2.0
// One file per subcommand. Each adds itself to the option tree and leaves an action; main runs the chosen
// one.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <CLI/CLI.hpp>

#include "astrolabe/base/progress.h"
#include "astrolabe/report/terminal_text.h"

namespace astrolabe {

// What every command takes.
struct Face {
  bool json = false;
  bool quiet = false;
  std::string color = "auto";

  // Talk for stderr: drawn, or silent when asked.
  [[nodiscard]] std::unique_ptr<Progress> progress() const;
  // Of text for stdout: colour where somebody looks at it, or asked for it.
  [[nodiscard]] TextStyle style() const;
  // A line of talk to stderr, unless quiet.
  void say(const std::string& line) const;
};

// What parsing leaves behind. Lives as long as the program.
struct Session {
  Face face;
  std::function<int()> action;                  // of the chosen subcommand; returns the exit code
  std::vector<std::string> arguments;           // as typed, for "how to reproduce"
  std::vector<std::string> behind_dashes = {};  // of `search`: the program and its words, untouched
};

// The check of an option that counts something.
[[nodiscard]] CLI::Validator from_one();
// 0, or 128 and the signal's number where one ended the work early.
[[nodiscard]] int exit_code_of_work();
// --time and --pairs of a command that trains pairs of fits: --pairs alone means that there is no clock.
struct PairsClock {
  std::string time = "5m";
  const CLI::Option* time_option = nullptr;
  const CLI::Option* pairs_option = nullptr;

  [[nodiscard]] double seconds() const;  // infinity without a clock
};
// Both have to outlive the command; `each` is what the pairs are for: "each fix".
void add_pairs_clock(CLI::App& command, PairsClock& clock, std::size_t& pairs, std::string_view each);
// --json, --quiet, --color on a subcommand.
void add_face_options(CLI::App& command, Face& face);

void add_run_command(CLI::App& app, Session& session);
void add_predict_command(CLI::App& app, Session& session);
void add_score_command(CLI::App& app, Session& session);
void add_show_command(CLI::App& app, Session& session);
void add_study_command(CLI::App& app, Session& session);
void add_search_command(CLI::App& app, Session& session);
void add_worker_command(CLI::App& app, Session& session);
void add_prove_command(CLI::App& app, Session& session);
void add_bench_command(CLI::App& app, Session& session);
void add_report_command(CLI::App& app, Session& session);
void add_claims_command(CLI::App& app, Session& session);
void add_doctor_command(CLI::App& app, Session& session);
void add_explain_command(CLI::App& app, Session& session);
void add_experiment_command(CLI::App& app, Session& session);
void add_certify_command(CLI::App& app, Session& session);
void add_audit_command(CLI::App& app, Session& session);
void add_parts_command(CLI::App& app, Session& session);
void add_plan_memory_command(CLI::App& app, Session& session);
void add_privacy_command(CLI::App& app, Session& session);
void add_compile_command(CLI::App& app, Session& session);
void add_tune_command(CLI::App& app, Session& session);
void add_completion_command(CLI::App& app, Session& session);
void add_man_command(CLI::App& app, Session& session);

}  // namespace astrolabe
