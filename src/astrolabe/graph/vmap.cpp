// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/graph/vmap.h"

#include <algorithm>
#include <array>
#include <limits>

#include <fmt/format.h>

#include "astrolabe/base/error.h"
#include "astrolabe/graph/element_visit.h"
#include "astrolabe/graph/op.h"

namespace astrolabe {
namespace {

// `shape` with sizes put in front of what is left of it without its first `dropped` axes.
Shape with_front(std::initializer_list<std::size_t> front, const Shape& shape, std::size_t dropped = 0) {
  std::vector<std::size_t> dimensions(front);
  const auto rest = shape.dimensions().subspan(dropped);
  dimensions.insert(dimensions.end(), rest.begin(), rest.end());
  const auto result = Shape::from_untrusted(dimensions);
  if (result) return *result;
  throw usage_error({.attempted = "putting a batch axis in front of " + shape.to_text(),
                     .expected = fmt::format("{} axes or fewer, and elements that can be counted", kMaxRank),
                     .found = fmt::format("[{}]", fmt::join(dimensions, ", ")),
                     .remedy = "Make the batch smaller, or join axes first."});
}

class Batcher {
 public:
  Batcher(Graph& graph, std::size_t size, const std::unordered_map<NodeId, NodeId>& batched)
      : graph_(graph), size_(size), batched_(batched) {}

  [[nodiscard]] bool has_batch(NodeId id) const { return batched_.contains(id); }

  // The value with its batch axis, repeated when it does not depend on the batch.
  NodeId whole(NodeId id) {
    const auto known = batched_.find(id);
    if (known != batched_.end()) return known->second;
    const Shape shape = graph_.shape(id);
    const NodeId one = graph_.reshape(id, with_front({1}, shape));
    return graph_.expand(one, with_front({size_}, shape));
  }

  // A node some of whose inputs have the axis.
  void batch(NodeId id) {
    const Node node = graph_[id];
    const std::vector<NodeId> inputs(graph_.inputs(id).begin(), graph_.inputs(id).end());
    batched_[id] = [&] {
      switch (op_rule(node.op).batching) {
        case Batching::elementwise:
          return elementwise(node, inputs);
        case Batching::movement:
        case Batching::reduction:
          return shifted(node, inputs);
        case Batching::dot:
          return dot(node, inputs);
        case Batching::windows:
          return windows(node, inputs);
        case Batching::index:
          if (node.op == Op::bits) return bits(node, inputs[0]);
          return node.op == Op::take ? take(node, inputs) : add_at(node, inputs);
        case Batching::leaf:
          break;
      }
      ASTROLABE_CHECK(false, "a node with inputs is no leaf");
    }();
  }

 private:
  // The operation on other inputs, with the axis in front of its result.
  NodeId rebuilt(const Node& node, std::vector<NodeId> inputs, const Attributes& attributes) {
    return graph_.append({.op = node.op,
                          .inputs = std::move(inputs),
                          .attributes = attributes,
                          .wanted = {node.type, with_front({size_}, node.shape)}});
  }

  NodeId elementwise(const Node& node, std::vector<NodeId> inputs) {
    for (NodeId& input : inputs) {
      const bool is_number = graph_.shape(input).rank() == 0;
      if (is_number && !has_batch(input)) continue;  // goes with any shape, as before
      input = whole(input);
      if (is_number && node.shape.rank() > 0) {  // one number per member
        std::array<std::size_t, kMaxRank> ones{};
        ones.fill(1);
        const Shape aside = with_front({size_}, Shape(std::span(ones.data(), node.shape.rank())));
        input = graph_.expand(graph_.reshape(input, aside), with_front({size_}, node.shape));
      }
    }
    return rebuilt(node, std::move(inputs), node.attributes);
  }

  // Movement and reductions: what the attributes say of axis i, they say of axis i + 1 now; the batch axis
  // stays.
  NodeId shifted(const Node& node, std::vector<NodeId> inputs) {
    const std::size_t rank = graph_.shape(inputs[0]).rank();
    for (NodeId& input : inputs) input = whole(input);
    Attributes attributes = node.attributes;
    if (node.op == Op::concat) ++attributes.value;
    for (std::size_t i = rank; i-- > 0;) {
      attributes.first[i + 1] = node.attributes.first[i] + (node.op == Op::permute ? 1 : 0);
      attributes.second[i + 1] = node.attributes.second[i];
    }
    attributes.first[0] = 0;
    attributes.second[0] = node.op == Op::slice ? 1 : 0;
    return rebuilt(node, std::move(inputs), attributes);
  }

  NodeId dot(const Node& node, std::vector<NodeId> inputs) {
    // One matrix behind many is one product: the rows of all members one below the other. The same bytes, as
    // every element of a product is a chain of its own.
    const bool swap_a = node.attributes.first[0] != 0;
    if (!has_batch(inputs[1]) && !swap_a && node.shape.rank() == 2) {
      const Shape a = graph_.shape(inputs[0]);
      const NodeId rows = graph_.reshape(whole(inputs[0]), with_front({size_ * a[0]}, a, 1));
      const NodeId product = graph_.dot(rows, inputs[1], false, node.attributes.first[1] != 0);
      return graph_.reshape(product, with_front({size_}, node.shape));
    }
    for (NodeId& input : inputs) input = whole(input);
    return rebuilt(node, std::move(inputs), node.attributes);
  }

  NodeId windows(const Node& node, std::vector<NodeId> inputs) {
    // Filters that all members share see one longer batch of pictures, or of answers.
    if (node.op != Op::convolve_filters && !has_batch(inputs[1]) && node.shape.rank() == 4) {
      const Shape shape = graph_.shape(inputs[0]);
      const NodeId pictures = graph_.reshape(whole(inputs[0]), with_front({size_ * shape[0]}, shape, 1));
      const NodeId answers =
          graph_.append({.op = node.op,
                         .inputs = {pictures, inputs[1]},
                         .attributes = node.attributes,
                         .wanted = {node.type, with_front({size_ * shape[0]}, node.shape, 1)}});
      return graph_.reshape(answers, with_front({size_}, node.shape));
    }
    for (NodeId& input : inputs) input = whole(input);
    return rebuilt(node, std::move(inputs), node.attributes);
  }

  // Every member draws the bits of its own key.
  NodeId bits(const Node& node, NodeId key) {
    const auto stream = static_cast<std::uint32_t>(node.attributes.value);
    const NodeId keys = whole(key);
    if (graph_.shape(key).rank() == 1) return graph_.bits(keys, with_front({size_}, node.shape), stream);
    const std::size_t members = size_ * node.shape[0];  // a batch of batches
    const NodeId flat =
        graph_.bits(graph_.reshape(keys, Shape{members, 2}), with_front({members}, node.shape, 1), stream);
    return graph_.reshape(flat, with_front({size_}, node.shape));
  }

  // take and add_at: the tables of all members one below the other, [size * v, ..], and member i's index
  // moved down by i * v, clamped to its own table before. One gather or scatter, in the order of members.
  NodeId joint_index(NodeId index, std::size_t table_rows) {
    constexpr std::size_t kMost = std::numeric_limits<std::int32_t>::max();
    if (size_ > 0 && table_rows > kMost / size_) {
      throw usage_error({.attempted = "putting a batch axis in front of a table",
                         .expected = fmt::format("{} rows or fewer in all", kMost),
                         .found = fmt::format("{} tables of {} rows", size_, table_rows),
                         .remedy = "Make the batch smaller."});
    }
    const NodeId many = whole(index);
    const Shape shape = graph_.shape(many);
    const auto whole_number = [&](std::size_t value) {
      return graph_.constant(static_cast<double>(value), ElementType::i32);
    };
    const NodeId inside = graph_.minimum(graph_.maximum(many, whole_number(0)), whole_number(table_rows - 1));
    const NodeId begin = graph_.multiply(graph_.iota(ElementType::i32, shape, 0), whole_number(table_rows));
    return graph_.reshape(graph_.add(inside, begin), Shape{shape.element_count()});
  }

  NodeId take(const Node& node, const std::vector<NodeId>& inputs) {
    const Shape table = graph_.shape(inputs[0]);
    const Shape result = with_front({size_}, node.shape);
    if (!has_batch(inputs[0])) {  // one table for all
      const NodeId index = graph_.reshape(whole(inputs[1]), Shape{size_ * node.shape[0]});
      return graph_.reshape(graph_.take(inputs[0], index), result);
    }
    const NodeId tables = graph_.reshape(whole(inputs[0]), with_front({size_ * table[0]}, table, 1));
    return graph_.reshape(graph_.take(tables, joint_index(inputs[1], table[0])), result);
  }

  NodeId add_at(const Node& node, const std::vector<NodeId>& inputs) {
    const Shape rows = graph_.shape(inputs[0]);
    const std::size_t table_rows = node.shape[0];
    const NodeId index = joint_index(inputs[1], table_rows);
    const NodeId values = graph_.reshape(whole(inputs[0]), with_front({size_ * rows[0]}, rows, 1));
    return graph_.reshape(graph_.add_at(values, index, size_ * table_rows), with_front({size_}, node.shape));
  }

  Graph& graph_;
  std::size_t size_;
  std::unordered_map<NodeId, NodeId> batched_;
};

void check_batched(const Graph& graph, std::size_t size, const std::unordered_map<NodeId, NodeId>& batched) {
  for (const auto& [one, many] : batched) {
    ASTROLABE_CHECK(graph.type(one) == graph.type(many), "a batched value keeps its type");
    ASTROLABE_CHECK(with_front({size}, graph.shape(one)) == graph.shape(many),
                    "a batched value has the batch axis in front: " + graph.shape(many).to_text());
  }
}

// What the roots need up to the batched nodes, inputs first.
std::vector<NodeId> nodes_between(const Graph& graph, std::span<const NodeId> roots,
                                  const std::unordered_map<NodeId, NodeId>& batched) {
  std::vector<bool> is_needed(graph.size(), false);
  for (const NodeId root : roots) is_needed[root] = true;
  std::vector<NodeId> nodes;
  for (auto id = static_cast<NodeId>(graph.size()); id-- > 0;) {
    if (!is_needed[id] || batched.contains(id)) continue;
    nodes.push_back(id);
    for (const NodeId input : graph.inputs(id)) is_needed[input] = true;
  }
  std::ranges::reverse(nodes);
  return nodes;
}

}  // namespace

std::vector<NodeId> vmap(Graph& graph, std::span<const NodeId> roots, std::size_t size,
                         const std::unordered_map<NodeId, NodeId>& batched) {
  ASTROLABE_CHECK(size > 0, "a batch has members");
  check_batched(graph, size, batched);
  Batcher batcher(graph, size, batched);
  for (const NodeId id : nodes_between(graph, roots, batched)) {
    const auto inputs = graph.inputs(id);
    if (std::ranges::any_of(inputs, [&](NodeId input) { return batcher.has_batch(input); }))
      batcher.batch(id);
  }
  std::vector<NodeId> results;
  for (const NodeId root : roots) results.push_back(batcher.whole(root));
  return results;
}

}  // namespace astrolabe
