// SPDX-License-Identifier: Apache-2.0
// Small tasks that are drawn from a key, and nets on them: what the experiments with training begin with.
//
//   const SmallTask task = draw_classes({.rows = 512, .numbers = 12, .classes = 5}, key.split("task"));
//   SmallNet net(task, {.architecture = "32-32", .activation = "relu", .loss = "cross_entropy", .batch =
//   64}); Trainer trainer(net.setup({.learning_rate = 0.1}, 1000, key.split("order")));
//   trainer.start(net.first_weights(Initialization::he, key.split("weights")));
//   net.error(trainer.w(), task.test)     // share of rows on the wrong class, or mean squared error
//
// Not thread-safe.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "astrolabe/train/hessian.h"
#include "astrolabe/train/initialize.h"
#include "astrolabe/train/trainer.h"

namespace astrolabe {

struct SmallTask {
  struct Rows {
    std::vector<float> x;  // [rows, numbers]
    std::vector<float> y;  // [rows]: the number, or the index of the class
    [[nodiscard]] std::size_t count() const { return y.size(); }
  };
  std::size_t numbers = 0;
  std::size_t classes = 0;  // 0: a regression
  Rows training, test;

  [[nodiscard]] Head head() const { return classes == 0 ? Head::number : Head::classes; }
};

struct ClassesShape {
  std::size_t rows = 512, test_rows = 1000;
  std::size_t numbers = 12;
  std::size_t classes = 5;
  double apart = 1;  // standard deviation of the centres, in those of a cloud
};
// Every class is three normal clouds of unit width around centres of its own, classes in equal shares.
[[nodiscard]] SmallTask draw_classes(const ClassesShape& shape, Key key);
// Of eight standard normal numbers a wave, a product and a corner: mean about 0, variance about 1, no noise.
[[nodiscard]] SmallTask draw_numbers(std::size_t rows, std::size_t test_rows, Key key);

struct SmallPlan {
  std::string architecture = "32-32";
  std::string activation = "relu";  // parts or expressions
  std::string loss = "mse";
  std::string optimizer = "sgd";
  std::string schedule = "constant";
  std::size_t batch = 0;  // 0: all rows
  Normalization normalization = Normalization::none;
};

class SmallNet {
 public:
  // Adopts the rows by reference. Throws usage_error for parts that are none, and a loss that has no meaning
  // for the task.
  SmallNet(const SmallTask& task, const SmallPlan& plan);
  SmallNet(const SmallNet&) = delete;
  SmallNet& operator=(const SmallNet&) = delete;

  [[nodiscard]] const StepSpec& spec() const { return spec_; }
  [[nodiscard]] const ParameterLayout& layout() const { return layout_; }

  [[nodiscard]] TrainerSetup setup(const StepNumbers& numbers = {}, std::uint64_t total_steps = 1,
                                   Key key = {}, ThreadPool* pool = nullptr) const;
  // As a learner begins, but the output's matrix is drawn too (standard deviation sqrt(1 / in)), so that
  // there is a gradient in front of it from the first step on.
  [[nodiscard]] std::vector<float> first_weights(Initialization initialization, Key key) const;

  // What answer_program gives, of rows of the task's training or test part.
  [[nodiscard]] std::vector<float> answers(std::span<const float> w, const SmallTask::Rows& rows);
  // Share of wrong classes (of equal answers the first counts), or mean squared error. Infinite where an
  // answer is not finite.
  [[nodiscard]] double error(std::span<const float> w, const SmallTask::Rows& rows);

 private:
  [[nodiscard]] Execution& asker(const SmallTask::Rows& rows);

  const SmallTask& task_;
  StepSpec spec_;
  ParameterLayout layout_;
  TrainingRows rows_;
  NetBins bins_;
  std::unique_ptr<Execution> of_training_, of_test_;
};

// he, glorot, lecun or orthogonal. Throws usage_error for another.
[[nodiscard]] Initialization initialization_named(const std::string& name);

// The norm of the part of w that is one tensor of the layout, and its floats.
[[nodiscard]] std::span<const float> tensor_of(const ParameterLayout& layout, std::string_view name,
                                               std::span<const float> w);
[[nodiscard]] double norm(std::span<const float> values);

}  // namespace astrolabe
