// SPDX-License-Identifier: Apache-2.0
// A compiled program, and one execution of it with its own memory.
//
//   const std::shared_ptr<const Executable> step = compile(std::move(program));
//   Execution run(step);
//   run.bind_input("x", rows.data());
//   run.set_scalar("lr", 0.01);
//   run.run();
//   const float loss = run.output<float>(0)[0];
//   std::span<float> w = run.state<float>("w");
#pragma once

#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "astrolabe/base/thread_pool.h"
#include "astrolabe/graph/graph.h"
#include "astrolabe/lower/plan.h"
#include "astrolabe/tensor/buffer.h"

namespace astrolabe {

// Immutable, so thread-safe; shared by any number of executions.
class Executable {
 public:
  virtual ~Executable() = default;

  struct Value {
    ElementType type = ElementType::f32;
    Shape shape;
  };
  [[nodiscard]] std::span<const Slot> inputs() const { return inputs_; }
  [[nodiscard]] std::span<const Slot> states() const { return states_; }
  [[nodiscard]] std::span<const Slot> scalars() const { return scalars_; }
  [[nodiscard]] std::span<const Value> outputs() const { return outputs_; }
  // Bytes of the arena that a run works in, beside inputs, states and outputs.
  [[nodiscard]] virtual std::size_t arena_bytes() const = 0;
  // What a memory limit made it compute again.
  [[nodiscard]] const Recomputation& recomputation() const { return recomputation_; }

  // Addresses by slot. What a run reads and writes; see Execution.
  struct Memory {
    std::span<const std::byte* const> inputs;
    std::span<std::byte* const> states;
    std::span<const std::byte* const> scalars;
    std::span<std::byte* const> outputs;
    std::byte* arena;  // aligned to 64 bytes; contents do not matter
  };
  // Same bytes for any pool, tier and instruction set. Thread-safe for different memory. Allocates nothing
  // but what a thread keeps from its first run on, and with a pool the few bytes by which it shares the
  // steps.
  virtual void run(const Memory& memory, ThreadPool* pool) const = 0;

 protected:
  std::vector<Slot> inputs_, states_, scalars_;
  std::vector<Value> outputs_;
  Recomputation recomputation_;
};

// Memory for one thread of execution. States are zero at birth and stay between runs.
class Execution {
 public:
  explicit Execution(std::shared_ptr<const Executable> executable);

  [[nodiscard]] const Executable& executable() const { return *executable_; }

  // The data must stay until the last run that reads it; every input must be bound before the first. Names
  // that the program does not use are ignored (a loss need not use the weights of rows).
  void bind_input(std::string_view name, const void* data);
  // The state lives in memory of the caller, who shares it between executions one after the other.
  void bind_state(std::string_view name, void* data);
  void set_scalar(std::string_view name, double value);

  // With a pool, large steps are shared by its threads; without, everything runs here.
  void run(ThreadPool* pool = nullptr);

  template <class T>
  [[nodiscard]] std::span<T> state(std::string_view name) {
    const std::size_t slot = state_slot(name);
    check_type(executable_->states()[slot].type, element_type_of<T>);
    return {reinterpret_cast<T*>(state_addresses_[slot]), executable_->states()[slot].shape.element_count()};
  }
  template <class T>
  [[nodiscard]] std::span<const T> output(std::size_t index) const {
    check_type(executable_->outputs()[index].type, element_type_of<T>);
    return {reinterpret_cast<const T*>(output_addresses_[index]),
            executable_->outputs()[index].shape.element_count()};
  }

 private:
  [[nodiscard]] std::size_t state_slot(std::string_view name) const;
  static void check_type(ElementType is, ElementType wanted);

  std::shared_ptr<const Executable> executable_;
  Buffer memory_;  // own states, scalars, outputs, arena
  std::vector<const std::byte*> input_addresses_;
  std::vector<std::byte*> state_addresses_;
  std::vector<std::byte*> scalar_addresses_;
  std::vector<std::byte*> output_addresses_;
  std::byte* arena_ = nullptr;
};

}  // namespace astrolabe
