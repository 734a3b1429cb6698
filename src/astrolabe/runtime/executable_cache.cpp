// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/runtime/executable_cache.h"

#include <type_traits>

namespace astrolabe {
namespace {

template <class T>
void put(std::string& bytes, T value) {
  static_assert(std::is_integral_v<T> || std::is_enum_v<T>);
  bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
}

void put_text(std::string& bytes, std::string_view text) {
  put(bytes, static_cast<std::uint32_t>(text.size()));
  bytes.append(text);
}

void put_node(std::string& bytes, const Graph& graph, NodeId id, std::span<const NodeId> renamed) {
  const Node& node = graph[id];
  put(bytes, node.op);
  put(bytes, node.type);
  put(bytes, static_cast<std::uint8_t>(node.shape.rank()));
  for (const std::size_t size : node.shape.dimensions()) put(bytes, static_cast<std::uint32_t>(size));
  if (node.op == Op::input || node.op == Op::state || node.op == Op::scalar) {
    put_text(bytes, graph.slot_of(id).name);
  } else {
    put(bytes, node.attributes.value);
    for (std::size_t i = 0; i < kMaxRank; ++i) {
      put(bytes, node.attributes.first[i]);
      put(bytes, node.attributes.second[i]);
    }
  }
  put(bytes, node.input_count);
  for (const NodeId input : graph.inputs(id)) put(bytes, renamed[input]);
}

}  // namespace

std::string program_key(const Program& program, const CompileOptions& options) {
  std::vector<NodeId> roots = program.outputs;
  for (const auto& update : program.updates) {
    roots.push_back(update.state);
    roots.push_back(update.next);
  }
  std::string bytes;
  put(bytes, options.set);
  put(bytes, options.tier);
  put(bytes, static_cast<std::uint32_t>(options.passes_off.size()));
  for (const std::string& name : options.passes_off) put_text(bytes, name);
  const std::vector<NodeId> nodes = reachable(program.graph, roots);
  bytes.reserve(128 * nodes.size() + 64);
  std::vector<NodeId> renamed(program.graph.size(), kNoNode);
  NodeId next = 0;
  for (const NodeId id : nodes) {
    renamed[id] = next++;
    put_node(bytes, program.graph, id, renamed);
  }
  put(bytes, static_cast<std::uint32_t>(program.outputs.size()));
  for (const NodeId root : roots) put(bytes, renamed[root]);
  return bytes;
}

std::shared_ptr<const Executable> ExecutableCache::find(const std::string& key) {
  const std::lock_guard lock(mutex_);
  const auto found = by_key_.find(key);
  if (key.empty() || found == by_key_.end()) return nullptr;
  entries_.splice(entries_.begin(), entries_, found->second);
  return found->second->executable;
}

void ExecutableCache::insert(const std::string& key, std::shared_ptr<const Executable> executable) {
  const std::lock_guard lock(mutex_);
  if (key.empty() || by_key_.contains(key)) return;
  entries_.push_front({key, std::move(executable)});
  by_key_.emplace(entries_.front().key, entries_.begin());
  while (entries_.size() > most_) {
    by_key_.erase(entries_.back().key);
    entries_.pop_back();
  }
}

void ExecutableCache::clear() {
  const std::lock_guard lock(mutex_);
  by_key_.clear();
  entries_.clear();
}

ExecutableCache& executable_cache() {
  static ExecutableCache& cache = *new ExecutableCache(256);
  return cache;
}

}  // namespace astrolabe
