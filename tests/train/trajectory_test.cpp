// SPDX-License-Identifier: Apache-2.0
// Twenty steps of seven small nets from PyTorch's weights on PyTorch's batches: losses, first gradients and
// last weights. tests/fixtures/mlp_trajectories/README.md says how they were made.
#include <cmath>
#include <filesystem>
#include <fstream>
#include <map>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "astrolabe/parts/catalog.h"
#include "astrolabe/runtime/compile.h"
#include "astrolabe/train/programs.h"

namespace astrolabe {
namespace {

// README: PyTorch's own f32 is within 7e-7 of f64; ten times that is wrong, not rounded.
constexpr double kTolerance = 5e-6;

struct Trajectory {
  std::map<std::string, std::string> texts;
  std::map<std::string, double> numbers;
  std::map<std::string, std::vector<double>> tensors;

  [[nodiscard]] std::vector<float> floats(const std::string& name) const {
    const std::vector<double>& values = tensors.at(name);
    return {values.begin(), values.end()};
  }
};

Trajectory read_trajectory(const std::filesystem::path& path) {
  Trajectory read;
  std::ifstream file(path);
  std::string word, name;
  file >> word >> name;
  EXPECT_EQ(word, "case") << path;
  while (file >> word && word != "end") {
    file >> name;
    if (word == "text") {
      std::string value;
      file >> value;
      if (name == "torch" && file.peek() == ' ') std::getline(file, word);
      read.texts[name] = value;
    } else if (word == "number") {
      file >> read.numbers[name];
    } else {
      std::size_t rows = 0, columns = 0;
      file >> rows >> columns;
      std::vector<double>& values = read.tensors[name];
      values.resize(rows * columns);
      for (double& value : values) file >> value;
    }
  }
  EXPECT_EQ(word, "end") << path;
  return read;
}

Expression part(Vocabulary slot, const std::string& text) {
  return resolve_part(slot, text).expression;
}

std::string with_numbers(const Trajectory& from, const std::string& name,
                         const std::vector<std::string>& settings) {
  std::string text = name + "(";
  for (const std::string& setting : settings)
    text += fmt::format("{}{}", text.ends_with('(') ? "" : ",", from.numbers.at(setting));
  return text + ")";
}

std::string optimizer_text(const Trajectory& from) {
  const std::string& name = from.texts.at("optimizer");
  static const std::map<std::string, std::vector<std::string>> settings{
      {"adam", {"beta1", "beta2", "eps"}}, {"adamw", {"beta1", "beta2", "eps", "weight_decay"}},
      {"momentum", {"momentum"}},          {"nesterov", {"momentum"}},
      {"rmsprop", {"alpha", "eps"}},       {"adagrad", {"eps"}}};
  const auto known = settings.find(name);
  return known == settings.end() ? name : with_numbers(from, name, known->second);
}

std::string loss_text(const Trajectory& from) {
  const std::string& name = from.texts.at("loss");
  if (name == "mse") return "mse";
  if (name == "huber") return with_numbers(from, "huber", {"delta"});
  if (name == "smoothed_cross_entropy") return with_numbers(from, "label_smoothing", {"label_smoothing"});
  return "cross_entropy";
}

// What replays a trajectory: a step program fed with the file's own batches.
class Replay {
 public:
  Replay(const Trajectory& from, const std::string& optimizer, const CompileOptions& options)
      : from_(from), x_(from.floats("x")), y_(from.floats("y")) {
    const std::vector<double>& sizes = from.tensors.at("sizes");
    std::string architecture;
    for (std::size_t i = 1; i + 1 < sizes.size(); ++i)
      architecture += fmt::format("{}{}", architecture.empty() ? "" : "-", sizes[i]);
    const std::string& task = from.texts.at("task");
    const std::string& activation = from.texts.at("activation");
    spec_ = {.net = {.numbers = static_cast<std::size_t>(sizes.front()),
                     .outputs = static_cast<std::size_t>(sizes.back()),
                     .architecture = parse_architecture(architecture),
                     .activation = part(Vocabulary::activation,
                                        activation == "leaky_relu" ? with_numbers(from, activation, {"slope"})
                                                                   : activation)},
             .head = task == "binary"       ? Head::binary
                     : task == "multiclass" ? Head::classes
                                            : Head::number,
             .loss = part(Vocabulary::loss, loss_text(from)),
             .optimizer = part(Vocabulary::optimizer, optimizer),
             .schedule = part(Vocabulary::schedule, "constant"),
             .rows = y_.size(),
             .batch = from.tensors.at("order").size() / from.tensors.at("loss_f64").size()};
    layout_ = layout_of(spec_.net);
    for (const double row : from.tensors.at("order")) order_.push_back(static_cast<std::int32_t>(row));
    run_.emplace(compile(step_program(spec_, layout_), options));
    run_->bind_input("x", x_.data());
    run_->bind_input("y", y_.data());
    set_constants(*run_, spec_.net.activation, "activation");
    set_constants(*run_, spec_.loss, "loss");
    set_constants(*run_, spec_.optimizer, "optimizer");
    set_constants(*run_, spec_.schedule, "schedule");
    run_->set_scalar("lr", from.numbers.at("lr"));
    for_each_tensor([&](std::span<float> own, const std::string& name) {
      std::ranges::copy(from_.floats("start_" + name), own.begin());
    });
  }

  double step(std::size_t number) {
    run_->bind_input("batch", order_.data() + number * spec_.batch);
    run_->set_scalar("k", static_cast<double>(number + 1));
    run_->set_scalar("t", 0);
    run_->run();
    return static_cast<double>(run_->output<float>(0)[0]);
  }

  // Calls with every tensor of w and the file's name for it: w0, b0, w1, ...
  template <class Body>
  void for_each_tensor(const Body& body) {
    for (std::size_t i = 0; i < layout_.parameters.size(); ++i) {
      const Parameter& parameter = layout_.parameters[i];
      body(run_->state<float>("w").subspan(parameter.offset, parameter.shape.element_count()),
           fmt::format("{}{}", i % 2 == 0 ? "w" : "b", i / 2));
    }
  }

 private:
  const Trajectory& from_;
  std::vector<float> x_, y_;
  std::vector<std::int32_t> order_;
  StepSpec spec_;
  ParameterLayout layout_;
  std::optional<Execution> run_;
};

class TrajectoryTest : public testing::TestWithParam<std::string> {};

TEST_P(TrajectoryTest, is_that_of_pytorch) {
  const Trajectory from = read_trajectory(std::filesystem::path(ASTROLABE_FIXTURES) / (GetParam() + ".txt"));
  Replay replay(from, optimizer_text(from), {});
  const std::vector<double>& losses = from.tensors.at("loss_f64");
  for (std::size_t number = 0; number < losses.size(); ++number)
    EXPECT_NEAR(replay.step(number), losses[number], kTolerance) << "step " << number;
  replay.for_each_tensor([&](std::span<float> own, const std::string& name) {
    const std::vector<double>& expected = from.tensors.at("end_f64_" + name);
    for (std::size_t i = 0; i < own.size(); ++i)
      ASSERT_NEAR(static_cast<double>(own[i]), expected[i], kTolerance) << name << " at " << i;
  });
}

TEST_P(TrajectoryTest, begins_with_the_gradient_of_pytorch) {
  const Trajectory from = read_trajectory(std::filesystem::path(ASTROLABE_FIXTURES) / (GetParam() + ".txt"));
  // w - (w + g) is -g up to the rounding of the sum; the whole step is g + w, so that w becomes -g.
  Replay replay(from, "g+w", {});
  (void)replay.step(0);
  replay.for_each_tensor([&](std::span<float> own, const std::string& name) {
    const std::vector<double>& expected = from.tensors.at("gradient_f64_" + name);
    for (std::size_t i = 0; i < own.size(); ++i)
      ASSERT_NEAR(static_cast<double>(own[i]), -expected[i], kTolerance) << name << " at " << i;
  });
}

INSTANTIATE_TEST_SUITE_P(PyTorch, TrajectoryTest,
                         testing::Values("binary_sgd", "multiclass_adam", "regression_adamw",
                                         "multiclass_momentum", "regression_nesterov", "binary_rmsprop",
                                         "binary_adagrad"),
                         [](const auto& one) { return one.param; });

}  // namespace
}  // namespace astrolabe
