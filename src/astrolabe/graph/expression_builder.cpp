// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/graph/expression_builder.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <optional>

#include <fmt/format.h>

#include "astrolabe/base/error.h"
#include "astrolabe/graph/math_table.h"
#include "astrolabe/graph/vocabulary.h"

namespace astrolabe {
namespace {

constexpr int kMaxWholeExponent = 16;

// Folding must not make a number that has no text, or that f32 cannot hold.
std::optional<double> if_usable(double value) {
  if (std::abs(value) <= std::numeric_limits<float>::max()) return value;
  return std::nullopt;
}

// Copies operations in the order in which a reader of the text finishes them; leaves are known already.
class ReadingOrderCopy {
 public:
  ReadingOrderCopy(const Graph& from, Graph& to, std::unordered_map<NodeId, NodeId>& known)
      : from_(from), to_(to), known_(known) {}

  NodeId copy(NodeId id) {  // as deep as the longest chain: see check_depth
    if (const auto found = known_.find(id); found != known_.end()) return found->second;
    NodeDraft draft{.op = from_[id].op, .inputs = {}, .attributes = from_[id].attributes, .wanted = {}};
    for (const NodeId input : from_.inputs(id)) draft.inputs.push_back(copy(input));
    return known_[id] = to_.append(draft);
  }

 private:
  const Graph& from_;
  Graph& to_;
  std::unordered_map<NodeId, NodeId>& known_;
};

// What stays in the structure, so that x^2 or 1-x is the same program wherever it stands.
bool is_structural(double value) {
  const double size = std::abs(value);
  return size == 0.5 || (size <= 4 && size == std::floor(size));
}

}  // namespace

bool ExpressionBuilder::is_math(NodeId a, std::string_view row) const {
  const Node& node = graph_[a];
  return node.op == Op::math && math_rows()[static_cast<std::size_t>(node.attributes.value)].name == row;
}

bool ExpressionBuilder::is_probability(NodeId a) const {
  return vocabulary_ == Vocabulary::loss && graph_[a].op == Op::input && graph_.slot_of(a).name == "p";
}

NodeId ExpressionBuilder::added_to_one(NodeId a) const {
  if (graph_[a].op != Op::add) return kNoNode;
  const NodeId left = graph_.input_of(a, 0);
  const NodeId right = graph_.input_of(a, 1);
  return graph_.is_constant(left, 1) ? right : graph_.is_constant(right, 1) ? left : kNoNode;
}

NodeId ExpressionBuilder::taken_from_one(NodeId a) const {
  if (graph_[a].op != Op::subtract || !graph_.is_constant(graph_.input_of(a, 0), 1)) return kNoNode;
  return graph_.input_of(a, 1);
}

NodeId ExpressionBuilder::negate(NodeId a) {
  if (is_number(a)) return number(-graph_[a].constant_value());
  if (graph_[a].op == Op::negate) return graph_.input_of(a, 0);
  return graph_.negate(a);
}

NodeId ExpressionBuilder::add(NodeId a, NodeId b) {
  if (is_number(a) && is_number(b)) {
    if (const auto sum = if_usable(graph_[a].constant_value() + graph_[b].constant_value()))
      return number(*sum);
  }
  if (is_math(a, "exp") && graph_.is_constant(b, -1)) return math("expm1", graph_.input_of(a, 0));
  if (is_math(b, "exp") && graph_.is_constant(a, -1)) return math("expm1", graph_.input_of(b, 0));
  return graph_.add(a, b);
}

NodeId ExpressionBuilder::subtract(NodeId a, NodeId b) {
  if (is_number(a) && is_number(b)) {
    if (const auto rest = if_usable(graph_[a].constant_value() - graph_[b].constant_value()))
      return number(*rest);
  }
  if (is_math(a, "exp") && graph_.is_constant(b, 1)) return math("expm1", graph_.input_of(a, 0));
  if (is_math(b, "exp") && graph_.is_constant(a, 1)) return negate(math("expm1", graph_.input_of(b, 0)));
  return graph_.subtract(a, b);
}

NodeId ExpressionBuilder::multiply(NodeId a, NodeId b) {
  if (is_number(a) && is_number(b)) {
    if (const auto product = if_usable(graph_[a].constant_value() * graph_[b].constant_value()))
      return number(*product);
  }
  return graph_.multiply(a, b);
}

NodeId ExpressionBuilder::divide(NodeId a, NodeId b) {
  if (is_number(a) && is_number(b)) {
    if (const auto ratio = if_usable(graph_[a].constant_value() / graph_[b].constant_value()))
      return number(*ratio);
  }
  // 1/(1+exp(u)): its gradient, written out, is infinity by infinity for large u.
  if (graph_.is_constant(a, 1)) {
    const NodeId rest = added_to_one(b);
    if (rest != kNoNode && is_math(rest, "exp")) return math("sigmoid", negate(graph_.input_of(rest, 0)));
  }
  return graph_.divide(a, b);
}

// By halving: the printer knows this shape again (expression_printer.cpp).
NodeId ExpressionBuilder::whole_power(NodeId a, int exponent) {
  if (exponent == 1) return a;
  if (exponent % 2 == 1) return multiply(whole_power(a, exponent - 1), a);
  const NodeId root = whole_power(a, exponent / 2);
  return multiply(root, root);
}

NodeId ExpressionBuilder::power(NodeId a, NodeId b) {
  if (is_number(b)) {
    const double exponent = graph_[b].constant_value();
    if (exponent == 0) return number(1);
    if (exponent == 0.5) return math("sqrt", a);
    if (exponent == -0.5) return divide(number(1), math("sqrt", a));
    if (exponent == std::floor(exponent) && std::abs(exponent) <= kMaxWholeExponent) {
      const NodeId whole = whole_power(a, static_cast<int>(std::abs(exponent)));
      return exponent > 0 ? whole : divide(number(1), whole);
    }
  }
  if (graph_.is_constant(a, std::numbers::e)) return math("exp", b);
  return math("exp", multiply(b, math("log", a)));
}

NodeId ExpressionBuilder::stable_log1p(NodeId a) {
  if (is_math(a, "exp")) return math("softplus", graph_.input_of(a, 0));
  if (graph_[a].op != Op::negate) return kNoNode;
  const NodeId u = graph_.input_of(a, 0);
  if (is_math(u, "sigmoid")) return negate(math("softplus", graph_.input_of(u, 0)));
  if (is_probability(u)) return variable("log_1_p");
  return kNoNode;
}

bool ExpressionBuilder::is_positive(NodeId a) const {
  if (const NodeId rest = taken_from_one(a); rest != kNoNode)
    return is_math(rest, "sigmoid") || is_probability(rest);
  return is_math(a, "sigmoid") || is_math(a, "exp") || is_math(a, "cosh") || is_probability(a);
}

NodeId ExpressionBuilder::stable_log(NodeId a) {
  if (is_probability(a)) return variable("log_p");
  if (is_math(a, "exp")) return graph_.input_of(a, 0);
  if (is_math(a, "sigmoid")) return negate(math("softplus", negate(graph_.input_of(a, 0))));
  if (is_math(a, "cosh") && find_math_row("log_cosh") != nullptr)
    return math("log_cosh", graph_.input_of(a, 0));
  if (const NodeId rest = added_to_one(a); rest != kNoNode) return math("log1p", rest);
  if (const NodeId rest = taken_from_one(a); rest != kNoNode) return math("log1p", negate(rest));
  const Op op = graph_[a].op;
  if (op != Op::multiply && op != Op::divide) return kNoNode;
  const NodeId left = graph_.input_of(a, 0);
  const NodeId right = graph_.input_of(a, 1);
  if (!is_positive(left) && !is_positive(right)) return kNoNode;
  if (op == Op::multiply) return add(math("log", left), math("log", right));
  if (graph_.is_constant(left, 1)) return negate(math("log", right));
  return subtract(math("log", left), math("log", right));
}

NodeId ExpressionBuilder::math(std::string_view row, NodeId a) {
  NodeId stable = kNoNode;
  if (row == "log" || row == "log2") stable = stable_log(a);
  if (row == "log2" && stable != kNoNode) stable = multiply(number(std::numbers::log2e), stable);
  if (row == "log1p") stable = stable_log1p(a);
  return stable != kNoNode ? stable : graph_.math(row, a);
}

const ExpressionBuilder::BuiltMemory* ExpressionBuilder::find_memory(MemoryKind kind, NodeId e,
                                                                     NodeId factor) const {
  for (const BuiltMemory& memory : memories_)
    if (memory.kind == kind && memory.e == e && memory.factor == factor) return &memory;
  return nullptr;
}

NodeId ExpressionBuilder::new_state() {
  return graph_.state(fmt::format("m{}", memories_.size()), ElementType::f32, Shape{});
}

// The shapes of what a memory becomes are known again by the printer. 1-beta is never folded: one scalar then
// is all that an average is tuned by, and in f32 it fits the beta beside it.
NodeId ExpressionBuilder::ema(NodeId e, NodeId beta) {
  if (const auto* known = find_memory(MemoryKind::ema, e, beta)) return known->next;
  const NodeId state = new_state();
  const NodeId share = graph_.multiply(e, graph_.subtract(number(1), beta));
  const NodeId next = graph_.add(share, graph_.multiply(beta, state));
  memories_.push_back({MemoryKind::ema, e, beta, state, next});
  return next;
}

NodeId ExpressionBuilder::sum(NodeId e) {
  if (const auto* known = find_memory(MemoryKind::sum, e, kNoNode)) return known->next;
  const NodeId state = new_state();
  const NodeId next = graph_.add(e, state);
  memories_.push_back({MemoryKind::sum, e, kNoNode, state, next});
  return next;
}

NodeId ExpressionBuilder::trace(NodeId e, NodeId a) {
  // trace(u*(1-a), a) is what the graph of ema(u, a) looks like.
  if (graph_[e].op == Op::multiply && taken_from_one(graph_.input_of(e, 1)) == a)
    return ema(graph_.input_of(e, 0), a);
  if (const auto* known = find_memory(MemoryKind::trace, e, a)) return known->next;
  const NodeId state = new_state();
  const NodeId next = graph_.add(e, graph_.multiply(a, state));
  memories_.push_back({MemoryKind::trace, e, a, state, next});
  return next;
}

NodeId ExpressionBuilder::previous(NodeId e) {
  // Whatever memory becomes e was e a step before: prev(ema(g, 0.9)) needs no second one.
  for (const BuiltMemory& memory : memories_)
    if (memory.next == e) return memory.state;
  const NodeId state = new_state();
  memories_.push_back({MemoryKind::previous, e, kNoNode, state, e});
  return state;
}

NodeId ExpressionBuilder::next_of(NodeId state) const {
  for (const BuiltMemory& memory : memories_)
    if (memory.state == state) return memory.next;
  ASTROLABE_CHECK(false, "a state belongs to a memory");
  return kNoNode;
}

void ExpressionBuilder::check_depth(NodeId value) const {
  std::vector<std::size_t> depth(graph_.size(), 1);
  for (NodeId id = 0; id < graph_.size(); ++id) {
    for (const NodeId input : graph_.inputs(id)) depth[id] = std::max(depth[id], depth[input] + 1);
  }
  std::size_t deepest = depth[value];
  for (const BuiltMemory& memory : memories_) deepest = std::max(deepest, depth[memory.next]);
  if (deepest <= kMaxExpressionChain) return;
  throw usage_error(
      {.attempted = fmt::format("building the graph of the {}", vocabulary_name(vocabulary_)),
       .expected = fmt::format("at most {} operations that wait for one another", kMaxExpressionChain),
       .found = fmt::format("{}", deepest),
       .remedy = "Shorten it."});
}

// Leaves and numbers as the printed text needs them. A memory stands for what it becomes, so that is looked
// through where its state stands.
std::vector<NodeId> ExpressionBuilder::leaves_in_order(NodeId value) const {
  std::vector<bool> is_seen(graph_.size(), false);
  std::vector<NodeId> leaves;
  std::vector<NodeId> waiting = {value};
  while (!waiting.empty()) {
    const NodeId id = waiting.back();
    waiting.pop_back();
    if (is_seen[id]) continue;
    is_seen[id] = true;
    if (graph_[id].input_count == 0) leaves.push_back(id);
    if (graph_[id].op == Op::state) waiting.push_back(next_of(id));
    const auto inputs = graph_.inputs(id);
    waiting.insert(waiting.end(), inputs.rbegin(), inputs.rend());
  }
  return leaves;
}

Expression ExpressionBuilder::finish(NodeId value) const {
  check_depth(value);
  Expression expression{
      .vocabulary = vocabulary_, .text = {}, .graph = {}, .constants = {}, .trainables = {}, .memories = {}};
  Graph& graph = expression.graph;
  std::unordered_map<NodeId, NodeId> known;
  std::vector<NodeId> nexts;
  for (const NodeId leaf : leaves_in_order(value)) {
    const Node& node = graph_[leaf];
    if (node.op == Op::input) {
      const std::string& name = graph_.slot_of(leaf).name;
      known[leaf] = graph.input(name, ElementType::f32, Shape{});
      if (vocabulary_ == Vocabulary::activation && is_trainable(name))
        expression.trainables.push_back({.name = name});
    } else if (node.op == Op::state) {
      const std::string name = fmt::format("m{}", expression.memories.size());
      known[leaf] = graph.state(name, ElementType::f32, Shape{});
      expression.memories.push_back({.name = name});
      nexts.push_back(next_of(leaf));
    } else if (const double number = node.constant_value(); is_structural(number)) {
      known[leaf] = graph.constant(number);
    } else {
      known[leaf] = graph.scalar(fmt::format("c{}", expression.constants.size()));
      expression.constants.push_back(number);
    }
  }
  ReadingOrderCopy order(graph_, graph, known);
  expression.value = order.copy(value);
  for (std::size_t i = 0; i < nexts.size(); ++i) expression.memories[i].next = order.copy(nexts[i]);
  expression.text = print_expression(expression);
  return expression;
}

}  // namespace astrolabe
