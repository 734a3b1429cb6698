// SPDX-License-Identifier: Apache-2.0
// With c[t] = step(c[t-1], x[t], s) and G[t] what comes from outside by c[t]: what flows back by c[t] in all
// is L[t] = G[t] + flow[t+1], flow[t] being L[t] pulled through step t to c[t-1]: a recurrence the other way
// round. Once L is known, no step's share of x and s needs another step's.
#include "astrolabe/graph/gradient.h"
#include "astrolabe/graph/gradient_rules.h"
#include "astrolabe/graph/op_families.h"
#include "astrolabe/graph/scan.h"
#include "astrolabe/graph/vmap.h"

namespace astrolabe::ops {
namespace {

// The recurrence of what flows back to the carry.
NodeId flow_back(const GradientRequest& request, const ScanBody& body, NodeId before) {
  Graph& graph = request.graph;
  const ScanInputs inputs = scan_inputs(graph, request.node);
  const Shape carry = graph.shape(inputs.first);
  ScanInputs back{.first = filled(graph, 0, gradient_type(graph.type(request.node)), carry),
                  .stepped = {request.gradient, before},
                  .shared = inputs.shared,
                  .steps = inputs.steps,
                  .backwards = !inputs.backwards};
  back.stepped.insert(back.stepped.end(), inputs.stepped.begin(), inputs.stepped.end());
  return scan(graph, back, [&](Graph& step, const ScanLeaves& at) {
    const ScanLeaves there{
        .carry = at.stepped[1], .stepped = {at.stepped.begin() + 2, at.stepped.end()}, .shared = at.shared};
    const NodeId next = place_step(body, step, there);
    const NodeId seed = step.add(at.carry, at.stepped[0]);
    return pull_back(step, next, seed, std::span(&there.carry, 1))[0];
  });
}

// Every step's share of what it read beside the carry, all steps side by side; of what they share the sum.
std::vector<NodeId> shares(const GradientRequest& request, const ScanBody& body, NodeId before, NodeId flow) {
  Graph& graph = request.graph;
  const ScanInputs inputs = scan_inputs(graph, request.node);
  Graph work;
  std::unordered_map<NodeId, NodeId> copied;
  for (const NodeId leaf : body.leaves)  // in their order, so that slots are the body's
    copied[leaf] = work.slot_like(Op::input, body.graph.slot_of(leaf));
  const NodeId next = copy_into(body.graph, std::span(&body.next, 1), work, copied)[0];
  const NodeId seed = work.input("seed", graph.type(flow), body.graph.shape(body.leaves[0]));
  std::vector<NodeId> leaves;
  std::unordered_map<NodeId, NodeId> many, placed;
  const auto batch = [&](NodeId leaf, const std::string& name, NodeId rows) {
    many[leaf] = work.input(name, graph.type(rows), graph.shape(rows));
    placed[many[leaf]] = rows;
  };
  batch(copied[body.leaves[0]], "carries", before);
  batch(seed, "seeds", flow);
  for (std::size_t i = 1; i < body.leaves.size(); ++i) {
    const NodeId leaf = copied[body.leaves[i]];
    const NodeId given = graph.input_of(request.node, i);
    leaves.push_back(leaf);
    if (i <= body.stepped)
      batch(leaf, "rows" + std::to_string(i), given);
    else
      placed[leaf] = given;
  }
  const std::vector<NodeId> one = pull_back(work, next, seed, leaves);
  std::vector<NodeId> all = vmap(work, one, inputs.steps, many);
  for (std::size_t i = body.stepped; i < all.size(); ++i)
    if (is_floating(work.type(all[i]))) all[i] = work.sum(all[i], {0});
  std::vector<NodeId> results = copy_into(work, all, graph, placed);
  for (std::size_t i = 0; i < results.size(); ++i)
    if (!is_floating(graph.type(graph.input_of(request.node, 1 + i)))) results[i] = kNoNode;
  return results;
}

}  // namespace

std::vector<NodeId> scan_gradient(const GradientRequest& request) {
  Graph& graph = request.graph;
  const std::shared_ptr<const ScanBody> body = graph.body_of(request.node);
  const NodeId before = carries_before(graph, request.node);
  const NodeId flow = flow_back(request, *body, before);
  std::vector<NodeId> gradients{last_carry(graph, flow)};
  if (body->leaves.size() == 1) return gradients;
  const NodeId whole = graph.add(request.gradient, carries_before(graph, flow));
  for (const NodeId share : shares(request, *body, before, whole)) gradients.push_back(share);
  return gradients;
}

}  // namespace astrolabe::ops
