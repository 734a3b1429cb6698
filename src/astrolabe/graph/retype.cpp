// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/graph/retype.h"

#include <unordered_map>

#include "astrolabe/base/error.h"
#include "astrolabe/graph/scan.h"

namespace astrolabe {
namespace {

// All slots in their order, those without a reader too: a feed of the one graph, cast, is a feed of the
// other.
void copy_slots(const Graph& from, Graph& to, ElementType float_type) {
  const auto retyped = [&](ElementType type) { return type == ElementType::f32 ? float_type : type; };
  for (const Slot& slot : from.input_slots()) to.input(slot.name, retyped(slot.type), slot.shape);
  for (const Slot& slot : from.state_slots()) to.state(slot.name, retyped(slot.type), slot.shape);
  for (const Slot& slot : from.scalar_slots()) to.scalar(slot.name, retyped(slot.type));
}

std::shared_ptr<const ScanBody> retyped_body(const ScanBody& body, ElementType float_type) {
  ScanBody other{.graph = {}, .leaves = {}, .stepped = body.stepped, .next = kNoNode, .text = {}};
  std::vector<NodeId> roots{body.next};
  roots.insert(roots.end(), body.leaves.begin(), body.leaves.end());
  const std::vector<NodeId> copies = retype(body.graph, roots, other.graph, float_type);
  other.next = copies[0];
  other.leaves.assign(copies.begin() + 1, copies.end());
  return finished(std::move(other));
}

}  // namespace

std::vector<NodeId> retype(const Graph& from, std::span<const NodeId> roots, Graph& to,
                           ElementType float_type) {
  ASTROLABE_CHECK(float_type == ElementType::f32 || float_type == ElementType::f64, "a type to compute in");
  const auto retyped = [&](ElementType type) { return type == ElementType::f32 ? float_type : type; };
  copy_slots(from, to, float_type);
  std::unordered_map<NodeId, NodeId> copies;
  for (const NodeId id : reachable(from, roots)) {
    const Node& node = from[id];
    if (is_slot(node.op)) {
      copies[id] = to.slot_like(node.op, from.slot_of(id), retyped(node.type));
      continue;
    }
    NodeDraft draft{.op = node.op,
                    .inputs = {},
                    .attributes = node.attributes,
                    .wanted = {retyped(node.type), node.shape}};
    if (node.op == Op::scan)
      draft.attributes.first[0] = to.add_body(retyped_body(*from.body_of(id), float_type));
    for (const NodeId input : from.inputs(id)) draft.inputs.push_back(copies.at(input));
    copies[id] = to.append(draft);
  }
  std::vector<NodeId> results;
  for (const NodeId root : roots) results.push_back(copies.at(root));
  return results;
}

}  // namespace astrolabe
