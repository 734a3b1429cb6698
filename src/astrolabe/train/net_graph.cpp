// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/train/net_graph.h"

#include <algorithm>
#include <array>
#include <numbers>

#include <fmt/format.h>

#include "astrolabe/base/error.h"
#include "astrolabe/train/picture_graph.h"

namespace astrolabe {
namespace {

constexpr double kNormEpsilon = 1e-5;
constexpr double kRunningShare = 0.1;  // of the newest batch in the running statistics

class NetPlacer {
 public:
  NetPlacer(Graph& graph, const NetSpec& net, const ParameterLayout& layout, const NetInputs& inputs)
      : graph_(graph), net_(net), layout_(layout), inputs_(inputs) {
    nodes_.w = graph.state("w", ElementType::f32, Shape{layout.size});
    if (layout.running_size > 0)
      nodes_.running = graph.state("running", ElementType::f32, Shape{layout.running_size});
    for (const Parameter& parameter : layout.parameters)
      nodes_.parameters.push_back(view_of(graph, nodes_.w, parameter.offset, parameter.shape));
  }

  NetNodes place() {
    NodeId h = input();
    for (std::size_t i = 0; i < net_.hidden_blocks(); ++i) {
      const std::string name = fmt::format("b{}", i);
      if (net_.architecture.blocks[i].is_residual) {
        const NodeId inner = activate(dense(normalise(h, name), name + ".w", name + ".b"), name);
        h = graph_.add(h, dense(inner, name + ".w1", name + ".b1"));
      } else {
        h = normalise(dense(h, name + ".w", name + ".b"), name);
        h = activate(inputs_.added.empty() ? h : graph_.add(h, inputs_.added.at(i)), name);
      }
    }
    nodes_.z = h == kNoNode ? spread_rows("out.b") : dense(h, "out.w", "out.b");
    if (!running_pieces_.empty()) nodes_.next_running = join_aligned(graph_, running_pieces_);
    return std::move(nodes_);
  }

 private:
  [[nodiscard]] std::size_t index_of(std::string_view name) const {
    return static_cast<std::size_t>(&layout_.find(name) - layout_.parameters.data());
  }

  NodeId parameter(std::string_view name) { return nodes_.parameters[index_of(name)]; }

  // A row of numbers for every row.
  NodeId spread_rows(std::string_view name) { return spread_rows(name, inputs_.rows); }
  NodeId spread_rows(std::string_view name, std::size_t rows) {
    const NodeId spread = graph_.broadcast_rows(parameter(name), rows);
    nodes_.uses.push_back({.parameter = index_of(name), .spread = spread});
    return spread;
  }

  NodeId number(double value) { return graph_.constant(value); }

  // What the first layer reads; kNoNode when there is nothing.
  NodeId input() {
    std::vector<NodeId> parts;
    if (net_.numbers > 0) parts.push_back(inputs_.x);
    if (net_.embedded > 0 && net_.embedding == NumericEmbedding::periodic) parts.push_back(periodic());
    if (net_.embedded > 0 && net_.embedding == NumericEmbedding::piecewise_linear)
      parts.push_back(piecewise_linear());
    for (std::size_t i = 0; i < net_.categories.size(); ++i) {
      // Tables are wide and vectors small, and what flows back to a table are rows of their own.
      const std::string table = fmt::format("category{}", i);
      const NodeId taken = graph_.take(parameter(table), inputs_.codes[i]);
      nodes_.uses.push_back({.parameter = index_of(table), .spread = taken, .codes = inputs_.codes[i]});
      nodes_.embedded.push_back(graph_.multiply(taken, number(kEmbeddingScale)));
      parts.push_back(nodes_.embedded.back());
    }
    if (net_.trunk.is_there()) parts.push_back(features_of_pictures());
    return parts.empty() ? kNoNode : graph_.concat(parts, 1);
  }

  NodeId features_of_pictures() {
    const NodeId features = place_trunk(
        graph_, net_.trunk, inputs_.pictures,
        {.parameter = [this](std::string_view name) { return parameter(name); },
         .spread = [this](std::string_view name, std::size_t places) { return spread_rows(name, places); },
         .over_rows = [this](NodeId h) { return over_rows(h); },
         .activate = [this](NodeId h, const std::string& name) { return apply_activation(h, name); },
         .filtered =
             [this](std::string_view filters, NodeId reads, NodeId answers, const ConvolveShape& how) {
               nodes_.convolutions.push_back(
                   {.filters = index_of(filters), .reads = reads, .answers = answers, .how = how});
             }});
    return inputs_.is_training && net_.drops ? drop(features) : features;
  }

  NodeId embedded_numbers() {
    constexpr std::array<std::size_t, 2> kBegin{0, 0};
    return graph_.slice(inputs_.x, kBegin, Shape{inputs_.rows, net_.embedded});
  }

  // cos(2 pi (x frequency + phase)), mixed down per number.
  NodeId periodic() {
    const std::size_t rows = inputs_.rows, numbers = net_.embedded;
    const Shape wide{numbers, rows, kFrequencies};
    const auto per_number = [&](NodeId table, std::size_t width) {
      return graph_.expand(graph_.reshape(table, Shape{numbers, 1, width}), Shape{numbers, rows, width});
    };
    const NodeId x =
        graph_.expand(graph_.reshape(graph_.swap_last(embedded_numbers()), Shape{numbers, rows, 1}), wide);
    const NodeId turns =
        graph_.add(graph_.multiply(x, per_number(parameter("periodic.frequency"), kFrequencies)),
                   per_number(parameter("periodic.phase"), kFrequencies));
    const NodeId waves = graph_.math("cos", graph_.multiply(turns, number(2 * std::numbers::pi)));
    const NodeId mixed = graph_.add(graph_.dot(waves, parameter("periodic.mix")),
                                    per_number(parameter("periodic.bias"), kPeriodicOutputs));
    constexpr std::array<std::size_t, 3> kRowsFirst{1, 0, 2};
    return graph_.reshape(graph_.permute(mixed, kRowsFirst), Shape{rows, numbers * kPeriodicOutputs});
  }

  // How far x is through each bin, 0 to 1.
  NodeId piecewise_linear() {
    const std::size_t rows = inputs_.rows, numbers = net_.embedded, bins = net_.bins;
    const Shape wide{rows, numbers, bins};
    const auto per_bin = [&](std::string_view name) {
      const NodeId table = graph_.input(name, ElementType::f32, Shape{numbers, bins});
      return graph_.expand(graph_.reshape(table, Shape{1, numbers, bins}), wide);
    };
    const NodeId x = graph_.expand(graph_.reshape(embedded_numbers(), Shape{rows, numbers, 1}), wide);
    const NodeId place = graph_.multiply(graph_.subtract(x, per_bin("bin_low")), per_bin("bin_scale"));
    const NodeId inside = graph_.minimum(graph_.maximum(place, number(0)), number(1));
    return graph_.reshape(inside, Shape{rows, numbers * bins});
  }

  NodeId dense(NodeId h, std::string_view weight, std::string_view bias) {
    const NodeId product = graph_.dot(h, parameter(weight));
    const NodeId sum = graph_.add(product, spread_rows(bias));
    nodes_.uses.back().matrix = index_of(weight);
    nodes_.uses.back().reads = h;
    return sum;
  }

  NodeId activate(NodeId h, const std::string& name) {
    const NodeId value = apply_activation(h, name);
    return inputs_.is_training && net_.drops ? drop(value) : value;
  }

  NodeId apply_activation(NodeId h, const std::string& name) {
    auto leaves = constant_leaves(graph_, net_.activation, "activation");
    leaves["x"] = h;
    for (const Expression::Trainable& constant : net_.activation.trainables)
      leaves[constant.name] = everywhere(name + "." + constant.name, graph_.shape(h));
    NodeId value = astrolabe::place(net_.activation, graph_, leaves).value;
    // A constant is a legal activation, if a useless one.
    if (graph_.shape(value).rank() == 0)
      value = graph_.expand(graph_.reshape(value, Shape{1, 1}), graph_.shape(h));
    nodes_.before.push_back(h);
    nodes_.after.push_back(value);
    return value;
  }

  // One number for all rows and units, row by row: its gradient is then summed over rows first.
  NodeId everywhere(const std::string& constant, const Shape& shape) {
    const NodeId row = graph_.reshape(parameter(constant), Shape{1, 1});
    const NodeId spread = graph_.expand(graph_.expand(row, Shape{1, shape[1]}), shape);
    // Edges of a cell share a constant.
    const bool is_known = std::ranges::find(nodes_.uses, spread, &ParameterUse::spread) != nodes_.uses.end();
    if (!is_known) nodes_.uses.push_back({.parameter = index_of(constant), .spread = spread});
    return spread;
  }

  NodeId drop(NodeId h) {
    const NodeId rate = graph_.scalar("dropout");
    const NodeId random = graph_.bits(inputs_.key, graph_.shape(h), dropouts_++);
    const NodeId high = graph_.binary(Op::shift_right, random, graph_.constant(8, ElementType::u32));
    const NodeId uniform = graph_.multiply(graph_.cast(high, ElementType::f32), number(0x1p-24));
    const NodeId kept = graph_.divide(h, graph_.subtract(number(1), rate));
    return graph_.select(graph_.less(uniform, rate), number(0), kept);
  }

  NodeId normalise(NodeId h, const std::string& name) {
    if (net_.normalization == Normalization::none) return h;
    const NodeId plain = net_.normalization == Normalization::layer ? over_columns(h) : over_rows(h);
    const NodeId scaled = graph_.multiply(plain, spread_rows(name + ".norm.scale"));
    return graph_.add(scaled, spread_rows(name + ".norm.shift"));
  }

  NodeId over_columns(NodeId h) {
    const std::size_t width = graph_.shape(h)[1];
    const auto mean_of = [&](NodeId values) {
      const NodeId mean = graph_.multiply(graph_.sum(values, {1}), number(1.0 / static_cast<double>(width)));
      return graph_.reshape(mean, Shape{inputs_.rows, 1});
    };
    const NodeId centred = graph_.subtract(h, graph_.expand(mean_of(h), graph_.shape(h)));
    const NodeId variance = mean_of(graph_.multiply(centred, centred));
    const NodeId deviation = graph_.math("sqrt", graph_.add(variance, number(kNormEpsilon)));
    return graph_.divide(centred, graph_.expand(deviation, graph_.shape(h)));
  }

  // Rows are those of the batch, or all places of all their pictures.
  NodeId over_rows(NodeId h) {
    const std::size_t rows = graph_.shape(h)[0], width = graph_.shape(h)[1];
    const auto rows_of = [&](NodeId row) { return graph_.broadcast_rows(row, rows); };
    const std::size_t offset = running_offset_;
    running_offset_ += 2 * aligned_floats(width);
    NodeId mean = view_of(graph_, nodes_.running, offset, Shape{width});
    NodeId variance = view_of(graph_, nodes_.running, offset + aligned_floats(width), Shape{width});
    NodeId centred = kNoNode;
    if (inputs_.is_training) {
      const NodeId share = number(1.0 / static_cast<double>(rows));
      const NodeId batch_mean = graph_.multiply(graph_.sum(h, {0}), share);
      centred = graph_.subtract(h, rows_of(batch_mean));
      const NodeId batch_variance =
          graph_.multiply(graph_.sum(graph_.multiply(centred, centred), {0}), share);
      const auto blend = [&](NodeId old, NodeId fresh) {
        return graph_.add(old, graph_.multiply(graph_.subtract(fresh, old), number(kRunningShare)));
      };
      running_pieces_.push_back(blend(mean, batch_mean));
      running_pieces_.push_back(blend(variance, batch_variance));
      variance = batch_variance;
    } else {
      centred = graph_.subtract(h, rows_of(mean));
    }
    const NodeId deviation = graph_.math("sqrt", graph_.add(variance, number(kNormEpsilon)));
    return graph_.divide(centred, rows_of(deviation));
  }

  Graph& graph_;
  const NetSpec& net_;
  const ParameterLayout& layout_;
  const NetInputs& inputs_;
  NetNodes nodes_;
  std::vector<NodeId> running_pieces_;
  std::size_t running_offset_ = 0;
  std::uint32_t dropouts_ = 0;
};

}  // namespace

NetNodes place_net(Graph& graph, const NetSpec& net, const ParameterLayout& layout, const NetInputs& inputs) {
  ASTROLABE_CHECK(inputs.codes.size() == net.categories.size(), "an index per category");
  ASTROLABE_CHECK(inputs.added.empty() || inputs.added.size() == net.hidden_blocks(), "one per block");
  return NetPlacer(graph, net, layout, inputs).place();
}

NodeId view_of(Graph& graph, NodeId state, std::size_t offset, const Shape& shape) {
  const std::array<std::size_t, 1> begin{offset};
  return graph.reshape(graph.slice(state, begin, Shape{shape.element_count()}), shape);
}

NodeId join_aligned(Graph& graph, std::span<const NodeId> pieces) {
  std::vector<NodeId> parts;
  for (const NodeId piece : pieces) {
    const std::size_t count = graph.shape(piece).element_count();
    parts.push_back(graph.reshape(piece, Shape{count}));
    if (const std::size_t gap = aligned_floats(count) - count; gap > 0)
      parts.push_back(graph.expand(graph.reshape(graph.constant(0), Shape{1}), Shape{gap}));
  }
  return graph.concat(parts, 0);
}

std::unordered_map<std::string, NodeId> constant_leaves(Graph& graph, const Expression& expression,
                                                        std::string_view prefix) {
  std::unordered_map<std::string, NodeId> leaves;
  for (std::size_t i = 0; i < expression.constants.size(); ++i)
    leaves[fmt::format("c{}", i)] = graph.scalar(fmt::format("{}.c{}", prefix, i));
  return leaves;
}

}  // namespace astrolabe
