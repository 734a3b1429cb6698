// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/workflow/program_trial.h"

#include <algorithm>
#include <bit>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <map>
#include <system_error>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "astrolabe/base/error.h"
#include "astrolabe/base/process.h"
#include "astrolabe/base/text.h"
#include "astrolabe/workflow/program_values.h"

namespace astrolabe {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kGrace{1'000};   // to tidy up, when a program is ended
constexpr std::chrono::milliseconds kGoesOn{1'000};  // a line this old is followed by more work
constexpr std::chrono::seconds kKeepAlive{5};
constexpr std::size_t kMostNames = 64, kLongestName = 64;
constexpr std::size_t kAllSteps = 128;

// The last thing that was printed, as far as it fits into a reason.
std::string last_words(const std::string& printed) {
  constexpr std::size_t kMost = 160;
  const std::string_view text = trim(printed);
  std::string words(trim(text.substr(text.find_last_of("\r\n") + 1)));
  for (char& c : words)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = ' ';
  while (const auto broken = find_invalid_utf8(words)) words[*broken] = '?';
  if (words.size() <= kMost) return words;
  std::size_t end = kMost;
  while ((static_cast<unsigned char>(words[end]) & 0xC0) == 0x80) --end;
  return words.substr(0, end) + "...";
}

class ProgramRun {
 public:
  ProgramRun(const ProgramTrials& trials, RunningTrial& trial, const Budget& budget)
      : trials_(trials), trial_(trial), budget_(budget) {}

  std::optional<TrialEnd> run() {
    const std::vector<std::string> words = trials_.program.fill(trial_.point());
    const ProcessResult result = run_process({.words = words,
                                              .environment = environment(),
                                              .seconds = std::min(trials_.seconds, budget_.seconds_left()),
                                              .grace = kGrace,
                                              .on_line = [this](std::string_view line) { return hear(line); },
                                              .on_tick = [this] { return tick(); }});
    const std::optional<TrialEnd> end = judge(result, words);
    write_log(result, words, end);
    return end;
  }

 private:
  [[nodiscard]] std::map<std::string, std::string> environment() const {
    std::map<std::string, std::string> names{{"ASTROLABE_TRIAL", std::to_string(trial_.id())},
                                             {"ASTROLABE_SEED", std::to_string(trials_.seed)}};
    if (std::getenv("PYTHONUNBUFFERED") == nullptr) names.emplace("PYTHONUNBUFFERED", "1");
    return names;
  }

  [[nodiscard]] bool is_out_of_time() const {
    return budget_.should_stop() || (trials_.may_go_on && !trials_.may_go_on());
  }

  // ---- While it runs. False: it is to be ended.
  bool hear(std::string_view line) {
    bool goes_on = true;
    read_program_values(line, [&](std::string_view name, double value) {
      if (!goes_on) return;
      if (name == trials_.goal.name) goes_on = hear_score(value);
      if (name.size() > kLongestName) return;
      if (const auto known = values_.find(name); known != values_.end()) {
        known->second = value;
      } else if (values_.size() < kMostNames || name == trials_.goal.name) {
        values_.emplace(name, value);
      }
    });
    return goes_on;
  }

  bool hear_score(double score) {
    if (!tell_step()) return false;
    last_ = score;
    heard_at_ = Clock::now();
    if (std::isfinite(score)) untold_ = {.step = scores_, .cost = trials_.goal.cost_of(score)};
    ++scores_;
    return !std::isnan(score);
  }

  bool tick() {
    if (is_out_of_time()) return false;
    const Clock::time_point now = Clock::now();
    if (now - heard_at_ >= kGoesOn && !tell_step()) return false;
    if (now - kept_alive_ < kKeepAlive) return true;
    kept_alive_ = now;
    is_taken_ = !trial_.keep_alive();
    return !is_taken_;
  }

  // The score before the one that comes.
  bool tell_step() {
    if (!untold_) return true;
    StepCost step = *std::exchange(untold_, std::nullopt);
    if (!is_told_step(step.step)) return true;
    step.low = step.high = step.cost;
    told_ = step.cost;
    is_pruned_ = !trial_.report(step);
    return !is_pruned_;
  }

  // ---- When it has ended.
  std::optional<TrialEnd> judge(const ProcessResult& result, const std::vector<std::string>& words) {
    if (is_pruned_) return end_of(TrialState::pruned, told_.value_or(0), trial_.why_stopped());
    if (is_taken_) return failed("taken over by another worker");
    const std::string& name = trials_.goal.name;
    if (last_ && std::isnan(*last_)) return failed(fmt::format("printed {}=nan", name));
    switch (result.end) {
      case ProcessEnd::not_started:
        return not_started(result.code, words);
      case ProcessEnd::stopped:
        return std::nullopt;
      case ProcessEnd::timed_out:
        if (is_out_of_time()) return std::nullopt;
        return failed(fmt::format("ran longer than {}", format_duration(trials_.seconds)));
      case ProcessEnd::signalled:
        // ^C at a terminal, or a system that shuts down, may reach the program before us.
        if (is_out_of_time()) return std::nullopt;
        return failed(with_last_words(fmt::format("killed by {}", signal_name(result.code)), result));
      case ProcessEnd::exited:
        break;
    }
    if (result.code != 0) return failed(with_last_words(fmt::format("exit code {}", result.code), result));
    if (!last_) return failed(with_last_words(fmt::format("printed no {}=NUMBER", name), result));
    if (!std::isfinite(*last_)) return failed(fmt::format("printed {}={}", name, *last_));
    return end_of(TrialState::complete, trials_.goal.cost_of(*last_), "");
  }

  [[nodiscard]] TrialEnd not_started(int error, const std::vector<std::string>& words) const {
    const std::string why = std::generic_category().message(error);
    if (trial_.id() > 1) return failed(fmt::format("could not be started: {}", why));
    throw usage_error({.attempted = fmt::format("starting {}", shell_text({{words[0]}})),
                       .expected = "a program in PATH, or the path of one that may be executed",
                       .found = why,
                       .remedy = "No shell is involved: of a script that is not executable, name the "
                                 "interpreter too."});
  }

  static std::string with_last_words(const std::string& reason, const ProcessResult& result) {
    const std::string words = last_words(result.printed);
    return words.empty() ? reason : reason + ": " + words;
  }

  [[nodiscard]] TrialEnd failed(const std::string& reason) const {
    return end_of(TrialState::failed, 0, reason);
  }

  [[nodiscard]] TrialEnd end_of(TrialState state, double cost, const std::string& reason) const {
    nlohmann::ordered_json values = nlohmann::ordered_json::object();
    for (const auto& [name, value] : values_)
      values[name] = std::isfinite(value) ? nlohmann::ordered_json(value) : nlohmann::ordered_json(nullptr);
    return {.state = state,
            .cost = cost,
            .low = cost,
            .high = cost,
            .reason = reason,
            .outcome = nlohmann::ordered_json{{"values", values}}.dump()};
  }

  // A log that cannot be written is no reason to lose a trial.
  void write_log(const ProcessResult& result, const std::vector<std::string>& words,
                 const std::optional<TrialEnd>& end) const {
    std::ofstream log(trials_.logs / fmt::format("{}.log", trial_.id()), std::ios::binary);
    log << "$ " << shell_text(words) << '\n';
    if (result.is_cut) log << "[...]\n";
    log << result.printed;
    if (!result.printed.empty() && !result.printed.ends_with('\n')) log << '\n';
    const std::string what = end ? std::string(trial_state_name(end->state)) : "not ended";
    log << fmt::format("[{}{}{}, {}]\n", what, end && !end->reason.empty() ? ": " : "",
                       end ? end->reason : "", format_duration(result.seconds));
  }

  const ProgramTrials& trials_;
  RunningTrial& trial_;
  const Budget& budget_;
  std::map<std::string, double, std::less<>> values_;
  std::optional<double> last_;      // score, as printed
  std::size_t scores_ = 0;          // printed so far
  std::optional<StepCost> untold_;  // the last score, when it may become a step
  std::optional<double> told_;
  Clock::time_point heard_at_ = Clock::now(), kept_alive_ = heard_at_;
  bool is_pruned_ = false, is_taken_ = false;
};

}  // namespace

bool is_told_step(std::size_t index) {
  if (index < kAllSteps) return true;
  return std::bit_width(index) - std::countr_zero(index) <= 7;
}

std::optional<TrialEnd> run_program_trial(const ProgramTrials& trials, RunningTrial& trial,
                                          const Budget& budget) {
  return ProgramRun(trials, trial, budget).run();
}

}  // namespace astrolabe
