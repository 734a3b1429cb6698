// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/system/probes.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "astrolabe/base/random.h"
#include "astrolabe/graph/gradient.h"

namespace astrolabe {
namespace {

constexpr std::size_t kHalf = 32;  // points with trained constants as they begin; as many with others

// Numbers of [low, high), the same in every run.
std::vector<double> drawn(std::string_view name, std::size_t count, double low, double high) {
  const Key key = Key::from_seed(2017).split(name);
  std::vector<double> points(count);
  for (std::size_t i = 0; i < count; ++i) points[i] = low + (high - low) * random_uniform(key, i);
  return points;
}

class ActivationProbes : public Probes {
 public:
  ActivationProbes() {
    x_ = vector("x", drawn("x", 2 * kHalf, -5, 5));
    one_ = vector("one", std::vector<double>(2 * kHalf, 1));
    for (std::size_t i = 0; i < trained_.size(); ++i) {
      std::vector<double> values = drawn(kTrained[i], 2 * kHalf, 0.4, 1.7);
      std::fill_n(values.begin(), kHalf, 1.0);
      trained_[i] = vector(std::string(kTrained[i]), values);
    }
  }

  ProbedFormula place(const Expression& expression) override {
    ProbedFormula placed;
    const std::size_t used = std::min(expression.trainables.size(), trained_.size());
    std::array<std::size_t, 3> order{0, 1, 2};
    do {
      std::unordered_map<std::string, NodeId> leaves = {{"x", x_}};
      for (std::size_t i = 0; i < used; ++i) leaves[expression.trainables[i].name] = trained_[order[i]];
      const NodeId value = place_at(expression, leaves).value;
      std::vector<NodeId> nodes = {as_f64(value)};
      if (graph_.shape(value).rank() == 1)
        nodes.push_back(pull_back(graph_, value, one_, std::vector<NodeId>{x_})[0]);
      placed.variants.push_back(std::move(nodes));
    } while (std::next_permutation(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(used)));
    return placed;
  }

  std::optional<std::string> fault(const Expression& expression,
                                   std::span<const std::vector<double>> values) const override {
    if (!expression.uses("x") || values.size() < 2) return "it does not depend on x";
    if (auto gaps = too_little_finite(values, kHalf, "from -5 to 5")) return gaps;
    const auto first_half = std::span(values[0]).first(kHalf);
    const auto [low, high] = std::ranges::minmax(first_half);
    if (high - low <= 1e-9 * std::abs(high)) return "it is constant";
    const auto slopes = std::span(values[1]).first(std::min(values[1].size(), kHalf));
    const bool is_flat =
        std::ranges::none_of(slopes, [](double s) { return is_trainable_number(s) && s != 0; });
    if (is_flat) return "its slope is 0 everywhere";
    return std::nullopt;
  }

 private:
  static constexpr std::array<std::string_view, 3> kTrained{"first", "second", "third"};
  NodeId x_, one_;
  std::array<NodeId, 3> trained_{};
};

class ScheduleProbes : public Probes {
 public:
  ScheduleProbes() {
    std::vector<double> fractions(kPoints), steps(kPoints);
    for (std::size_t i = 0; i < kPoints; ++i) {
      fractions[i] = static_cast<double>(i) / (kPoints - 1);
      steps[i] = 1 + 1000 * fractions[i];
    }
    t_ = vector("t", fractions);
    k_ = vector("k", steps);
  }

  ProbedFormula place(const Expression& expression) override {
    return {{{as_f64(place_at(expression, {{"t", t_}, {"k", k_}}).value)}}};
  }

  std::optional<std::string> fault(const Expression& /*expression*/,
                                   std::span<const std::vector<double>> values) const override {
    if (!std::ranges::all_of(values[0], is_trainable_number)) return "it is not finite all the way";
    if (std::ranges::none_of(values[0], [](double v) { return v > 0; })) return "it is nowhere above 0";
    return std::nullopt;
  }

 private:
  static constexpr std::size_t kPoints = 65;
  NodeId t_, k_;
};

}  // namespace

NodeId Probes::vector(const std::string& name, const std::vector<double>& points) {
  feed_.inputs.push_back(Array::of<double>(Shape{points.size()}, points));
  return graph_.input(name, ElementType::f64, Shape{points.size()});
}

Placed Probes::place_at(const Expression& expression, std::unordered_map<std::string, NodeId> leaves) {
  for (std::size_t i = 0; i < expression.constants.size(); ++i)
    leaves["c" + std::to_string(i)] = number(expression.constants[i]);
  return astrolabe::place(expression, graph_, leaves);
}

NodeId Probes::as_f64(NodeId node) {
  return graph_.type(node) == ElementType::f64 ? node : graph_.cast(node, ElementType::f64);
}

std::vector<std::vector<double>> Probes::values(std::span<const NodeId> nodes) {
  std::vector<std::vector<double>> all;
  for (const Array& array : interpret(graph_, nodes, feed_)) {
    const auto elements = array.as<double>();
    all.emplace_back(elements.begin(), elements.end());
  }
  return all;
}

bool is_trainable_number(double value) {
  return std::isfinite(value) && std::abs(value) <= std::numeric_limits<float>::max();
}

std::optional<std::string> too_little_finite(std::span<const std::vector<double>> values, std::size_t count,
                                             std::string_view where) {
  std::size_t bad = 0, points = 0;
  for (std::size_t i = 0; i < count; ++i) {
    bool is_there = false, is_good = true;
    for (const std::vector<double>& value : values) {
      if (value.size() > 1 && i >= value.size()) continue;
      is_there = true;
      is_good = is_good && is_trainable_number(value.size() == 1 ? value[0] : value[i]);
    }
    points += is_there ? 1 : 0;
    bad += is_there && !is_good ? 1 : 0;
  }
  if (8 * bad <= points) return std::nullopt;
  return fmt::format("it is not finite at {} of {} points {}", bad, points, where);
}

std::unique_ptr<Probes> make_activation_probes() {
  return std::make_unique<ActivationProbes>();
}

std::unique_ptr<Probes> make_schedule_probes() {
  return std::make_unique<ScheduleProbes>();
}

std::unique_ptr<Probes> make_probes(Vocabulary slot) {
  switch (slot) {
    case Vocabulary::activation:
      return make_activation_probes();
    case Vocabulary::loss:
      return make_loss_probes();
    case Vocabulary::optimizer:
      return make_optimizer_probes();
    case Vocabulary::schedule:
      return make_schedule_probes();
  }
  return nullptr;
}

}  // namespace astrolabe
