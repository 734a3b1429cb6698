// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/runtime/reference.h"

#include <cstring>

#include "astrolabe/graph/interpret.h"

namespace astrolabe {
namespace {

template <class Address>
std::vector<Array> read_all(std::span<const Slot> slots, std::span<Address const> addresses) {
  std::vector<Array> arrays;
  for (std::size_t i = 0; i < slots.size(); ++i) {
    arrays.emplace_back(slots[i].type, slots[i].shape);
    std::memcpy(arrays.back().bytes().data(), addresses[i], arrays.back().bytes().size());
  }
  return arrays;
}

class Reference : public Executable {
 public:
  explicit Reference(const Program& program) : program_(program) {
    const Graph& graph = program_.graph;
    inputs_.assign(graph.input_slots().begin(), graph.input_slots().end());
    states_.assign(graph.state_slots().begin(), graph.state_slots().end());
    scalars_.assign(graph.scalar_slots().begin(), graph.scalar_slots().end());
    for (const NodeId output : program_.outputs) {
      outputs_.push_back({graph.type(output), graph.shape(output)});
      roots_.push_back(output);
    }
    for (const Program::Update& update : program_.updates) roots_.push_back(update.next);
  }

  [[nodiscard]] std::size_t arena_bytes() const override { return 0; }

  void run(const Memory& memory, ThreadPool* /*pool*/) const override {
    const Feed feed{.inputs = read_all(inputs(), memory.inputs),
                    .states = read_all(states(), memory.states),
                    .scalars = read_all(scalars(), memory.scalars)};
    const std::vector<Array> values = interpret(program_.graph, roots_, feed);
    for (std::size_t i = 0; i < values.size(); ++i) {
      std::byte* const to =
          i < outputs_.size()
              ? memory.outputs[i]
              : memory.states[program_.graph[program_.updates[i - outputs_.size()].state].slot()];
      std::memcpy(to, values[i].bytes().data(), values[i].bytes().size());
    }
  }

 private:
  Program program_;
  std::vector<NodeId> roots_;
};

}  // namespace

std::shared_ptr<const Executable> make_reference(const Program& program) {
  return std::make_shared<Reference>(program);
}

}  // namespace astrolabe
