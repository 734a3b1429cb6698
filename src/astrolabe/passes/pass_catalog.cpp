// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/passes/pass_catalog.h"

#include <array>

#include "astrolabe/graph/scan.h"

namespace astrolabe {

std::span<const Pass> passes() {
  static constexpr std::array<Pass, 6> kPasses = {{
      {"simplify", simplify, true, "Identities of algebra and of movement."},
      {"fold_constants", fold_constants, true, "Constants from constants."},
      {"fuse_multiply_add", fuse_multiply_add, true, "a * b + c, rounded once."},
      {"expand_functions", expand_functions, false, "MATH rows into elementary operations."},
      {"unroll_windows", unroll_windows, true, "Pooling as work on slices."},
      {"split_reductions", split_reductions, false, "Reductions of mixed axes into two."},
  }};
  return kPasses;
}

Rewritten run_pass(const Pass& pass, const Graph& graph, std::span<const NodeId> roots) {
  Rewritten after = pass.run(graph, roots);
  after.graph.replace_bodies([&](const ScanBody& body) {
    std::vector<NodeId> body_roots{body.next};
    body_roots.insert(body_roots.end(), body.leaves.begin(), body.leaves.end());  // kept, and in their order
    Rewritten step = run_pass(pass, body.graph, body_roots);
    return finished({.graph = std::move(step.graph),
                     .leaves = {step.roots.begin() + 1, step.roots.end()},
                     .stepped = body.stepped,
                     .next = step.roots[0],
                     .text = {}});
  });
  return after;
}

}  // namespace astrolabe
