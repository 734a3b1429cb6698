// SPDX-License-Identifier: Apache-2.0
// Formulas at fixed points, many in one graph: equal subterms are one node and computed once. One kind per
// slot: what is computed of a formula there, and what would make it useless.
//
//   const auto probes = make_probes(Vocabulary::activation);
//   const ProbedFormula placed = probes->place(expression);
//   const std::vector<std::vector<double>> values = probes->values(placed.variants[0]);
//
// Not thread-safe; no chance: points are drawn from fixed keys.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "astrolabe/graph/expression.h"
#include "astrolabe/graph/interpret.h"

namespace astrolabe {

struct ProbedFormula {
  // Nodes whose values are the function. Several variants when the formula may be read in several ways that
  // mean the same: its trained constants in another order.
  std::vector<std::vector<NodeId>> variants;
};

class Probes {
 public:
  virtual ~Probes() = default;
  Probes(const Probes&) = delete;
  Probes& operator=(const Probes&) = delete;

  [[nodiscard]] virtual ProbedFormula place(const Expression& expression) = 0;
  // Why nothing could be learned, from the values of the first variant, in the order of its nodes.
  [[nodiscard]] virtual std::optional<std::string> fault(
      const Expression& expression, std::span<const std::vector<double>> values) const = 0;

  // [nodes] the values of nodes, each as long as a probe, or one number that is the same at all points.
  [[nodiscard]] std::vector<std::vector<double>> values(std::span<const NodeId> nodes);

 protected:
  Probes() = default;

  NodeId vector(const std::string& name, const std::vector<double>& points);
  NodeId number(double value) { return graph_.constant(value, ElementType::f64); }
  // Binds the numbers of the formula and places it. `leaves` binds the rest.
  Placed place_at(const Expression& expression, std::unordered_map<std::string, NodeId> leaves);
  NodeId as_f64(NodeId node);

  Graph graph_;
  Feed feed_;
};

[[nodiscard]] std::unique_ptr<Probes> make_probes(Vocabulary slot);
[[nodiscard]] std::unique_ptr<Probes> make_activation_probes();
[[nodiscard]] std::unique_ptr<Probes> make_loss_probes();
[[nodiscard]] std::unique_ptr<Probes> make_optimizer_probes();
[[nodiscard]] std::unique_ptr<Probes> make_schedule_probes();

// Finite in f32 too, in which nets are trained.
[[nodiscard]] bool is_trainable_number(double value);
// "it is not finite at 3 of 8 points" when more than an eighth of the first `count` values are not.
[[nodiscard]] std::optional<std::string> too_little_finite(std::span<const std::vector<double>> values,
                                                           std::size_t count, std::string_view where);

}  // namespace astrolabe
