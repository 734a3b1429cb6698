// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/evidence/small_net.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include "astrolabe/base/error.h"
#include "astrolabe/parts/catalog.h"

namespace astrolabe {
namespace {

constexpr std::size_t kClouds = 3;   // of a class
constexpr std::size_t kNumbers = 8;  // of a regression

SmallTask::Rows draw_clouds(const std::vector<double>& centres, const ClassesShape& shape, std::size_t rows,
                            Key key) {
  RandomStream random(key);
  SmallTask::Rows drawn;
  for (std::size_t row = 0; row < rows; ++row) {
    const std::size_t cls = row % shape.classes, cloud = cls * kClouds + random.below(kClouds);
    for (std::size_t i = 0; i < shape.numbers; ++i)
      drawn.x.push_back(static_cast<float>(centres[cloud * shape.numbers + i] + random.normal()));
    drawn.y.push_back(static_cast<float>(cls));
  }
  return drawn;
}

SmallTask::Rows draw_wave(std::size_t rows, Key key) {
  RandomStream random(key);
  SmallTask::Rows drawn;
  for (std::size_t row = 0; row < rows; ++row) {
    std::array<double, kNumbers> x{};
    for (double& value : x) {
      value = random.normal();
      drawn.x.push_back(static_cast<float>(value));
    }
    drawn.y.push_back(static_cast<float>(0.8 * std::sin(2 * x[0]) + 0.6 * x[1] * x[2] +
                                         0.6 * (std::abs(x[3]) - std::sqrt(2 / std::acos(-1.0)))));
  }
  return drawn;
}

Expression loss_for(const SmallTask& task, const std::string& text) {
  const ResolvedPart part = resolve_part(Vocabulary::loss, text);
  const bool is_regression = task.head() == Head::number;
  if (is_regression ? suits_numbers(part) : suits_classes(part)) return part.expression;
  throw usage_error({.attempted = "training a small net",
                     .expected = is_regression ? "a loss of numbers, for a regression" : "a loss of classes",
                     .found = text,
                     .remedy = is_regression ? "Give mse, huber or an expression in y and z."
                                             : "Give cross_entropy, focal(2) or an expression in p."});
}

}  // namespace

SmallTask draw_classes(const ClassesShape& shape, Key key) {
  RandomStream random(key.split("centres"));
  std::vector<double> centres(shape.classes * kClouds * shape.numbers);
  for (double& value : centres) value = shape.apart * random.normal();
  return {.numbers = shape.numbers,
          .classes = shape.classes,
          .training = draw_clouds(centres, shape, shape.rows, key.split("training")),
          .test = draw_clouds(centres, shape, shape.test_rows, key.split("test"))};
}

SmallTask draw_numbers(std::size_t rows, std::size_t test_rows, Key key) {
  return {.numbers = kNumbers,
          .classes = 0,
          .training = draw_wave(rows, key.split("training")),
          .test = draw_wave(test_rows, key.split("test"))};
}

SmallNet::SmallNet(const SmallTask& task, const SmallPlan& plan) : task_(task) {
  spec_.net.numbers = task.numbers;
  spec_.net.outputs = std::max<std::size_t>(1, task.classes);
  spec_.net.architecture = parse_architecture(plan.architecture);
  spec_.net.activation = resolve_part(Vocabulary::activation, plan.activation).expression;
  spec_.net.normalization = plan.normalization;
  spec_.head = task.head();
  spec_.loss = loss_for(task, plan.loss);
  spec_.optimizer = resolve_part(Vocabulary::optimizer, plan.optimizer).expression;
  spec_.schedule = resolve_part(Vocabulary::schedule, plan.schedule).expression;
  spec_.rows = task.training.count();
  spec_.batch = plan.batch == 0 ? spec_.rows : std::min(plan.batch, spec_.rows);
  layout_ = layout_of(spec_.net);
  rows_ = {.rows = spec_.rows, .x = task.training.x, .y = task.training.y};
}

TrainerSetup SmallNet::setup(const StepNumbers& numbers, std::uint64_t total_steps, Key key,
                             ThreadPool* pool) const {
  return {.spec = spec_,
          .layout = layout_,
          .rows = rows_,
          .bins = bins_,
          .numbers = numbers,
          .total_steps = total_steps,
          .key = key,
          .pool = pool};
}

std::vector<float> SmallNet::first_weights(Initialization initialization, Key key) const {
  std::vector<float> w = initial_weights(layout_, initialization, {}, key);
  const Parameter& out = layout_.find("out.w");
  RandomStream random(key.split("output"));
  for (std::size_t i = 0; i < out.shape.element_count(); ++i)
    w[out.offset + i] = static_cast<float>(random.normal() / std::sqrt(static_cast<double>(out.shape[0])));
  return w;
}

Execution& SmallNet::asker(const SmallTask::Rows& rows) {
  ASTROLABE_CHECK(&rows == &task_.training || &rows == &task_.test, "rows of the task");
  std::unique_ptr<Execution>& run = &rows == &task_.training ? of_training_ : of_test_;
  if (!run) {
    run = std::make_unique<Execution>(
        compile(answer_program(spec_.net, layout_, spec_.head, false, rows.count())));
    run->bind_input("x", rows.x.data());
    set_constants(*run, spec_.net.activation, "activation");
  }
  return *run;
}

std::vector<float> SmallNet::answers(std::span<const float> w, const SmallTask::Rows& rows) {
  Execution& run = asker(rows);
  std::ranges::copy(w, run.state<float>("w").begin());
  run.run();
  const std::span<const float> values = run.output<float>(0);
  return {values.begin(), values.end()};
}

double SmallNet::error(std::span<const float> w, const SmallTask::Rows& rows) {
  const std::vector<float> z = answers(w, rows);
  if (!std::ranges::all_of(z, [](float value) { return std::isfinite(value); }))
    return std::numeric_limits<double>::infinity();
  double sum = 0;
  for (std::size_t row = 0; row < rows.count(); ++row) {
    if (task_.head() == Head::number) {
      const double off = static_cast<double>(z[row]) - static_cast<double>(rows.y[row]);
      sum += off * off;
      continue;
    }
    std::size_t best = 0;
    for (std::size_t cls = 1; cls < task_.classes; ++cls)
      if (z[cls * rows.count() + row] > z[best * rows.count() + row]) best = cls;
    sum += static_cast<std::size_t>(rows.y[row]) == best ? 0 : 1;
  }
  return sum / static_cast<double>(rows.count());
}

Initialization initialization_named(const std::string& name) {
  constexpr std::array<std::pair<std::string_view, Initialization>, 4> kNames = {
      {{"he", Initialization::he},
       {"glorot", Initialization::glorot},
       {"lecun", Initialization::lecun},
       {"orthogonal", Initialization::orthogonal}}};
  for (const auto& [known, initialization] : kNames)
    if (known == name) return initialization;
  throw usage_error({.attempted = "reading --initialization",
                     .expected = "he, glorot, lecun or orthogonal",
                     .found = name,
                     .remedy = "Leave the option out for its default."});
}

std::span<const float> tensor_of(const ParameterLayout& layout, std::string_view name,
                                 std::span<const float> w) {
  const Parameter& parameter = layout.find(name);
  return w.subspan(parameter.offset, parameter.shape.element_count());
}

double norm(std::span<const float> values) {
  double squares = 0;
  for (const float value : values) squares += static_cast<double>(value) * static_cast<double>(value);
  return std::sqrt(squares);
}

}  // namespace astrolabe
