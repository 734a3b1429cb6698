// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <cstring>
#include <memory>
#include <mutex>
#include <vector>

#include "astrolabe/graph/element_visit.h"
#include "astrolabe/graph/graph.h"
#include "astrolabe/graph/math_table.h"
#include "astrolabe/graph/op_families.h"
#include "astrolabe/graph/ops_cast.h"
#include "astrolabe/graph/refusal.h"

namespace astrolabe::ops {
namespace {

constexpr std::size_t kBlock = 4096;  // elements at a time: intermediate values stay in the caches

// A row of the MATH table in elementary operations on a number x of one type.
struct Expansion {
  std::once_flag once;
  Graph graph;
  NodeId x = kNoNode;
  NodeId value = kNoNode;
  std::vector<NodeId> order;
};

// Built once per row and type: an expansion is a constant of the program.
const Expansion& expansion_of(std::size_t row, ElementType type) {
  static const std::size_t rows = math_rows().size();
  static const auto table = std::make_unique<Expansion[]>(2 * rows);
  Expansion& expansion = table[2 * row + (type == ElementType::f64 ? 1 : 0)];
  std::call_once(expansion.once, [&] {
    expansion.x = expansion.graph.input("x", type, Shape{});
    expansion.value = math_rows()[row].expand(expansion.graph, expansion.x);
    expansion.order = reachable(expansion.graph, std::vector{expansion.value});
  });
  return expansion;
}

// The expansion at every element of x [n], operation by operation.
Array evaluate_expansion(const Expansion& expansion, const Array& x) {
  const Graph& graph = expansion.graph;
  std::vector<Array> values(graph.size());
  for (const NodeId id : expansion.order) {
    if (id == expansion.x) {
      values[id] = x;
      continue;
    }
    Node node = graph[id];
    std::vector<const Array*> inputs;
    for (const NodeId input : graph.inputs(id)) {
      inputs.push_back(&values[input]);
      if (values[input].shape().rank() > 0) node.shape = x.shape();
    }
    values[id] = op_rule(node.op).evaluate({node, inputs, &graph});
  }
  Array& value = values[expansion.value];
  ASTROLABE_CHECK(value.shape() == x.shape(), "the value of a MATH row depends on x");
  return std::move(value);
}

// The operations that machines have, correctly rounded.
template <class T>
void apply_machine_operation(std::string_view row, std::span<const T> x, std::span<T> y) {
  if (row == "sqrt") {
    std::ranges::transform(x, y.begin(), [](T value) { return std::sqrt(value); });
  } else if (row == "floor") {
    std::ranges::transform(x, y.begin(), [](T value) { return std::floor(value); });
  } else {
    ASTROLABE_CHECK(row == "round", "a MATH row without expansion is an operation of the machine");
    std::ranges::transform(x, y.begin(), [](T value) { return std::nearbyint(value); });  // to even
  }
}

}  // namespace

void check_math_row(const Graph& graph, const NodeDraft& draft) {
  if (draft.attributes.value < 0 || static_cast<std::size_t>(draft.attributes.value) >= math_rows().size())
    throw refusal(graph, draft, "a row of the MATH table");
}

Array evaluate_math(const Evaluation& evaluation) {
  const auto row = static_cast<std::size_t>(evaluation.node.attributes.value);
  const Array& x = *evaluation.inputs[0];
  Array result(x.type(), x.shape());
  if (math_rows()[row].expand == nullptr) {
    visit_floating(x.type(), [&]<class T>() {
      apply_machine_operation<T>(math_rows()[row].name, x.as<T>(), result.as<T>());
    });
    return result;
  }
  const Expansion& expansion = expansion_of(row, x.type());
  const std::size_t width = element_bytes(x.type());
  for (std::size_t begin = 0; begin < x.size(); begin += kBlock) {
    const std::size_t count = std::min(kBlock, x.size() - begin);
    Array block(x.type(), Shape{count});
    std::memcpy(block.bytes().data(), x.bytes().data() + begin * width, count * width);
    const Array values = evaluate_expansion(expansion, block);
    std::memcpy(result.bytes().data() + begin * width, values.bytes().data(), count * width);
  }
  return result;
}

}  // namespace astrolabe::ops
