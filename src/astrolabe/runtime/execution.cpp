// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstring>

#include "astrolabe/base/error.h"
#include "astrolabe/runtime/executable.h"

namespace astrolabe {
namespace {

std::size_t bytes_of(ElementType type, const Shape& shape) {
  return padded_bytes(shape.element_count() * element_bytes(type));
}

std::size_t find_slot(std::span<const Slot> slots, std::string_view name) {
  return static_cast<std::size_t>(std::ranges::find(slots, name, &Slot::name) - slots.begin());
}

}  // namespace

Execution::Execution(std::shared_ptr<const Executable> executable) : executable_(std::move(executable)) {
  std::size_t total = executable_->arena_bytes() + kBufferAlignment;
  for (const Slot& slot : executable_->states()) total += bytes_of(slot.type, slot.shape);
  for (const Slot& slot : executable_->scalars()) total += bytes_of(slot.type, slot.shape);
  for (const auto& value : executable_->outputs()) total += bytes_of(value.type, value.shape);
  memory_ = Buffer(total);
  std::byte* next = memory_.data();
  const auto place = [&next](ElementType type, const Shape& shape) {
    std::byte* const here = next;
    next += bytes_of(type, shape);
    return here;
  };
  for (const Slot& slot : executable_->states()) state_addresses_.push_back(place(slot.type, slot.shape));
  for (const Slot& slot : executable_->scalars()) scalar_addresses_.push_back(place(slot.type, slot.shape));
  for (const auto& value : executable_->outputs())
    output_addresses_.push_back(place(value.type, value.shape));
  arena_ = next;
  input_addresses_.resize(executable_->inputs().size(), nullptr);
}

void Execution::bind_input(std::string_view name, const void* data) {
  const std::size_t slot = find_slot(executable_->inputs(), name);
  if (slot < input_addresses_.size()) input_addresses_[slot] = static_cast<const std::byte*>(data);
}

void Execution::bind_state(std::string_view name, void* data) {
  const std::size_t slot = find_slot(executable_->states(), name);
  if (slot < state_addresses_.size()) state_addresses_[slot] = static_cast<std::byte*>(data);
}

void Execution::set_scalar(std::string_view name, double value) {
  const std::span<const Slot> scalars = executable_->scalars();
  const std::size_t slot = find_slot(scalars, name);
  if (slot == scalars.size()) return;
  const auto store = [&](auto typed) { std::memcpy(scalar_addresses_[slot], &typed, sizeof typed); };
  switch (scalars[slot].type) {
    case ElementType::f32:
      return store(static_cast<float>(value));
    case ElementType::f64:
      return store(value);
    case ElementType::i32:
      return store(static_cast<std::int32_t>(value));
    case ElementType::u32:
      return store(static_cast<std::uint32_t>(value));
    case ElementType::i64:
      return store(static_cast<std::int64_t>(value));
    default:
      ASTROLABE_CHECK(false, "a scalar of a type that is computed with");
  }
}

void Execution::run(ThreadPool* pool) {
  ASTROLABE_CHECK(std::ranges::none_of(input_addresses_, [](const auto* at) { return at == nullptr; }),
                  "every input is bound before a run");
  const std::vector<const std::byte*>& inputs = input_addresses_;
  executable_->run(
      {.inputs = inputs,
       .states = state_addresses_,
       .scalars = std::span<const std::byte* const>(
           const_cast<const std::byte* const*>(scalar_addresses_.data()), scalar_addresses_.size()),
       .outputs = output_addresses_,
       .arena = arena_},
      pool);
}

std::size_t Execution::state_slot(std::string_view name) const {
  const std::size_t slot = find_slot(executable_->states(), name);
  ASTROLABE_CHECK(slot < state_addresses_.size(), "a state that the program has");
  return slot;
}

void Execution::check_type(ElementType is, ElementType wanted) {
  ASTROLABE_CHECK(is == wanted, "a value read as what it is");
}

}  // namespace astrolabe
