// SPDX-License-Identifier: Apache-2.0
// The recurrent policy at work: draws sequences of decisions, and learns from how good some were.
//
//   ControllerPolicy policy({.options = {5, 5, 3}, .hidden = 32}, 8, 32, key);
//   policy.begin();
//   for (std::size_t d = 0; d < 3; ++d) {
//     const std::span<const float> chances = policy.chances();   // [8, 5]
//     policy.decide(choices);                                    // [8], drawn by the caller
//   }
//   policy.learn(lessons, {.learning_rate = 0.01, .epochs = 4, .clip = 0.2});
//
// Not thread-safe. Same bytes on every machine. Cost of a decision: some microseconds; of an epoch: some tens
// of microseconds per decision. The programs are compiled once per shape and process.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "astrolabe/runtime/executable.h"
#include "astrolabe/search/controller_programs.h"

namespace astrolabe {

// A sequence and how much more of it is wanted: above 0 more, below 0 less.
struct Lesson {
  std::span<const std::int32_t> choices;  // of every decision; kNotDecided where there was none
  double advantage = 0;
};

struct LessonPlan {
  double learning_rate = 0.01;
  std::int64_t epochs = 1;
  double clip = 0.2;
  double entropy = 0;
};

class ControllerPolicy {
 public:
  // Draws `rollouts` sequences at a time and learns from at most `lessons` at a time.
  ControllerPolicy(PolicyShape shape, std::size_t rollouts, std::size_t lessons, Key key);

  ControllerPolicy(const ControllerPolicy&) = delete;  // the programs read its members where they lie
  ControllerPolicy& operator=(const ControllerPolicy&) = delete;

  // As new, under another key.
  void restart(Key key);
  [[nodiscard]] const PolicyShape& shape() const { return shape_; }

  // ---- Drawing, decision after decision.
  void begin();
  // [rollouts, most_options] Chances of the next decision's options.
  [[nodiscard]] std::span<const float> chances();
  // [rollouts] What each sequence decided; kNotDecided where the decision does not exist.
  void decide(std::span<const std::int32_t> choices);

  void learn(std::span<const Lesson> lessons, const LessonPlan& plan);
  // Mean entropy of a sequence, in nats, beside the last lessons and before the last step.
  [[nodiscard]] double entropy() const { return entropy_; }

 private:
  void write(std::span<const Lesson> lessons);

  PolicyShape shape_;
  std::size_t rollouts_, lessons_;
  std::vector<float> w_, mask_;
  // Of the next decision.
  std::int32_t decision_ = 0;
  std::vector<std::int32_t> tokens_;
  // Of the lessons, as the programs read them.
  std::vector<std::int32_t> lesson_tokens_;
  std::vector<float> chosen_, decided_, advantage_, old_;
  std::int64_t steps_ = 0;
  double entropy_ = 0;
  Execution cell_, likelihood_, step_;
};

}  // namespace astrolabe
