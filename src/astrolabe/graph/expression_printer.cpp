// SPDX-License-Identifier: Apache-2.0
// Graph to text. Every node is printed by the rule of the language that builds it, so reading the text again
// calls the same builders on the same nodes. Shapes that the builder makes of one word (powers, abs, sign,
// memories) are known again here and printed as that word.
#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <unordered_map>

#include <fmt/format.h>

#include "astrolabe/base/error.h"
#include "astrolabe/graph/expression.h"
#include "astrolabe/graph/math_table.h"
#include "astrolabe/graph/vocabulary.h"

namespace astrolabe {
namespace {

// How tightly a piece of text holds together.
enum class Binding : std::uint8_t { sum, product, minus, power, atom };

struct Fragment {
  std::string text;
  Binding binding = Binding::atom;
};

struct Power {
  NodeId base;
  int exponent;
};

constexpr int kMaxPrintedExponent = 16;

class ExpressionPrinter {
 public:
  explicit ExpressionPrinter(const Expression& expression)
      : expression_(expression), graph_(expression.graph) {}

  std::string print() { return fragment(expression_.value).text; }

 private:
  // The recursion is as deep as the graph: at most kMaxExpressionChain from the parser.
  const Fragment& fragment(NodeId id) {
    if (const auto known = fragments_.find(id); known != fragments_.end()) return known->second;
    Fragment made = make(id);
    check_size(made.text);
    return fragments_.emplace(id, std::move(made)).first->second;
  }

  void check_size(const std::string& text) const {
    std::size_t depth = 0;
    std::size_t deepest = 0;
    for (const char c : text) {
      if (c == '(') deepest = std::max(deepest, ++depth);
      if (c == ')') --depth;
    }
    if (text.size() <= kMaxExpressionText && deepest < kMaxExpressionDepth) return;
    throw usage_error(
        {.attempted = fmt::format("writing out the {}", vocabulary_name(expression_.vocabulary)),
         .expected = fmt::format("at most {} characters and {} parentheses inside one another",
                                 kMaxExpressionText, kMaxExpressionDepth),
         .found = "more",
         .remedy = "Shorten it; named parts count as what they stand for."});
  }

  // The text of a node inside one that needs at least that binding. A minus sign behind another sign is
  // legal, but nobody likes to read it.
  std::string inside(NodeId id, Binding least, bool is_right_side = false) {
    const Fragment& piece = fragment(id);
    const bool is_sign_behind_sign = is_right_side && piece.text.front() == '-';
    return piece.binding < least || is_sign_behind_sign ? "(" + piece.text + ")" : piece.text;
  }

  Fragment call(std::string_view name, std::initializer_list<NodeId> inputs) {
    std::string text(name);
    char before = '(';
    for (const NodeId input : inputs) {
      text += before;
      text += fragment(input).text;
      before = ',';
    }
    return {text + ')'};
  }

  Fragment binary(NodeId id, std::string_view sign, Binding binding, Binding least_right) {
    return {inside(graph_.input_of(id, 0), binding) + std::string(sign) +
                inside(graph_.input_of(id, 1), least_right, true),
            binding};
  }

  static Fragment number(double value) {
    return {fmt::format("{}", value), std::signbit(value) ? Binding::minus : Binding::atom};
  }

  Fragment leaf(NodeId id) {
    const Node& node = graph_[id];
    if (node.op == Op::constant) return number(node.constant_value());
    if (node.op == Op::scalar) return number(expression_.constants.at(scalar_index(id)));
    if (node.op == Op::state) return call("prev", {memory_of(id).next});
    const std::string& name = graph_.slot_of(id).name;
    if (expression_.vocabulary != Vocabulary::loss) return {name};
    return {name == "log_p" ? "log(p)" : name == "log_1_p" ? "log(1-p)" : name};
  }

  [[nodiscard]] std::size_t scalar_index(NodeId id) const {
    const std::string& name = graph_.slot_of(id).name;
    for (std::size_t i = 0; i < expression_.constants.size(); ++i)
      if (name == fmt::format("c{}", i)) return i;
    ASTROLABE_CHECK(false, "a scalar of an expression is one of its constants");
    return 0;
  }

  [[nodiscard]] const Expression::Memory& memory_of(NodeId state) const {
    const std::string& name = graph_.slot_of(state).name;
    for (const Expression::Memory& memory : expression_.memories)
      if (memory.name == name) return memory;
    ASTROLABE_CHECK(false, "a state of an expression is one of its memories");
    return expression_.memories.front();
  }

  [[nodiscard]] bool is_state_that_becomes(NodeId id, NodeId next) const {
    return graph_[id].op == Op::state && memory_of(id).next == next;
  }

  // ema: e*(1-beta) + beta*m. trace: e + a*m. sum: e + m. See ExpressionBuilder.
  std::optional<Fragment> memory(NodeId id) {
    const NodeId left = graph_.input_of(id, 0);
    const NodeId right = graph_.input_of(id, 1);
    if (is_state_that_becomes(right, id)) return call("sum", {left});
    if (graph_[right].op != Op::multiply || !is_state_that_becomes(graph_.input_of(right, 1), id))
      return std::nullopt;
    const NodeId factor = graph_.input_of(right, 0);
    if (graph_[left].op == Op::multiply) {
      const NodeId share = graph_.input_of(left, 1);
      if (graph_[share].op == Op::subtract && graph_.is_constant(graph_.input_of(share, 0), 1) &&
          graph_.input_of(share, 1) == factor)
        return call("ema", {graph_.input_of(left, 0), factor});
    }
    return call("trace", {left, factor});
  }

  // The shape of ExpressionBuilder::whole_power; any node is its own first power.
  [[nodiscard]] Power as_power(NodeId id) const {
    if (graph_[id].op != Op::multiply) return {id, 1};
    const NodeId left = graph_.input_of(id, 0);
    const NodeId right = graph_.input_of(id, 1);
    const Power root = as_power(left);
    if (left == right && 2 * root.exponent <= kMaxPrintedExponent) return {root.base, 2 * root.exponent};
    if (left == right) return {left, 2};
    if (root.base == right && root.exponent % 2 == 0 && root.exponent < kMaxPrintedExponent)
      return {right, root.exponent + 1};
    return {id, 1};
  }

  Fragment product(NodeId id) {
    const Power power = as_power(id);
    if (power.exponent > 1)
      return {fmt::format("{}^{}", inside(power.base, Binding::atom), power.exponent), Binding::power};
    return binary(id, "*", Binding::product, Binding::minus);
  }

  Fragment select(NodeId id) {
    const auto inputs = graph_.inputs(id);
    const Op comparison = graph_[inputs[0]].op;
    ASTROLABE_CHECK(comparison == Op::less || comparison == Op::equal, "where() asks a comparison");
    return {fmt::format("where({}{}{},{},{})", fragment(graph_.input_of(inputs[0], 0)).text,
                        comparison == Op::less ? "<" : "==", fragment(graph_.input_of(inputs[0], 1)).text,
                        fragment(inputs[1]).text, fragment(inputs[2]).text)};
  }

  Fragment make(NodeId id) {
    const Node& node = graph_[id];
    switch (node.op) {
      case Op::input:
      case Op::state:
      case Op::scalar:
      case Op::constant:
        return leaf(id);
      case Op::negate:
        return {"-" + inside(graph_.input_of(id, 0), Binding::power), Binding::minus};
      case Op::math:
        return call(math_rows()[static_cast<std::size_t>(node.attributes.value)].name,
                    {graph_.input_of(id, 0)});
      case Op::add:
        if (auto of_memory = memory(id)) return *of_memory;
        return binary(id, "+", Binding::sum, Binding::product);
      case Op::subtract:
        return binary(id, "-", Binding::sum, Binding::product);
      case Op::multiply:
        return product(id);
      case Op::divide:
        return binary(id, "/", Binding::product, Binding::minus);
      case Op::minimum:
        return call("min", {graph_.input_of(id, 0), graph_.input_of(id, 1)});
      case Op::maximum:
        return call("max", {graph_.input_of(id, 0), graph_.input_of(id, 1)});
      case Op::select:
        return select(id);
      default:
        ASTROLABE_CHECK(false, "an expression holds operations of the language");
    }
    return {};
  }

  const Expression& expression_;
  const Graph& graph_;
  std::unordered_map<NodeId, Fragment> fragments_;
};

}  // namespace

std::string print_expression(const Expression& expression) {
  return ExpressionPrinter(expression).print();
}

}  // namespace astrolabe
