// SPDX-License-Identifier: Apache-2.0
// A program with numbers in all of its leaves, and what it gives as bytes to compare.
//
//   EXPECT_EQ(Filled(program, {.tier = Tier::tiles}).run(3, nullptr),
//             Filled(program, {.tier = Tier::reference}).run(3, nullptr));
#pragma once

#include <cmath>
#include <limits>
#include <string>
#include <type_traits>
#include <vector>

#include "tests/runtime/sample_programs.h"

#include "astrolabe/runtime/compile.h"

namespace astrolabe {

// Leaves filled by name, so that every executable of a program sees the same numbers.
class Filled {
 public:
  Filled(const Program& program, const CompileOptions& options) : execution_(compile(program, options)) {
    const Executable& executable = execution_.executable();
    for (const Slot& slot : executable.inputs()) {
      inputs_.push_back(sample_numbers(slot));
      execution_.bind_input(slot.name, inputs_.back().bytes().data());
    }
    for (const Slot& slot : executable.states()) {
      states_.push_back(sample_numbers(slot));
      execution_.bind_state(slot.name, states_.back().bytes().data());
    }
    for (const Slot& slot : executable.scalars())
      execution_.set_scalar(slot.name, 0.5 + 0.01 * static_cast<double>(hash_name(slot.name) % 40));
  }

  // All outputs and states after some runs.
  std::string run(int times, ThreadPool* pool) {
    for (int i = 0; i < times; ++i) execution_.run(pool);
    std::string bytes;
    for (std::size_t i = 0; i < execution_.executable().outputs().size(); ++i) append_output(bytes, i);
    for (const Array& state : states_) append(bytes, state.as<float>());
    return bytes;
  }

  [[nodiscard]] const Executable& executable() const { return execution_.executable(); }

 private:
  static std::uint64_t hash_name(std::string_view name) {
    std::uint64_t hash = 7;
    for (const char c : name) hash = hash * 31 + static_cast<unsigned char>(c);
    return hash;
  }

  // A NaN is a NaN: which one, the order of operands decides, and that is no promise.
  template <class T>
  static void append(std::string& bytes, std::span<const T> values) {
    for (T value : values) {
      if constexpr (std::is_floating_point_v<T>) {
        if (std::isnan(value)) value = std::numeric_limits<T>::quiet_NaN();
      }
      bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
    }
  }

  void append_output(std::string& bytes, std::size_t i) {
    switch (execution_.executable().outputs()[i].type) {
      case ElementType::f32:
        return append(bytes, execution_.output<float>(i));
      case ElementType::f64:
        return append(bytes, execution_.output<double>(i));
      case ElementType::i32:
        return append(bytes, execution_.output<std::int32_t>(i));
      case ElementType::u32:
        return append(bytes, execution_.output<std::uint32_t>(i));
      default:
        return append(bytes, execution_.output<bool>(i));
    }
  }

  Execution execution_;
  std::vector<Array> inputs_, states_;
};

}  // namespace astrolabe
