// SPDX-License-Identifier: Apache-2.0
// A small graph or more for every row of the op table, with values computed by hand. The contract suite runs
// over them; a row without a sample fails it.
#pragma once

#include <functional>
#include <ostream>
#include <string>
#include <vector>

#include "tests/graph/array_values.h"

namespace astrolabe::testing {

struct SampleLeaf {
  TypedShape type;
  std::vector<double> values;
  Op kind = Op::input;  // or state, scalar
};

struct OpSample {
  std::string name;
  Op op;
  std::vector<SampleLeaf> leaves;
  std::function<NodeId(Graph&, const std::vector<NodeId>&)> build;  // from the leaves
  std::vector<double> expected;
};

// So that tests are listed by name.
inline void PrintTo(const OpSample& sample, std::ostream* out) {  // NOLINT(readability-identifier-naming)
  *out << sample.name;
}

const std::vector<OpSample>& op_samples();

// The sample in a graph of its own.
struct BuiltSample {
  Graph graph;
  std::vector<NodeId> leaves;
  NodeId node = kNoNode;
  Feed feed;
};
BuiltSample build(const OpSample& sample);

// A leaf named after its place.
NodeId add_leaf(Graph& graph, const SampleLeaf& leaf, const std::string& name);

}  // namespace astrolabe::testing
