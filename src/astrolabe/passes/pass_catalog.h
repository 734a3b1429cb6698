// SPDX-License-Identifier: Apache-2.0
// The passes from graph to graph, in the order in which compile() runs them. Each keeps the meaning of the
// program; simplify and fuse_multiply_add may change the last bits of a value, and so run before every tier,
// the interpreter too.
#pragma once

#include <span>
#include <string_view>

#include "astrolabe/passes/rewrite.h"

namespace astrolabe {

struct Pass {
  std::string_view name;
  Rewritten (*run)(const Graph& graph, std::span<const NodeId> roots);
  bool can_be_off;  // lowering needs the others
  std::string_view doc;
};

[[nodiscard]] std::span<const Pass> passes();

// The pass over a graph and over the steps of its recurrences.
[[nodiscard]] Rewritten run_pass(const Pass& pass, const Graph& graph, std::span<const NodeId> roots);

// Identities of algebra (x + 0, x * 1, --x, a + -b), movement of movement, transposes into products.
[[nodiscard]] Rewritten simplify(const Graph& graph, std::span<const NodeId> roots);
// Constants from constants.
[[nodiscard]] Rewritten fold_constants(const Graph& graph, std::span<const NodeId> roots);
// MATH rows and random bits of one key into elementary operations. After fuse_multiply_add, so that what the
// rows round twice on purpose stays as it is.
[[nodiscard]] Rewritten expand_functions(const Graph& graph, std::span<const NodeId> roots);
// Reductions over the places of small windows, what is computed in front of them and what their gradients
// are, as elementwise work on one slice per place; to the byte. After expand_functions: what is cheap is
// plain then.
[[nodiscard]] Rewritten unroll_windows(const Graph& graph, std::span<const NodeId> roots);
// A reduction over innermost and other axes into two, in the order of graph/interpret.h.
[[nodiscard]] Rewritten split_reductions(const Graph& graph, std::span<const NodeId> roots);
// a * b + c, where nobody else reads the product, into one operation that rounds once.
[[nodiscard]] Rewritten fuse_multiply_add(const Graph& graph, std::span<const NodeId> roots);

}  // namespace astrolabe
