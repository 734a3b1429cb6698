// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/search/controller_policy.h"

#include <algorithm>

#include "astrolabe/base/error.h"
#include "astrolabe/runtime/compile.h"

namespace astrolabe {

ControllerPolicy::ControllerPolicy(PolicyShape shape, std::size_t rollouts, std::size_t lessons, Key key)
    : shape_(std::move(shape)),
      rollouts_(rollouts),
      lessons_(lessons),
      w_(initial_policy(shape_, key)),
      mask_(option_mask(shape_)),
      tokens_(rollouts),
      lesson_tokens_(shape_.decisions() * lessons),
      chosen_(shape_.decisions() * lessons * shape_.most_options()),
      decided_(shape_.decisions() * lessons),
      advantage_(lessons),
      old_(shape_.decisions() * lessons),
      // No word of how often they will run: a search of a second should not begin with a compiler.
      cell_(compile(policy_cell_program(shape_, rollouts))),
      likelihood_(compile(policy_likelihood_program(shape_, lessons))),
      step_(compile(policy_step_program(shape_, lessons))) {
  cell_.bind_input("tokens", tokens_.data());
  cell_.bind_input("decision", &decision_);
  for (Execution* run : {&cell_, &likelihood_, &step_}) {
    run->bind_state("w", w_.data());
    run->bind_input("mask", mask_.data());
  }
  for (Execution* run : {&likelihood_, &step_}) {
    run->bind_input("tokens", lesson_tokens_.data());
    run->bind_input("chosen", chosen_.data());
  }
  step_.bind_input("decided", decided_.data());
  step_.bind_input("advantage", advantage_.data());
  step_.bind_input("old", old_.data());
}

void ControllerPolicy::restart(Key key) {
  std::ranges::copy(initial_policy(shape_, key), w_.begin());
  for (const Slot& slot : step_.executable().states())
    if (slot.name != "w") std::ranges::fill(step_.state<float>(slot.name), 0.0F);
  steps_ = 0;
}

void ControllerPolicy::begin() {
  decision_ = 0;
  std::ranges::fill(tokens_, 0);
  std::ranges::fill(cell_.state<float>("h"), 0.0F);
}

std::span<const float> ControllerPolicy::chances() {
  cell_.run();
  return cell_.output<float>(0);
}

void ControllerPolicy::decide(std::span<const std::int32_t> choices) {
  const auto next = static_cast<std::size_t>(++decision_);
  const auto first = static_cast<std::int32_t>(first_token(shape_, next));
  if (next == shape_.decisions()) return;
  for (std::size_t row = 0; row < rollouts_; ++row)
    tokens_[row] = first + token_before(shape_, next, choices[row]);
}

void ControllerPolicy::write(std::span<const Lesson> lessons) {
  const std::size_t options = shape_.most_options();
  std::ranges::fill(chosen_, 0.0F);
  std::ranges::fill(decided_, 0.0F);
  std::ranges::fill(advantage_, 0.0F);
  std::ranges::fill(lesson_tokens_, 0);
  for (std::size_t row = 0; row < lessons.size(); ++row) {
    advantage_[row] = static_cast<float>(lessons[row].advantage);
    for (std::size_t d = 0; d < shape_.decisions(); ++d) {
      const std::size_t at = d * lessons_ + row;
      const std::int32_t choice = lessons[row].choices[d];
      if (d > 0) lesson_tokens_[at] = token_before(shape_, d, lessons[row].choices[d - 1]);
      if (choice == kNotDecided) continue;
      decided_[at] = 1;
      chosen_[at * options + static_cast<std::size_t>(choice)] = 1;
    }
  }
}

void ControllerPolicy::learn(std::span<const Lesson> lessons, const LessonPlan& plan) {
  ASTROLABE_CHECK(!lessons.empty() && lessons.size() <= lessons_, "as many lessons as there is room for");
  write(lessons);
  likelihood_.run();
  std::ranges::copy(likelihood_.output<float>(0), old_.begin());
  step_.set_scalar("lr", plan.learning_rate);
  step_.set_scalar("clip", plan.clip);
  step_.set_scalar("entropy", plan.entropy);
  step_.set_scalar("rows", static_cast<double>(lessons.size()));
  for (std::int64_t epoch = 0; epoch < plan.epochs; ++epoch) {
    step_.set_scalar("k", static_cast<double>(++steps_));
    step_.run();
  }
  entropy_ = static_cast<double>(step_.output<float>(0)[0]);
}

}  // namespace astrolabe
