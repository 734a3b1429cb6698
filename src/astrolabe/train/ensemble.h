// SPDX-License-Identifier: Apache-2.0
// Several trainings in one routine: children of one net that differ in numbers only.
//
//   Ensemble children(setup, std::array{ChildNumbers{{.learning_rate = 0.01}}, ChildNumbers{{.learning_rate =
//   0.1}}}); children.start(w);                                     // all from the same weights const
//   std::span<const float> losses = children.step(); // one batch for all; losses[1] is of the second
//   children.keep(std::array<std::size_t, 1>{1});          // and on with the better one
//
// One program, the vmap of a training step, takes one step of every child on the same batch with the same
// dropout (common random numbers). Each child has the bytes that it would have in a Trainer of its own. It
// pays where a step is too small to fill the machine: dispatch and small nests are shared.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "astrolabe/train/trainer.h"

namespace astrolabe {

// What a child may have of its own. Constants of an expression: as many as it has, or none for those of its
// text.
struct ChildNumbers {
  StepNumbers numbers = {};
  std::vector<double> activation = {};
  std::vector<double> loss = {};
  std::vector<double> optimizer = {};
  std::vector<double> schedule = {};
};

class Ensemble {
 public:
  // At least one child; setup.numbers does not matter. Throws usage_error when all tables of embeddings
  // together have more than 2^31 rows.
  Ensemble(const TrainerSetup& setup, std::span<const ChildNumbers> children);

  // Step 0 of all, memories zero.
  void start(std::span<const float> w);
  // Step 0 of all, each with its own weights [children, layout.size].
  void start_each(std::span<const float> w);
  // The mean loss of the batch before the update, [children]; valid until the next step.
  std::span<const float> step();
  // From now on only these children, in this order. Cost: building the program for fewer, some milliseconds,
  // unless it was built before.
  void keep(std::span<const std::size_t> children);

  [[nodiscard]] std::size_t children() const { return children_.size(); }
  [[nodiscard]] std::uint64_t steps_done() const { return steps_; }
  void set_total_steps(std::uint64_t steps) { setup_.total_steps = steps; }
  [[nodiscard]] std::span<const float> w(std::size_t child);
  // As of a Trainer, which can go on from it.
  [[nodiscard]] TrainingState state(std::size_t child);

 private:
  void build();
  void set_numbers();
  [[nodiscard]] std::span<float> part(std::string_view state, std::size_t child);
  void put(std::size_t child, std::span<const float> w, std::span<const float> running,
           std::span<const std::vector<float>> memories);

  TrainerSetup setup_;
  std::vector<ChildNumbers> children_;
  std::vector<float> first_running_;
  StepFeed feed_;
  std::uint64_t steps_ = 0;
  std::vector<std::vector<float>> own_numbers_;  // inputs of the program, [children] each
  std::vector<float> decay_;
  std::unique_ptr<Execution> run_;
};

}  // namespace astrolabe
