// SPDX-License-Identifier: Apache-2.0
// Parts of a concat that are computed right where they belong, so that nobody copies them.
//
//   const ConcatParts parts = place_concat_parts(graph, phases, roots);
//   parts.walks.at(part)       // where a nest stores it: strided, in the memory of a concat
//   parts.inside               // what has memory of its own, as one run of another's
#pragma once

#include <map>
#include <set>
#include <utility>
#include <vector>

#include "astrolabe/lower/order_steps.h"
#include "astrolabe/lower/phases.h"
#include "astrolabe/lower/strided.h"

namespace astrolabe {

struct ConcatParts {
  // Parts along an outermost axis: one run of the whole.
  std::vector<OrderedSteps::Inside> inside;
  // What nests compute and only a concat reads: stored through a walk over the concat's elements, and in no
  // memory of its own.
  std::map<NodeId, Strided> walks;
  // Concats that are parts of others: where their elements are.
  std::map<NodeId, Strided> within;
  // Which parts (concat, number) need no copy.
  std::set<std::pair<NodeId, std::size_t>> is_placed;
};

// `roots` are outputs and new states, which have places of their own.
[[nodiscard]] ConcatParts place_concat_parts(const Graph& graph, const Phases& phases,
                                             std::set<NodeId> roots);

}  // namespace astrolabe
