// SPDX-License-Identifier: Apache-2.0
// Optimizers along six steps. Gradients of one element keep their size and mostly their sign from step to
// step, as those of nets do, and sizes go from 1e-6 to 10: clipping and signs differ only for small ones.
#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "astrolabe/base/random.h"
#include "astrolabe/system/probes.h"

namespace astrolabe {
namespace {

constexpr std::size_t kSteps = 6;
constexpr std::size_t kElements = 32;
constexpr double kAgreement = 0.05;  // of a step with its gradient, less one means more than chance

constexpr std::array<double, 8> kSizes{1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1, 10};  // powers, without libm

class OptimizerProbes : public Probes {
 public:
  OptimizerProbes() {
    const Key key = Key::from_seed(2017).split("optimizer");
    std::uint64_t draws = 0;
    const auto uniform = [&](double low, double high) {
      return low + (high - low) * random_uniform(key, draws++);
    };
    std::vector<double> rates(kElements), weights(kElements), sizes(kElements);
    for (std::size_t i = 0; i < kElements; ++i) {
      rates[i] = uniform(0.5, 2);
      weights[i] = uniform(-1.5, 1.5);
      sizes[i] = kSizes[i / 4] * uniform(0.5, 2);
    }
    lr_ = vector("lr", rates);
    for (std::size_t step = 0; step < kSteps; ++step) {
      std::vector<double>& gradients = gradients_[step];
      for (std::size_t i = 0; i < kElements; ++i) {
        const bool is_flipped = uniform(0, 1) < 0.2;
        gradients.push_back(sizes[i] * uniform(0.5, 2) * (i % 2 == 0 ? 1 : -1) * (is_flipped ? -1 : 1));
        weights[i] += uniform(-0.1, 0.1);
      }
      g_[step] = vector(fmt::format("g{}", step), gradients);
      w_[step] = vector(fmt::format("w{}", step), weights);
    }
  }

  ProbedFormula place(const Expression& expression) override {
    std::vector<NodeId> memories(expression.memories.size(), number(0));
    std::vector<NodeId> nodes;
    for (std::size_t step = 0; step < kSteps; ++step) {
      std::unordered_map<std::string, NodeId> leaves = {{"g", g_[step]},
                                                        {"w", w_[step]},
                                                        {"lr", lr_},
                                                        {"k", number(static_cast<double>(step + 1))},
                                                        {"t", number(static_cast<double>(step) / 8)}};
      for (std::size_t i = 0; i < memories.size(); ++i) leaves[expression.memories[i].name] = memories[i];
      const Placed placed = place_at(expression, std::move(leaves));
      nodes.push_back(as_f64(placed.value));
      memories = placed.next;
    }
    return {{std::move(nodes)}};
  }

  std::optional<std::string> fault(const Expression& expression,
                                   std::span<const std::vector<double>> values) const override {
    if (!expression.uses("g")) return "it does not look at the gradient";
    std::size_t bad = 0;
    double agreement = 0;
    bool moves = false;
    for (std::size_t step = 0; step < kSteps; ++step) {
      for (std::size_t i = 0; i < kElements; ++i) {
        const double value = values[step].size() == 1 ? values[step][0] : values[step][i];
        if (!is_trainable_number(value)) {
          ++bad;
          continue;
        }
        moves = moves || value != 0;
        const double product = value == 0 ? 0 : (value > 0) == (gradients_[step][i] > 0) ? 1 : -1;
        agreement += product;
      }
    }
    constexpr std::size_t kAll = kSteps * kElements;
    if (8 * bad > kAll) return fmt::format("its step is not finite in {} of {} cases", bad, kAll);
    if (!moves) return "it never moves";
    if (agreement < kAgreement * static_cast<double>(kAll - bad))
      return "it goes up the gradient as often as down";
    return std::nullopt;
  }

 private:
  NodeId lr_;
  std::array<NodeId, kSteps> g_{}, w_{};
  std::array<std::vector<double>, kSteps> gradients_;
};

}  // namespace

std::unique_ptr<Probes> make_optimizer_probes() {
  return std::make_unique<OptimizerProbes>();
}

}  // namespace astrolabe
