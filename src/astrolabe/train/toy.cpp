// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/train/toy.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "astrolabe/base/error.h"
#include "astrolabe/train/divergence.h"
#include "astrolabe/train/ensemble.h"
#include "astrolabe/train/initialize.h"

namespace astrolabe {
namespace {

constexpr std::size_t kRows = 256, kBatch = 32, kNumbers = 8;
constexpr std::uint64_t kSteps = 200;
constexpr std::array<double, 4> kToyRates{1e-3, 1e-2, 1e-1, 1};

// Rows of standard normal numbers, of which three matter: a bend, a product and a line.
struct Toy {
  std::vector<float> x, number, side;

  Toy() {
    RandomStream random(Key::from_seed(0).split("toy"));
    double mean = 0, square = 0;
    std::vector<double> signal;
    for (std::size_t row = 0; row < kRows; ++row) {
      for (std::size_t i = 0; i < kNumbers; ++i) x.push_back(static_cast<float>(random.normal()));
      const float* const own = x.data() + row * kNumbers;
      const auto a = static_cast<double>(own[0]), b = static_cast<double>(own[1]),
                 c = static_cast<double>(own[2]);
      signal.push_back(a * b + c + 0.5 * std::abs(a));
      mean += signal.back() / kRows;
    }
    for (double& value : signal) {
      value -= mean;
      square += value * value / kRows;
    }
    for (const double value : signal) {
      number.push_back(static_cast<float>(value / std::sqrt(square)));
      side.push_back(value > 0 ? 1.0F : 0.0F);
    }
  }
};

const Toy& toy() {
  static const Toy kToy;
  return kToy;
}

StepSpec spec_of(const ToyQuestion& question) {
  StepSpec spec;
  spec.net.numbers = kNumbers;
  spec.net.architecture = parse_architecture("16-16");
  spec.net.activation = question.activation;
  spec.head = question.head;
  spec.loss = question.loss;
  spec.optimizer = question.optimizer;
  spec.schedule = parse_expression(Vocabulary::schedule, "1-t");  // so that noise of batches is averaged out
  spec.rows = kRows;
  spec.batch = kBatch;
  return spec;
}

// What outputs z leave of the error of the best constant, taken from 1.
double share_learned(Head head, std::span<const float> z) {
  double error = 0, constant = 0;
  if (head == Head::number) {
    for (std::size_t row = 0; row < kRows; ++row) {
      const auto y = static_cast<double>(toy().number[row]), off = y - static_cast<double>(z[row]);
      error += off * off;
      constant += y * y;
    }
  } else {
    double ones = 0;
    for (std::size_t row = 0; row < kRows; ++row) {
      const bool is_one = toy().side[row] > 0;
      ones += is_one ? 1 : 0;
      error += (z[row] > 0) != is_one ? 1 : 0;
    }
    constant = std::min(ones, kRows - ones);
  }
  return 1 - error / constant;
}

// Which children kept to the finite numbers.
std::vector<bool> train(Ensemble& ensemble) {
  std::vector<bool> is_finite(ensemble.children(), true);
  for (std::uint64_t step = 0; step < kSteps; ++step) {
    const std::span<const float> losses = ensemble.step();
    bool is_any = false;
    for (std::size_t child = 0; child < losses.size(); ++child) {
      is_finite[child] = is_finite[child] && std::isfinite(losses[child]);
      is_any = is_any || is_finite[child];
    }
    if (!is_any) break;
  }
  for (std::size_t child = 0; child < is_finite.size(); ++child)
    is_finite[child] = is_finite[child] && all_finite(ensemble.w(child));
  return is_finite;
}

}  // namespace

ToyAnswer train_toy(const ToyQuestion& question) {
  ASTROLABE_CHECK(question.head != Head::classes, "a toy of numbers or of two sides");
  const StepSpec spec = spec_of(question);
  const ParameterLayout layout = layout_of(spec.net);
  const TrainingRows rows{
      .rows = kRows, .x = toy().x, .y = spec.head == Head::number ? toy().number : toy().side};
  const NetBins bins;
  const Key key = Key::from_seed(1).split("toy");
  std::vector<ChildNumbers> children;
  for (const double rate : kToyRates) children.push_back({.numbers = {.learning_rate = rate}});
  if (!spec.optimizer.uses("lr")) children.resize(1);
  Ensemble ensemble(
      {.spec = spec, .layout = layout, .rows = rows, .bins = bins, .total_steps = kSteps, .key = key},
      children);
  ensemble.start(initial_weights(layout, Initialization::he, {}, key.split("weights")));
  const std::vector<bool> is_finite = train(ensemble);

  ToyAnswer answer;
  Execution ask(compile(answer_program(spec.net, layout, Head::number, false, kRows)));
  ask.bind_input("x", rows.x.data());
  set_constants(ask, spec.net.activation, "activation");
  for (std::size_t child = 0; child < is_finite.size(); ++child) {
    if (!is_finite[child]) continue;
    std::vector<float> w(ensemble.w(child).begin(), ensemble.w(child).end());
    ask.bind_state("w", w.data());
    ask.run();
    const double learned = share_learned(spec.head, ask.output<float>(0));
    if (!std::isfinite(learned) || (answer.is_finite && learned <= answer.learned)) continue;
    answer = {.is_finite = true, .learned = learned, .learning_rate = kToyRates[child]};
  }
  return answer;
}

}  // namespace astrolabe
