// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/search/controller_programs.h"

#include <algorithm>
#include <array>
#include <span>
#include <string>
#include <unordered_map>

#include "astrolabe/graph/expression.h"
#include "astrolabe/graph/gradient.h"
#include "astrolabe/train/net_graph.h"

namespace astrolabe {
namespace {

constexpr double kSpread = 0.08;      // of initial weights, as in Zoph and Le 2017
constexpr float kNeverDrawn = -1e9F;  // added to a logit
// A memory of gradients that is shorter than usual: the policy changes with every few trials.
constexpr const char* kAdam = "lr/(1-0.9^k)*(ema(g,0.9)/(sqrt(ema(g*g,0.99))*(1-0.99^k)^-0.5+1e-8))";

// Where the tensors of a policy lie in w: vectors of all tokens, what the hidden state meets, its bias, and a
// head with its bias for each decision. No gaps, so that those of all decisions are one matrix for the cell.
struct PolicyLayout {
  std::size_t vectors = 0, recurrent = 0, gate_bias = 0, heads = 0, head_bias = 0, size = 0;
  std::size_t gates, head, options;  // widths: of a vector, of a head, of its bias

  explicit PolicyLayout(const PolicyShape& shape)
      : gates(3 * shape.hidden), head(shape.hidden * shape.most_options()), options(shape.most_options()) {
    recurrent = vectors + shape.tokens() * gates;
    gate_bias = recurrent + shape.hidden * gates;
    heads = gate_bias + gates;
    head_bias = heads + shape.decisions() * head;
    size = head_bias + shape.decisions() * options;
  }
};

// What every decision shares.
struct Cell {
  NodeId recurrent = kNoNode;  // [hidden, gates]
  NodeId bias = kNoNode;       // [gates]
};

Cell place_cell(Graph& graph, NodeId w, const PolicyLayout& layout, const PolicyShape& shape) {
  return {.recurrent = view_of(graph, w, layout.recurrent, Shape{shape.hidden, layout.gates}),
          .bias = view_of(graph, w, layout.gate_bias, Shape{layout.gates})};
}

NodeId place_weights(Graph& graph, const PolicyLayout& layout) {
  return graph.state("w", ElementType::f32, Shape{layout.size});
}

NodeId columns(Graph& graph, NodeId matrix, std::size_t begin, std::size_t count) {
  const std::array<std::size_t, 2> first{0, begin};
  return graph.slice(matrix, first, Shape{graph.shape(matrix)[0], count});
}

NodeId rows_from(Graph& graph, NodeId matrix, std::size_t begin, std::size_t count) {
  const std::array<std::size_t, 2> first{begin, 0};
  return graph.slice(matrix, first, Shape{count, graph.shape(matrix)[1]});
}

// x [rows, 3 hidden]: what the cell reads; h [rows, hidden], or kNoNode for zero. Gates: update, reset, new.
NodeId next_hidden(Graph& graph, const Cell& cell, NodeId x, NodeId h) {
  const std::size_t rows = graph.shape(x)[0], hidden = graph.shape(x)[1] / 3;
  NodeId from_h = graph.broadcast_rows(cell.bias, rows);
  if (h != kNoNode) from_h = graph.add(graph.dot(h, cell.recurrent), from_h);
  const auto gate = [&](std::size_t i) {
    return graph.math("sigmoid", graph.add(columns(graph, x, i * hidden, hidden),
                                           columns(graph, from_h, i * hidden, hidden)));
  };
  const NodeId update = gate(0), reset = gate(1);
  const NodeId fresh =
      graph.math("tanh", graph.add(columns(graph, x, 2 * hidden, hidden),
                                   graph.multiply(reset, columns(graph, from_h, 2 * hidden, hidden))));
  if (h == kNoNode) return graph.subtract(fresh, graph.multiply(update, fresh));
  return graph.add(fresh, graph.multiply(update, graph.subtract(h, fresh)));
}

// [rows, n] of [rows]: each value over its row.
NodeId along_row(Graph& graph, NodeId values, const Shape& shape) {
  return graph.expand(graph.reshape(values, Shape{shape[0], 1}), shape);
}

NodeId maximum_of_rows(Graph& graph, NodeId z) {
  const std::array<std::size_t, 1> axis{1};
  return graph.reduce(ReduceKind::maximum, z, axis);
}

// Logits of one decision: head [hidden, options] as it lies in w, bias and mask [options].
NodeId logits(Graph& graph, NodeId h, NodeId head, NodeId bias, NodeId mask) {
  const std::size_t rows = graph.shape(h)[0], hidden = graph.shape(h)[1];
  const std::size_t options = graph.shape(head).element_count() / hidden;
  const NodeId shift = graph.add(graph.reshape(bias, Shape{options}), graph.reshape(mask, Shape{options}));
  return graph.add(graph.dot(h, graph.reshape(head, Shape{hidden, options})),
                   graph.broadcast_rows(shift, rows));
}

// Whole sequences in a graph. Every decision has views of its own, so that what flows back to them is as
// large as they are, and not as all of w.
struct Sequences {
  std::vector<NodeId> chosen;   // per decision, f32 [rows]: logarithm of the chance of what was chosen
  std::vector<NodeId> entropy;  // per decision, f32 [rows]
  std::vector<NodeId> pieces;   // views that w consists of, in order
};

struct SequenceInputs {
  NodeId mask = kNoNode, tokens = kNoNode, chosen = kNoNode;
};

// Adds one decision to `sequences`: z [rows, options].
void add_decision(Graph& graph, NodeId z, NodeId is_chosen, Sequences& sequences) {
  const Shape& shape = graph.shape(z);
  const NodeId below = graph.subtract(z, along_row(graph, maximum_of_rows(graph, z), shape));
  const NodeId chance = graph.math("exp", below);
  const NodeId sum = graph.sum(chance, {1});
  const NodeId log_sum = graph.math("log", sum);
  const NodeId log_chance = graph.subtract(below, along_row(graph, log_sum, shape));
  sequences.chosen.push_back(graph.sum(graph.multiply(is_chosen, log_chance), {1}));
  // -sum p log p = log sum - sum (below e^below) / sum
  const NodeId mean = graph.divide(graph.sum(graph.multiply(chance, below), {1}), sum);
  sequences.entropy.push_back(graph.subtract(log_sum, mean));
}

Sequences place_sequences(Graph& graph, const PolicyShape& shape, NodeId w, const SequenceInputs& inputs) {
  const PolicyLayout layout(shape);
  const Cell cell = place_cell(graph, w, layout, shape);
  const std::size_t rows = graph.shape(inputs.tokens)[1];
  Sequences sequences;
  std::vector<NodeId> heads, biases;
  NodeId h = kNoNode;
  for (std::size_t d = 0; d < shape.decisions(); ++d) {
    const std::size_t first = first_token(shape, d), count = first_token(shape, d + 1) - first;
    sequences.pieces.push_back(
        view_of(graph, w, layout.vectors + first * layout.gates, Shape{count, layout.gates}));
    heads.push_back(view_of(graph, w, layout.heads + d * layout.head, Shape{layout.head}));
    biases.push_back(view_of(graph, w, layout.head_bias + d * layout.options, Shape{layout.options}));
    const NodeId tokens = graph.reshape(rows_from(graph, inputs.tokens, d, 1), Shape{rows});
    h = next_hidden(graph, cell, graph.take(sequences.pieces.back(), tokens), h);
    const NodeId z = logits(graph, h, heads.back(), biases.back(), rows_from(graph, inputs.mask, d, 1));
    const std::array<std::size_t, 3> begin{d, 0, 0};
    const NodeId is_chosen = graph.reshape(graph.slice(inputs.chosen, begin, Shape{1, rows, layout.options}),
                                           Shape{rows, layout.options});
    add_decision(graph, z, is_chosen, sequences);
  }
  sequences.pieces.insert(sequences.pieces.end(), {cell.recurrent, cell.bias});
  sequences.pieces.insert(sequences.pieces.end(), heads.begin(), heads.end());
  sequences.pieces.insert(sequences.pieces.end(), biases.begin(), biases.end());
  return sequences;
}

// d objective / d w.
NodeId slope_of(Graph& graph, NodeId objective, std::span<const NodeId> pieces) {
  std::vector<NodeId> slopes = gradient(graph, objective, pieces);
  for (NodeId& slope : slopes) slope = graph.reshape(slope, Shape{graph.shape(slope).element_count()});
  return graph.concat(slopes, 0);
}

SequenceInputs sequence_inputs(Graph& graph, const PolicyShape& shape, std::size_t rows) {
  const std::size_t decisions = shape.decisions(), options = shape.most_options();
  return {.mask = graph.input("mask", ElementType::f32, Shape{decisions, options}),
          .tokens = graph.input("tokens", ElementType::i32, Shape{decisions, rows}),
          .chosen = graph.input("chosen", ElementType::f32, Shape{decisions, rows, options})};
}

NodeId stacked(Graph& graph, const std::vector<NodeId>& rows) {
  std::vector<NodeId> parts;
  for (const NodeId row : rows) parts.push_back(graph.reshape(row, Shape{1, graph.shape(row)[0]}));
  return graph.concat(parts, 0);
}

void add_adam(Program& program, NodeId w, NodeId g) {
  static const Expression kOptimizer = parse_expression(Vocabulary::optimizer, kAdam);
  Graph& graph = program.graph;
  std::unordered_map<std::string, NodeId> leaves = {
      {"g", g}, {"w", w}, {"lr", graph.scalar("lr")}, {"k", graph.scalar("k")}};
  for (std::size_t i = 0; i < kOptimizer.constants.size(); ++i)
    leaves["c" + std::to_string(i)] = graph.constant(kOptimizer.constants[i]);
  std::vector<NodeId> memories;
  for (const Expression::Memory& memory : kOptimizer.memories) {
    memories.push_back(graph.state(memory.name, ElementType::f32, graph.shape(w)));
    leaves[memory.name] = memories.back();
  }
  const Placed placed = place(kOptimizer, graph, leaves);
  program.updates.push_back({w, graph.subtract(w, placed.value)});
  for (std::size_t i = 0; i < memories.size(); ++i) program.updates.push_back({memories[i], placed.next[i]});
}

}  // namespace

std::size_t PolicyShape::most_options() const {
  return options.empty() ? 1 : *std::ranges::max_element(options);
}

std::size_t first_token(const PolicyShape& shape, std::size_t d) {
  std::size_t first = 0;
  for (std::size_t i = 0; i < d; ++i) first += i == 0 ? 1 : shape.options[i - 1] + 1;
  return first;
}

std::size_t PolicyShape::tokens() const {
  return first_token(*this, decisions());
}

std::int32_t token_before(const PolicyShape& shape, std::size_t d, std::int32_t choice_before) {
  if (d == 0) return 0;
  return choice_before == kNotDecided ? static_cast<std::int32_t>(shape.options[d - 1]) : choice_before;
}

std::size_t policy_size(const PolicyShape& shape) {
  return PolicyLayout(shape).size;
}

std::vector<float> initial_policy(const PolicyShape& shape, Key key) {
  const PolicyLayout layout(shape);
  std::vector<float> w(layout.size, 0.0F);
  RandomStream random(key);
  for (std::size_t i = 0; i < layout.gate_bias; ++i)
    w[i] = static_cast<float>((2 * random.uniform() - 1) * kSpread);
  return w;
}

std::vector<float> option_mask(const PolicyShape& shape) {
  const std::size_t most = shape.most_options();
  std::vector<float> mask(shape.decisions() * most, kNeverDrawn);
  for (std::size_t d = 0; d < shape.decisions(); ++d)
    for (std::size_t i = 0; i < shape.options[d]; ++i) mask[d * most + i] = 0;
  return mask;
}

Program policy_cell_program(const PolicyShape& shape, std::size_t rows) {
  Program program;
  Graph& graph = program.graph;
  const PolicyLayout layout(shape);
  const NodeId w = place_weights(graph, layout);
  const auto all = [&](std::size_t offset, std::size_t count, std::size_t width) {
    return view_of(graph, w, offset, Shape{count, width});
  };
  const NodeId tokens = graph.input("tokens", ElementType::i32, Shape{rows});
  const NodeId decision = graph.input("decision", ElementType::i32, Shape{1});
  const NodeId mask = graph.input("mask", ElementType::f32, Shape{shape.decisions(), layout.options});
  const NodeId h = graph.state("h", ElementType::f32, Shape{rows, shape.hidden});
  const NodeId read = graph.take(all(layout.vectors, shape.tokens(), layout.gates), tokens);
  const NodeId next = next_hidden(graph, place_cell(graph, w, layout, shape), read, h);
  const NodeId z =
      logits(graph, next, graph.take(all(layout.heads, shape.decisions(), layout.head), decision),
             graph.take(all(layout.head_bias, shape.decisions(), layout.options), decision),
             graph.take(mask, decision));
  const NodeId chance =
      graph.math("exp", graph.subtract(z, along_row(graph, maximum_of_rows(graph, z), graph.shape(z))));
  program.outputs = {graph.divide(chance, along_row(graph, graph.sum(chance, {1}), graph.shape(chance)))};
  program.updates = {{h, next}};
  return program;
}

Program policy_likelihood_program(const PolicyShape& shape, std::size_t rows) {
  Program program;
  const NodeId w = place_weights(program.graph, PolicyLayout(shape));
  const SequenceInputs inputs = sequence_inputs(program.graph, shape, rows);
  program.outputs = {stacked(program.graph, place_sequences(program.graph, shape, w, inputs).chosen)};
  return program;
}

Program policy_step_program(const PolicyShape& shape, std::size_t rows) {
  Program program;
  Graph& graph = program.graph;
  const NodeId w = place_weights(graph, PolicyLayout(shape));
  const SequenceInputs inputs = sequence_inputs(graph, shape, rows);
  const Shape all{shape.decisions(), rows};
  const NodeId old = graph.input("old", ElementType::f32, all);
  const NodeId decided = graph.input("decided", ElementType::f32, all);
  const NodeId advantage =
      graph.broadcast_rows(graph.input("advantage", ElementType::f32, Shape{rows}), shape.decisions());
  const Sequences sequences = place_sequences(graph, shape, w, inputs);

  const NodeId one = graph.constant(1), clip = graph.scalar("clip");
  const NodeId ratio = graph.math("exp", graph.subtract(stacked(graph, sequences.chosen), old));
  const NodeId clipped = graph.minimum(graph.maximum(ratio, graph.subtract(one, clip)), graph.add(one, clip));
  const NodeId gain = graph.minimum(graph.multiply(ratio, advantage), graph.multiply(clipped, advantage));
  const NodeId entropy = graph.multiply(stacked(graph, sequences.entropy), decided);
  const NodeId share = graph.divide(one, graph.scalar("rows"));
  const NodeId mean_entropy = graph.multiply(graph.sum_all(entropy), share);
  const NodeId objective = graph.add(graph.multiply(graph.sum_all(graph.multiply(gain, decided)), share),
                                     graph.multiply(graph.scalar("entropy"), mean_entropy));
  program.outputs = {mean_entropy};
  add_adam(program, w, slope_of(graph, graph.negate(objective), sequences.pieces));
  return program;
}

}  // namespace astrolabe
