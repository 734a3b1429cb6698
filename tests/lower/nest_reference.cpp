// SPDX-License-Identifier: Apache-2.0
#include "tests/lower/nest_reference.h"

#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <type_traits>

#include <fmt/format.h>

#include "astrolabe/base/error.h"
#include "astrolabe/graph/interpret.h"
#include "astrolabe/graph/math_table.h"
#include "astrolabe/tensor/narrow_float.h"

namespace astrolabe::nest_reference {
namespace {

// A scalar of any type: its bytes, in the lower end.
using Bits = std::uint64_t;

template <class T>
Bits pack(T value) {
  Bits bits = 0;
  std::memcpy(&bits, &value, sizeof value);
  return bits;
}

template <class T>
T unpack(Bits bits) {
  T value;
  std::memcpy(static_cast<void*>(&value), &bits, sizeof value);  // narrow floats have default members
  return value;
}

template <class Function>
Bits visit(ElementType type, const Function& function) {
  switch (type) {
    case ElementType::boolean:
      return function.template operator()<bool>();
    case ElementType::i32:
      return function.template operator()<std::int32_t>();
    case ElementType::u32:
      return function.template operator()<std::uint32_t>();
    case ElementType::i64:
      return function.template operator()<std::int64_t>();
    case ElementType::f32:
      return function.template operator()<float>();
    case ElementType::f64:
      return function.template operator()<double>();
    case ElementType::bf16:
    case ElementType::f16:
      break;
  }
  ASTROLABE_CHECK(false, "nothing is computed with storage types");
  return 0;
}

template <class T>
T saturated(double value) {  // every f32 is a f64
  using Limits = std::numeric_limits<T>;
  if (std::isnan(value)) return 0;
  if (value <= static_cast<double>(Limits::min())) return Limits::min();
  if (value >= std::ldexp(1.0, Limits::digits)) return Limits::max();
  return static_cast<T>(value);
}

template <class To, class From>
To converted(From value) {
  if constexpr (std::is_same_v<To, bool>)
    return value != From{};
  else if constexpr (std::is_floating_point_v<From> && std::is_integral_v<To>)
    return saturated<To>(value);
  else
    return static_cast<To>(value);
}

Bits cast(ElementType from, ElementType to, Bits bits) {
  if (from == to) return bits;
  if (from == ElementType::bf16) return pack(to_f32(unpack<Bf16>(bits)));
  if (from == ElementType::f16) return pack(to_f32(unpack<F16>(bits)));
  if (to == ElementType::bf16) return pack(to_bf16(unpack<float>(bits)));
  if (to == ElementType::f16) return pack(to_f16(unpack<float>(bits)));
  return visit(from, [&]<class From>() {
    return visit(to, [&]<class To>() { return pack(converted<To>(unpack<From>(bits))); });
  });
}

template <class T>
Bits machine_operation(std::int64_t row, T x) {
  const std::string_view name = math_rows()[static_cast<std::size_t>(row)].name;
  if (name == "sqrt") return pack(std::sqrt(x));
  if (name == "floor") return pack(std::floor(x));
  ASTROLABE_CHECK(name == "round", "a MATH row without expansion");
  return pack(std::nearbyint(x));
}

template <class T>
Bits floating_operation(const NestInstruction& instruction, T a, T b, T c) {
  switch (instruction.op) {
    case Op::negate:
      return pack(static_cast<T>(-a));
    case Op::add:
      return pack(static_cast<T>(a + b));
    case Op::subtract:
      return pack(static_cast<T>(a - b));
    case Op::multiply:
      return pack(static_cast<T>(a * b));
    case Op::divide:
      return pack(static_cast<T>(a / b));
    case Op::fused_multiply_add:
      return pack(std::fma(a, b, c));
    case Op::math:
      return machine_operation(instruction.value, a);
    default:
      ASTROLABE_CHECK(false, "an operation on floating numbers");
      return 0;
  }
}

template <class T>
Bits whole_operation(Op op, T a, T b) {
  using Unsigned = std::make_unsigned_t<T>;
  const auto x = static_cast<Unsigned>(a);
  const auto y = static_cast<Unsigned>(b);
  constexpr Unsigned kLast = sizeof(T) * 8 - 1;
  switch (op) {
    case Op::negate:
      return pack(static_cast<Unsigned>(Unsigned{0} - x));
    case Op::add:
      return pack(static_cast<Unsigned>(x + y));
    case Op::subtract:
      return pack(static_cast<Unsigned>(x - y));
    case Op::multiply:
      return pack(static_cast<Unsigned>(x * y));
    case Op::logical_and:
      return pack(static_cast<Unsigned>(x & y));
    case Op::logical_or:
      return pack(static_cast<Unsigned>(x | y));
    case Op::exclusive_or:
      return pack(static_cast<Unsigned>(x ^ y));
    case Op::shift_left:
      return pack(static_cast<Unsigned>(x << (y & kLast)));
    case Op::shift_right:
      return pack(static_cast<T>(a >> (y & kLast)));
    default:
      ASTROLABE_CHECK(false, "an operation on whole numbers");
      return 0;
  }
}

Bits bool_operation(Op op, bool a, bool b) {
  switch (op) {
    case Op::logical_and:
      return pack(a && b);
    case Op::logical_or:
      return pack(a || b);
    default:
      ASTROLABE_CHECK(op == Op::exclusive_or, "an operation on truth values");
      return pack(a != b);
  }
}

// What nest.h calls compute; `type` is that of the operands.
Bits compute(const NestInstruction& instruction, ElementType type, std::array<Bits, 3> in) {
  switch (instruction.op) {
    case Op::cast:
      return cast(type, instruction.type, in[0]);
    case Op::bitcast:
      return in[0];
    case Op::select:
      return unpack<bool>(in[0]) ? in[1] : in[2];
    default:
      break;
  }
  return visit(type, [&]<class T>() -> Bits {
    const T a = unpack<T>(in[0]);
    const T b = unpack<T>(in[1]);
    if (instruction.op == Op::minimum) return pack(a < b ? a : b);
    if (instruction.op == Op::maximum) return pack(a > b ? a : b);
    if (instruction.op == Op::less) return pack(a < b);
    if (instruction.op == Op::equal) return pack(a == b);
    if constexpr (std::is_same_v<T, bool>)
      return bool_operation(instruction.op, a, b);
    else if constexpr (std::is_floating_point_v<T>)
      return floating_operation(instruction, a, b, unpack<T>(in[2]));
    else
      return whole_operation(instruction.op, a, b);
  });
}

Bits identity_of(ReduceKind kind, ElementType type) {
  return visit(type, [&]<class T>() {
    using Limits = std::numeric_limits<T>;
    if (kind == ReduceKind::add) return pack(T{});
    if (kind == ReduceKind::maximum)
      return pack(Limits::has_infinity ? -Limits::infinity() : Limits::lowest());
    return pack(Limits::has_infinity ? Limits::infinity() : Limits::max());
  });
}

Bits joined(ReduceKind kind, ElementType type, Bits a, Bits b) {
  constexpr std::array<Op, 3> kOps = {Op::add, Op::maximum, Op::minimum};
  NestInstruction instruction;
  instruction.op = kOps[static_cast<std::size_t>(kind)];
  instruction.type = type;
  return compute(instruction, type, {a, b, 0});
}

// One call: where it stands and what it has computed.
struct Walk {
  const NestCode& code;
  NestCase& data;
  std::array<std::int64_t, kMaxLoops> at{};
  std::vector<Bits> values = std::vector<Bits>(code.body.size());

  std::byte* address(std::size_t access) const {
    std::int64_t offset = 0;
    for (std::size_t loop = 0; loop < code.loops; ++loop) {
      const Stride stride = code.accesses[access].strides[loop];
      const std::int64_t step = stride == Stride::zero  ? 0
                                : stride == Stride::one ? 1
                                                        : data.strides[access * code.loops + loop];
      offset += step * at[loop];
    }
    const auto bytes = static_cast<std::int64_t>(element_bytes(code.accesses[access].type));
    return data.memory[access].data() + static_cast<std::int64_t>(data.origins[access]) + offset * bytes;
  }

  Bits load(std::size_t access) const {
    Bits bits = 0;
    std::memcpy(&bits, address(access), element_bytes(code.accesses[access].type));
    return bits;
  }

  void store(std::size_t access, Bits bits) const {
    std::memcpy(address(access), &bits, element_bytes(code.accesses[access].type));
  }

  Bits value_of(const NestInstruction& instruction) const {
    const auto cast_index = [&](std::int64_t index) {
      return cast(ElementType::i64, instruction.type, pack(index));
    };
    switch (instruction.kind) {
      case NestOp::load:
        return load(static_cast<std::size_t>(instruction.value));
      case NestOp::constant: {
        if (!is_floating(instruction.type)) return cast_index(instruction.value);
        const auto number = std::bit_cast<double>(instruction.value);
        if (!is_storage_only(instruction.type)) return cast(ElementType::f64, instruction.type, pack(number));
        return cast(ElementType::f32, instruction.type, pack(static_cast<float>(number)));
      }
      case NestOp::index:
        return cast_index(at[static_cast<std::size_t>(instruction.value)]);
      case NestOp::compute:
        break;
    }
    std::array<Bits, 3> in{};
    for (std::size_t i = 0; i < in.size(); ++i) in[i] = values[instruction.operands[i]];
    return compute(instruction, code.body[instruction.operands[0]].type, in);
  }

  void turn() {  // body and stores
    for (std::size_t i = 0; i < code.body.size(); ++i) values[i] = value_of(code.body[i]);
    for (const NestStore& each : code.stores) store(each.access, values[each.value]);
  }

  ElementType type_of(const NestReduction& reduction) const { return code.body[reduction.value].type; }

  // Calls `function` for every index of the loops [first, last).
  template <class Function>
  void each(std::size_t first, std::size_t last, const Function& function) {
    if (first == last) return function();
    for (at[first] = 0; at[first] < data.extents[first]; ++at[first]) each(first + 1, last, function);
    at[first] = 0;
  }

  void row_of_lanes() {
    const std::size_t inner = code.loops - 1U;
    std::vector<std::array<Bits, kReductionLanes>> lanes(code.reductions.size());
    for (std::size_t i = 0; i < lanes.size(); ++i)
      lanes[i].fill(identity_of(code.reductions[i].kind, type_of(code.reductions[i])));
    for (at[inner] = 0; at[inner] < data.extents[inner]; ++at[inner]) {
      turn();
      for (std::size_t i = 0; i < lanes.size(); ++i) {
        Bits& lane = lanes[i][static_cast<std::size_t>(at[inner]) % kReductionLanes];
        lane = joined(code.reductions[i].kind, type_of(code.reductions[i]), lane,
                      values[code.reductions[i].value]);
      }
    }
    at[inner] = 0;
    for (std::size_t i = 0; i < lanes.size(); ++i) {
      const NestReduction& reduction = code.reductions[i];
      for (std::size_t half = kReductionLanes / 2; half > 0; half /= 2)
        for (std::size_t j = 0; j < half; ++j)
          lanes[i][j] = joined(reduction.kind, type_of(reduction), lanes[i][j], lanes[i][j + half]);
      store(reduction.access, lanes[i][0]);
    }
  }

  void chains(std::size_t first_reduced) {
    std::vector<Bits> sums;
    for (const NestReduction& reduction : code.reductions)
      sums.push_back(identity_of(reduction.kind, type_of(reduction)));
    each(first_reduced, code.loops - 1U, [&] {
      turn();
      for (std::size_t i = 0; i < sums.size(); ++i) {
        const NestReduction& reduction = code.reductions[i];
        sums[i] = joined(reduction.kind, type_of(reduction), sums[i], values[reduction.value]);
      }
    });
    for (std::size_t i = 0; i < sums.size(); ++i) store(code.reductions[i].access, sums[i]);
  }

  void run() {
    const std::size_t inner = code.loops - 1U;
    switch (code.shape) {
      case NestShape::plain:
        return each(0, code.loops, [&] { turn(); });
      case NestShape::lanes:
        return each(0, inner, [&] { row_of_lanes(); });
      case NestShape::outer:
        break;
    }
    const std::size_t kept = inner - code.reduced_loops;
    each(0, kept, [&] { each(inner, code.loops, [&] { chains(kept); }); });
  }
};

bool is_nan(ElementType type, Bits bits) {
  if (type == ElementType::f64) return std::isnan(unpack<double>(bits));
  if (!is_floating(type)) return false;
  return std::isnan(unpack<float>(cast(type, ElementType::f32, bits)));
}

}  // namespace

std::vector<std::byte*> NestCase::pointers() {
  std::vector<std::byte*> result;
  for (std::size_t i = 0; i < memory.size(); ++i) result.push_back(memory[i].data() + origins[i]);
  return result;
}

void run_reference(const NestCode& code, NestCase& data) {
  Walk{code, data}.run();
}

std::string first_difference(const NestCode& code, const NestCase& expected, const NestCase& found) {
  for (std::size_t access = 0; access < code.accesses.size(); ++access) {
    const ElementType type = code.accesses[access].type;
    const std::size_t bytes = element_bytes(type);
    for (std::size_t at = 0; at < expected.memory[access].size(); at += bytes) {
      Bits wanted = 0, got = 0;
      std::memcpy(&wanted, expected.memory[access].data() + at, bytes);
      std::memcpy(&got, found.memory[access].data() + at, bytes);
      if (wanted == got || (is_nan(type, wanted) && is_nan(type, got))) continue;
      const auto element =
          (static_cast<std::int64_t>(at) - static_cast<std::int64_t>(expected.origins[access])) /
          static_cast<std::int64_t>(bytes);
      return fmt::format("access {} ({}), element {} from its origin: expected {:#x}, found {:#x}\n{}",
                         access, element_name(type), element, wanted, got, print_nest(code));
    }
  }
  return "";
}

}  // namespace astrolabe::nest_reference
