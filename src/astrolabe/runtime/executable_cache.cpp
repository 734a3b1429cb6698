// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/runtime/executable_cache.h"

#include "astrolabe/base/bytes.h"
#include "astrolabe/graph/scan.h"

namespace astrolabe {
namespace {

void put_text(std::string& bytes, std::string_view text) {
  append_bytes(bytes, static_cast<std::uint32_t>(text.size()));
  bytes.append(text);
}

void put_node(std::string& bytes, const Graph& graph, NodeId id, std::span<const NodeId> renamed) {
  const Node& node = graph[id];
  append_bytes(bytes, node.op);
  append_bytes(bytes, node.type);
  append_bytes(bytes, static_cast<std::uint8_t>(node.shape.rank()));
  for (const std::size_t size : node.shape.dimensions())
    append_bytes(bytes, static_cast<std::uint32_t>(size));
  if (is_slot(node.op)) {
    put_text(bytes, graph.slot_of(id).name);
  } else {
    if (node.op == Op::scan) put_text(bytes, graph.body_of(id)->text);
    append_bytes(bytes, node.attributes.value);
    for (std::size_t i = 0; i < kMaxRank; ++i) {
      append_bytes(bytes, node.attributes.first[i]);
      append_bytes(bytes, node.attributes.second[i]);
    }
  }
  append_bytes(bytes, node.input_count);
  for (const NodeId input : graph.inputs(id)) append_bytes(bytes, renamed[input]);
}

}  // namespace

std::string program_key(const Program& program, const CompileOptions& options) {
  std::vector<NodeId> roots = program.outputs;
  for (const auto& update : program.updates) {
    roots.push_back(update.state);
    roots.push_back(update.next);
  }
  std::string bytes;
  append_bytes(bytes, options.set);
  append_bytes(bytes, options.tier);
  append_bytes(bytes, static_cast<std::uint64_t>(options.memory_limit));
  append_bytes(bytes, static_cast<std::uint64_t>(options.threads));
  append_bytes(bytes, static_cast<std::uint32_t>(options.passes_off.size()));
  for (const std::string& name : options.passes_off) put_text(bytes, name);
  const std::vector<NodeId> nodes = reachable(program.graph, roots);
  bytes.reserve(128 * nodes.size() + 64);
  std::vector<NodeId> renamed(program.graph.size(), kNoNode);
  NodeId next = 0;
  for (const NodeId id : nodes) {
    renamed[id] = next++;
    put_node(bytes, program.graph, id, renamed);
  }
  append_bytes(bytes, static_cast<std::uint32_t>(program.outputs.size()));
  for (const NodeId root : roots) append_bytes(bytes, renamed[root]);
  return bytes;
}

std::shared_ptr<const Executable> ExecutableCache::find(const std::string& key) {
  const std::lock_guard lock(mutex_);
  const auto* const found = key.empty() ? nullptr : executables_.find(key);
  return found == nullptr ? nullptr : *found;
}

void ExecutableCache::insert(const std::string& key, std::shared_ptr<const Executable> executable) {
  const std::lock_guard lock(mutex_);
  if (!key.empty()) executables_.insert(key, std::move(executable), 1);
}

void ExecutableCache::clear() {
  const std::lock_guard lock(mutex_);
  executables_.clear();
}

ExecutableCache& executable_cache() {
  static ExecutableCache& cache = *new ExecutableCache(256);
  return cache;
}

}  // namespace astrolabe
