// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/system/node_surgery.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <set>

#include <fmt/format.h>

#include "astrolabe/base/error.h"
#include "astrolabe/parts/catalog.h"
#include "astrolabe/stats/distribution.h"
#include "astrolabe/system/equivalence.h"

namespace astrolabe {
namespace {

constexpr std::size_t kSamples = 31;      // of a mean
constexpr std::string_view kPlace = "@";  // of what is put in; no name of the language

std::string_view variable_of(Vocabulary slot) {
  switch (slot) {
    case Vocabulary::activation:
      return "x";
    case Vocabulary::loss:
      return "z";
    case Vocabulary::optimizer:
      return "g";
    case Vocabulary::schedule:
      break;
  }
  return "t";
}

// A formula whose nodes are looked at; what lies inside of a memory is not.
class Patient {
 public:
  explicit Patient(Expression expression) : expression_(std::move(expression)) {
    for (const Expression::Memory& memory : expression_.memories) find_memory(memory);
    for (const NodeId id : reachable(graph(), roots()))
      if (!inside_.contains(id)) nodes_.push_back(id);
    std::ranges::reverse(nodes_);  // readers before what they read
  }

  [[nodiscard]] const Graph& graph() const { return expression_.graph; }
  [[nodiscard]] const std::vector<NodeId>& nodes() const { return nodes_; }
  [[nodiscard]] const Expression& expression() const { return expression_; }

  [[nodiscard]] std::string text_of(NodeId node) const {
    Expression part = expression_;
    part.value = node;
    return print_expression(part);
  }

  // What may take the place of a node: inputs of its type, of a memory what it remembers.
  [[nodiscard]] std::vector<NodeId> inputs_of(NodeId node) const {
    for (const auto& [id, remembered] : remembered_)
      if (id == node) return {remembered};
    std::vector<NodeId> inputs;
    for (const NodeId input : graph().inputs(node))
      if (graph().type(input) == graph().type(node)) inputs.push_back(input);
    return inputs;
  }

  [[nodiscard]] bool holds(NodeId node, std::string_view variable) const {
    return std::ranges::any_of(reachable(graph(), std::array{node}), [&](NodeId id) {
      if (graph()[id].op != Op::input) return false;
      const std::string& name = graph().slot_of(id).name;
      // log(p) and log(1-p) are leaves of a loss.
      return name == variable || (variable == "z" && (name == "p" || name == "log_p" || name == "log_1_p"));
    });
  }

  // A node alone, with a baseline's text where that input of it was.
  [[nodiscard]] std::string around(NodeId node, NodeId input, std::string_view inner) const {
    Expression changed = expression_;
    changed.graph = Graph();
    std::unordered_map<NodeId, NodeId> known;
    const NodeId place = changed.graph.input(kPlace, graph().type(input), Shape{});
    if (is_memory(node)) {  // what it remembers lies deeper, and nowhere else
      known[input] = place;
      changed.value = copy_into(graph(), std::array{node}, changed.graph, known)[0];
    }
    const std::vector<NodeId> copies = copy_into(graph(), roots(), changed.graph, known);
    for (std::size_t i = 0; i < changed.memories.size(); ++i) changed.memories[i].next = copies[i + 1];
    if (!is_memory(node)) changed.value = reading(node, input, place, changed.graph, known);
    std::string text = print_expression(changed);
    const std::size_t at = text.find(kPlace);
    return text.replace(at, kPlace.size(), fmt::format("({})", inner));
  }

  // The formula with what `make` puts into its copy in the place of a node.
  template <class Make>
  [[nodiscard]] std::string replaced(NodeId node, const Make& make) const {
    Expression changed = expression_;
    changed.graph = Graph();
    std::unordered_map<NodeId, NodeId> known;
    const NodeId instead = make(changed.graph, known);
    known[node] = instead;
    const std::vector<NodeId> copies = copy_into(graph(), roots(), changed.graph, known);
    changed.value = copies[0];
    for (std::size_t i = 0; i < changed.memories.size(); ++i) changed.memories[i].next = copies[i + 1];
    return print_expression(changed);
  }

 private:
  [[nodiscard]] std::vector<NodeId> roots() const {
    std::vector<NodeId> roots = {expression_.value};
    for (const Expression::Memory& memory : expression_.memories) roots.push_back(memory.next);
    return roots;
  }

  [[nodiscard]] bool is_memory(NodeId node) const {
    return std::ranges::any_of(remembered_, [&](const auto& memory) { return memory.first == node; });
  }

  // A copy of the node that reads `place` where it read `input` for the first time.
  [[nodiscard]] NodeId reading(NodeId node, NodeId input, NodeId place, Graph& to,
                               std::unordered_map<NodeId, NodeId>& known) const {
    const Node& one = graph()[node];
    NodeDraft draft{
        .op = one.op, .inputs = {}, .attributes = one.attributes, .wanted = {one.type, one.shape}};
    bool is_placed = false;
    for (const NodeId id : graph().inputs(node)) {
      const bool is_here = id == input && !is_placed;
      is_placed = is_placed || is_here;
      draft.inputs.push_back(is_here ? place : copy_into(graph(), std::array{id}, to, known)[0]);
    }
    return to.append(draft);
  }

  [[nodiscard]] bool reads(NodeId node, const std::string& state) const {
    return std::ranges::any_of(reachable(graph(), std::array{node}), [&](NodeId id) {
      return graph()[id].op == Op::state && graph().slot_of(id).name == state;
    });
  }

  // The shapes of ExpressionBuilder: ema is e*(1-b)+b*m, trace e+a*m, sum e+m; prev is the state itself.
  void find_memory(const Expression::Memory& memory) {
    const NodeId next = memory.next;
    if (!reads(next, memory.name)) {
      for (const NodeId id : reachable(graph(), roots()))
        if (graph()[id].op == Op::state && graph().slot_of(id).name == memory.name)
          remembered_.emplace_back(id, next);
      return;
    }
    const NodeId left = graph().input_of(next, 0), right = graph().input_of(next, 1);
    NodeId remembered = left;
    for (const NodeId id : reachable(graph(), std::array{right}))
      if (graph()[id].op == Op::state || reads(id, memory.name)) inside_.insert(id);
    const bool is_weighed = graph()[left].op == Op::multiply && graph()[right].op == Op::multiply;
    const NodeId share = is_weighed ? graph().input_of(left, 1) : kNoNode;
    const bool is_mean = is_weighed && graph()[share].op == Op::subtract &&
                         graph().input_of(share, 1) == graph().input_of(right, 0);
    if (is_mean) {
      remembered = graph().input_of(left, 0);
      inside_.insert(left);
      inside_.insert(share);
    }
    remembered_.emplace_back(next, remembered);
  }

  Expression expression_;
  std::vector<std::pair<NodeId, NodeId>> remembered_;  // memory, what it remembers
  std::set<NodeId> inside_;
  std::vector<NodeId> nodes_;
};

// Changes that are new functions and can learn something.
class Kept {
 public:
  explicit Kept(Vocabulary slot) : slot_(slot) {}
  void know(std::string_view text) { keys_.insert(function_key(slot_, text).key); }

  template <class Write>
  void add(const std::string& node, std::string instead, const Write& write) {
    try {
      std::string text = write();
      const FunctionKey key = function_key(slot_, text);
      if (key.fault || !keys_.insert(key.key).second) return;
      (void)resolve_part(slot_, text);  // what it refuses, nothing can train
      kept_.push_back({.node = node, .instead = std::move(instead), .text = std::move(text)});
    } catch (const Error&) {
      return;  // has no text in the language
    }
  }
  [[nodiscard]] std::vector<Surgery> take() { return std::move(kept_); }

 private:
  Vocabulary slot_;
  std::set<std::string> keys_;
  std::vector<Surgery> kept_;
};

// What a node is on average: of a standard normal input, over a training; elsewhere 1.
std::optional<double> mean_of(const Patient& patient, Vocabulary slot, NodeId node) {
  if (slot != Vocabulary::activation && slot != Vocabulary::schedule) return 1.0;
  Expression part = patient.expression();
  part.value = node;
  double sum = 0;
  for (std::size_t i = 0; i < kSamples; ++i) {
    const double share = (static_cast<double>(i) + 0.5) / kSamples;
    const double at = slot == Vocabulary::activation ? normal_quantile(share) : share;
    sum += evaluate_expression(part, {{"x", at}, {"t", at}, {"k", 1 + std::round(1000 * at)}});
  }
  const double mean = sum / kSamples;
  if (!std::isfinite(mean)) return std::nullopt;
  return std::stod(fmt::format("{:.3g}", mean));
}

void cut_operation(const Patient& patient, Vocabulary slot, NodeId node, Kept& kept) {
  const Graph& graph = patient.graph();
  const std::string name = patient.text_of(node);
  const std::string variable(variable_of(slot));
  for (const NodeId input : patient.inputs_of(node))
    kept.add(name, patient.text_of(input), [&] {
      return patient.replaced(node, [&](Graph& to, std::unordered_map<NodeId, NodeId>& known) {
        return copy_into(graph, std::array{input}, to, known)[0];
      });
    });
  kept.add(name, variable, [&] {
    return patient.replaced(node, [&](Graph& to, std::unordered_map<NodeId, NodeId>&) {
      return to.input(variable, ElementType::f32, Shape{});
    });
  });
  const std::optional<double> mean = mean_of(patient, slot, node);
  if (!mean) return;
  kept.add(name, *mean == 1 ? "1" : fmt::format("its mean, {}", *mean), [&] {
    return patient.replaced(
        node, [&](Graph& to, std::unordered_map<NodeId, NodeId>&) { return to.constant(*mean); });
  });
}

bool is_operation(const Graph& graph, NodeId node) {
  const Op op = graph[node].op;
  return !is_slot(op) && op != Op::constant && graph.type(node) == ElementType::f32;
}

}  // namespace

std::vector<Surgery> knock_outs(Vocabulary slot, std::string_view text) {
  const Patient patient(resolve_part(slot, text).expression);
  Kept kept(slot);
  kept.know(text);
  for (const NodeId node : patient.nodes()) {
    const Op op = patient.graph()[node].op;
    if (op == Op::scalar) {
      kept.add(patient.text_of(node), "1", [&] {
        return patient.replaced(
            node, [](Graph& to, std::unordered_map<NodeId, NodeId>&) { return to.constant(1); });
      });
    } else if (op == Op::state || is_operation(patient.graph(), node)) {
      cut_operation(patient, slot, node, kept);
    }
  }
  return kept.take();
}

std::vector<Surgery> knock_ins(Vocabulary slot, std::string_view text, std::string_view baseline) {
  const Patient patient(resolve_part(slot, text).expression);
  const std::string inner = resolve_part(slot, baseline).expression.text;
  const std::string_view variable = variable_of(slot);
  Kept kept(slot);
  kept.know(text);
  kept.know(baseline);
  for (const NodeId node : patient.nodes()) {
    if (!is_operation(patient.graph(), node)) continue;
    const std::vector<NodeId> inputs = patient.inputs_of(node);
    const auto place = std::ranges::find_if(inputs, [&](NodeId id) { return patient.holds(id, variable); });
    if (place == inputs.end()) continue;
    // By text: the baseline may have memories of its own, which a graph would have to be renamed for.
    kept.add(patient.text_of(node), std::string(baseline),
             [&] { return patient.around(node, *place, inner); });
  }
  return kept.take();
}

std::vector<std::string> familiar_parts(Vocabulary slot, std::string_view text, std::size_t most) {
  constexpr std::array<std::array<std::string_view, 4>, 4> kFamiliar = {
      {{"relu", "tanh", "silu", "gelu"},
       {"", "", "", ""},
       {"sgd", "adam", "rmsprop", "lion"},
       {"constant", "linear", "cosine", ""}}};
  const ResolvedPart own = resolve_part(slot, text);
  std::vector<std::string_view> names;
  for (const std::string_view name : kFamiliar.at(static_cast<std::size_t>(slot)))
    if (find_part(slot, name) != nullptr) names.push_back(name);
  if (slot == Vocabulary::loss)
    for (const PartRow& row : parts_of(slot)) names.push_back(row.name);
  const std::string key = function_key(slot, text).key;
  std::vector<std::string> familiar;
  for (const std::string_view name : names) {
    if (familiar.size() == most) break;
    const ResolvedPart part = resolve_part(slot, name);
    if (slot == Vocabulary::loss && suits_classes(part) != suits_classes(own)) continue;
    if (function_key(slot, name).key != key) familiar.emplace_back(name);
  }
  return familiar;
}

}  // namespace astrolabe
