// SPDX-License-Identifier: Apache-2.0
// A trial of a run: one system over all folds, judged in steps (system_search.h).
//
//   TrialRunner runner(request);
//   std::optional<TrialEnd> end = runner.run(trial);          // nothing: no time to end it
//   const CrossValidation* fitted = runner.fitted(record);    // of a complete one
//
// Fits of equal systems are equal bytes: folds and keys are shared, so that systems differ by nothing else.
// With warm starts one that can grow from an earlier trial does (warm_start.h), and says so in its outcome;
// fitted again it grows from the same one.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "astrolabe/workflow/system_search.h"
#include "astrolabe/workflow/trial_plan.h"

namespace astrolabe {

// So many fitted systems are kept in memory: the best, and among them those that ship.
inline constexpr std::size_t kKeptSystems = 12;

class TrialRunner {
 public:
  explicit TrialRunner(const SystemSearchRequest& request);

  // Fits the floor that everything else has to beat, whatever the time. Throws nothing_fitted.
  [[nodiscard]] CrossValidation run_baseline();
  // Of each learner that goes on from a model, the first system without it: what going on has to beat. No
  // trial of the study, as the baseline is none. Empty where nothing goes on.
  [[nodiscard]] std::vector<CrossValidation> run_from_nothing();
  [[nodiscard]] std::optional<TrialEnd> run(RunningTrial& trial);
  // Whether a trial of it fits into the time that is left, by those of its learner that ran here; once the
  // clock has cut one of them, none does.
  [[nodiscard]] bool is_affordable(const Point& point) const;
  // The fitted system of a complete trial: kept, or fitted again. Null when there is no time for that.
  [[nodiscard]] std::shared_ptr<const CrossValidation> fitted(const TrialRecord& record);
  // Without fitting anything again.
  [[nodiscard]] std::shared_ptr<const CrossValidation> kept(std::uint64_t trial) const;

  void forget(std::uint64_t trial) { kept_.erase(trial); }

  // What the progress shows: "AUC 0.9283, trees", "31 trials, 20 pruned, 12 a minute".
  void show(std::string best, std::string counts);

 private:
  [[nodiscard]] CrossValidation validate(const TrialPlan& plan, const Budget& budget,
                                         const std::function<bool(const CrossValidation&)>& after_stage);
  // False: the parent is not to be had.
  [[nodiscard]] bool grow(const TrialRecord& parent, TrialPlan& plan);
  void grow_if_possible(std::uint64_t trial, TrialPlan& plan);
  // False: pruned, at `step`. Nothing: no time for it.
  [[nodiscard]] std::optional<bool> passes_probe(RunningTrial& trial, const Candidate& candidate,
                                                 StepCost& step);
  [[nodiscard]] StepCost step_cost(const CrossValidation& tried);
  [[nodiscard]] std::optional<TrialEnd> try_system(RunningTrial& trial);
  void keep_alive();
  // By time alone: one more first step.
  [[nodiscard]] bool is_affordable(const std::string& learner) const;
  void keep(std::uint64_t trial, double cost, std::shared_ptr<const CrossValidation> tried);

  struct FoldTimes {
    double seconds = 0, folds = 0;
  };
  struct Kept {
    double cost = 0;
    std::size_t bytes = 0;  // of its models
    std::shared_ptr<const CrossValidation> tried;
  };
  const SystemSearchRequest& request_;
  const Metric& metric_;
  std::map<std::uint64_t, Kept> kept_;           // by trial
  std::map<std::string, FoldTimes> fold_times_;  // by learner
  std::set<std::string> cut_;                    // learners that had a trial which the clock cut
  RunningTrial* running_ = nullptr;
  std::chrono::steady_clock::time_point kept_alive_;
  std::size_t spared_ = 0;  // the first trials, one of each learner: never pruned
  std::string best_, counts_;
};

}  // namespace astrolabe
