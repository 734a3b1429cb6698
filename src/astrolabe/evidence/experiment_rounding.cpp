// SPDX-License-Identifier: Apache-2.0
// A least-squares problem by gradient descent, its weights stored in few bits between the steps. An update
// below half a unit in the last place vanishes when rounded to the nearest; towards zero it is lost or
// doubled by the sign of the weight; stochastic rounding keeps it on average.
#include <algorithm>

#include <fmt/format.h>

#include "astrolabe/base/error.h"
#include "astrolabe/evidence/experiments.h"
#include "astrolabe/tensor/narrow_float.h"

namespace astrolabe {
namespace {

constexpr std::size_t kRows = 400, kColumns = 20;

struct Problem {
  std::vector<float> x;  // [rows, columns]
  std::vector<float> y;
};

Problem draw_problem(Key key) {
  RandomStream random(key);
  std::vector<double> truth(kColumns);
  for (double& w : truth) w = random.normal();
  Problem problem;
  for (std::size_t row = 0; row < kRows; ++row) {
    double y = 0.1 * random.normal();
    for (std::size_t j = 0; j < kColumns; ++j) {
      const double x = random.normal();
      problem.x.push_back(static_cast<float>(x));
      y += truth[j] * x;
    }
    problem.y.push_back(static_cast<float>(y));
  }
  return problem;
}

// How a weight comes back from where it was stored.
class Storage {
 public:
  Storage(const std::string& format, const std::string& mode, Key key)
      : is_f32_(format == "f32"), is_bf16_(format == "bf16"), rounding_(rounding_of(mode)), key_(key) {}

  float operator()(float value) {
    if (is_f32_) return value;
    const auto bits = static_cast<std::uint32_t>(random_bits(key_, drawn_++));
    return is_bf16_ ? to_f32(to_bf16(value, rounding_, bits)) : to_f32(to_f16(value, rounding_, bits));
  }

 private:
  static Rounding rounding_of(const std::string& mode) {
    if (mode == "nearest") return Rounding::nearest_even;
    if (mode == "toward-zero") return Rounding::toward_zero;
    if (mode == "stochastic") return Rounding::stochastic;
    throw usage_error({.attempted = "reading --mode",
                       .expected = "nearest, toward-zero or stochastic",
                       .found = mode,
                       .remedy = "Write --mode nearest,stochastic."});
  }

  bool is_f32_, is_bf16_;
  Rounding rounding_;
  Key key_;
  std::uint64_t drawn_ = 0;
};

struct Training {
  ExperimentCurve losses;
  double final_loss = 0;
  double vanished = 0;  // share of the updates that changed nothing
};

double loss_and_gradient(const Problem& problem, const std::vector<float>& w, std::vector<double>& gradient) {
  gradient.assign(kColumns, 0);
  double loss = 0;
  for (std::size_t row = 0; row < kRows; ++row) {
    double error = -problem.y[row];
    for (std::size_t j = 0; j < kColumns; ++j) error += w[j] * problem.x[row * kColumns + j];
    loss += error * error / kRows;
    for (std::size_t j = 0; j < kColumns; ++j)
      gradient[j] += 2 * error * problem.x[row * kColumns + j] / kRows;
  }
  return loss;
}

Training train(const Problem& problem, Storage storage, double rate, std::size_t steps, std::string name) {
  Training training{.losses = {.name = std::move(name), .x = {}, .y = {}}};
  std::vector<float> w(kColumns, 0);
  std::vector<double> gradient;
  double updates = 0, vanished = 0;
  for (std::size_t step = 0; step <= steps; ++step) {
    training.final_loss = loss_and_gradient(problem, w, gradient);
    if (step % std::max<std::size_t>(1, steps / 100) == 0) {
      training.losses.x.push_back(static_cast<double>(step));
      training.losses.y.push_back(training.final_loss);
    }
    for (std::size_t j = 0; j < kColumns; ++j) {
      const float before = w[j];
      w[j] = storage(static_cast<float>(before - rate * gradient[j]));
      updates += gradient[j] != 0;
      vanished += gradient[j] != 0 && w[j] == before;
    }
  }
  training.vanished = updates > 0 ? vanished / updates : 0;
  return training;
}

}  // namespace

ExperimentResult run_rounding(const ExperimentRequest& request) {
  const std::string& format = request.text("storage");
  if (format != "bf16" && format != "f16") {
    throw usage_error({.attempted = "reading --storage",
                       .expected = "bf16 or f16",
                       .found = format,
                       .remedy = "f32 is always there to compare."});
  }
  const double rate = request.number("rate", 1e-6, 0.5);
  const std::size_t steps = request.count("steps", 10, 100'000);
  const Problem problem = draw_problem(request.key.split("problem"));

  ExperimentResult result{
      .key = "mode", .rows = {}, .plot = {"step", "loss", true, {}}, .prediction = {}, .words = {}};
  result.prediction =
      "rounding to the nearest loses small updates: its loss ends above twice that of f32, and above that of "
      "stochastic "
      "rounding, if both are there";
  double exact = 0, nearest = 0, stochastic = 0;
  std::vector<std::string> modes = request.list("mode");
  modes.insert(modes.begin(), "f32");
  for (const std::string& mode : modes) {
    const bool is_exact = mode == "f32";
    const Training training = train(
        problem, Storage(is_exact ? "f32" : format, is_exact ? "nearest" : mode, request.key.split(mode)),
        rate, steps, mode);
    result.rows.push_back(
        {mode, {{"final_loss", training.final_loss}, {"vanished_updates", training.vanished}}});
    result.plot.curves.push_back(training.losses);
    (is_exact ? exact : mode == "nearest" ? nearest : stochastic) = training.final_loss;
  }
  if (nearest > 0) {
    const bool is_true = nearest > 2 * exact && (stochastic == 0 || nearest > stochastic);
    result.verdict = is_true ? ExperimentVerdict::confirmed : ExperimentVerdict::refuted;
    result.words = fmt::format("final loss {:.4g} in f32, {:.4g} to the nearest{}", exact, nearest,
                               stochastic > 0 ? fmt::format(", {:.4g} the other way", stochastic) : "");
  } else {
    result.words = "rounding to the nearest was not among the modes";
  }
  return result;
}

}  // namespace astrolabe
