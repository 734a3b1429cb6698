// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

#include "tests/lower/nest_reference.h"

#include "astrolabe/base/error.h"
#include "astrolabe/graph/math_table.h"
#include "astrolabe/tensor/narrow_float.h"

namespace astrolabe::nest_reference {
namespace {

constexpr std::size_t kGuardElements = 40;

constexpr std::array kComputed = {ElementType::boolean, ElementType::i32, ElementType::u32,
                                  ElementType::i64,     ElementType::f32, ElementType::f64};
constexpr std::array kNumbers = {ElementType::i32, ElementType::u32, ElementType::i64, ElementType::f32,
                                 ElementType::f64};

double hostile_number(RandomStream& random) {
  using Limits = std::numeric_limits<float>;
  constexpr double kOdd[] = {0.0,
                             -0.0,
                             1.0,
                             -1.0,
                             0.5,
                             1.5,
                             2.5,
                             8388607.5,
                             -8388608.0,
                             2147483648.0,
                             65519,
                             65520,
                             1e-7,
                             6e-8,
                             -3e-8,
                             4294967296.0,
                             9.3e18,
                             -9223372036854775808.0,
                             Limits::max(),
                             Limits::denorm_min(),
                             Limits::min(),
                             Limits::infinity(),
                             -Limits::infinity(),
                             Limits::quiet_NaN()};
  switch (random.below(8)) {
    case 0:
      return kOdd[random.below(std::size(kOdd))];
    case 1:
      return std::ldexp(random.normal(), static_cast<int>(random.below(260)) - 130);
    case 2:
      return std::floor(random.normal() * 20) / 2;
    default:
      return random.normal() * 4;
  }
}

template <class T>
void put(std::byte* to, T value) {
  std::memcpy(to, &value, sizeof value);
}

void put_random(ElementType type, std::byte* to, RandomStream& random) {
  switch (type) {
    case ElementType::boolean:
      return put(to, random.below(2) == 1);
    case ElementType::i32:
    case ElementType::u32:
      return put(to, static_cast<std::uint32_t>(random.bits() >> random.below(33) >> 31));
    case ElementType::i64:
      return put(to, random.bits() >> random.below(64));
    case ElementType::f32:
      return put(to, static_cast<float>(hostile_number(random)));
    case ElementType::f64:
      return put(to, hostile_number(random));
    case ElementType::bf16:
      return put(to, to_bf16(static_cast<float>(hostile_number(random))));
    case ElementType::f16:
      return put(to, to_f16(static_cast<float>(hostile_number(random))));
  }
}

// ---- Nests.

// Builds a valid nest instruction by instruction.
struct Builder {
  RandomStream random;
  NestCode code;

  template <class Container>
  auto pick(const Container& from) {
    return from[random.below(std::size(from))];
  }

  std::uint16_t append(const NestInstruction& instruction) {
    code.body.push_back(instruction);
    return static_cast<std::uint16_t>(code.body.size() - 1);
  }

  NestAccess access(ElementType type) {
    NestAccess result;
    result.type = type;
    for (std::size_t loop = 0; loop < code.loops; ++loop)
      result.strides[loop] = static_cast<Stride>(random.below(3));
    return result;
  }

  // A store's access tells all elements apart; `is_reduced` are loops without a stride.
  NestAccess target(ElementType type, std::size_t first_reduced, std::size_t last_reduced) {
    NestAccess result;
    result.type = type;
    for (std::size_t loop = 0; loop < code.loops; ++loop)
      result.strides[loop] = loop >= first_reduced && loop < last_reduced ? Stride::zero : Stride::any;
    for (std::size_t loop = code.loops; loop-- > 0;) {
      if (result.strides[loop] == Stride::zero) continue;
      if (random.below(4) != 0) result.strides[loop] = Stride::one;
      break;
    }
    return result;
  }

  std::uint16_t load(ElementType type) {
    code.accesses.push_back(access(type));
    NestInstruction instruction{.kind = NestOp::load, .type = type};
    instruction.value = static_cast<std::int64_t>(code.accesses.size() - 1);
    return append(instruction);
  }

  std::uint16_t constant(ElementType type) {
    NestInstruction instruction{.kind = NestOp::constant, .type = type};
    if (is_floating(type))
      instruction.value = std::bit_cast<std::int64_t>(hostile_number(random));
    else
      instruction.value = type == ElementType::boolean ? static_cast<std::int64_t>(random.below(2))
                                                       : static_cast<std::int64_t>(random.below(40)) - 4;
    return append(instruction);
  }

  std::uint16_t index() {
    NestInstruction instruction{.kind = NestOp::index, .type = pick(kNumbers)};
    instruction.value = static_cast<std::int64_t>(random.below(code.loops));
    return append(instruction);
  }

  // An earlier value of that type; a new leaf when there is none.
  std::uint16_t value_of(ElementType type) {
    std::vector<std::uint16_t> found;
    for (std::size_t i = 0; i < code.body.size(); ++i)
      if (code.body[i].type == type) found.push_back(static_cast<std::uint16_t>(i));
    if (!found.empty() && random.below(6) != 0) return pick(found);
    return random.below(4) == 0 ? constant(type) : load(type);
  }

  void append_compute(Op op, ElementType type, ElementType operands, int count, std::int64_t value = 0) {
    NestInstruction instruction{.kind = NestOp::compute, .op = op, .type = type};
    for (int i = 0; i < count; ++i) instruction.operands[static_cast<std::size_t>(i)] = value_of(operands);
    instruction.value = value;
    append(instruction);
  }

  void append_cast() {
    if (random.below(3) == 0) {
      const ElementType narrow = random.below(2) == 0 ? ElementType::bf16 : ElementType::f16;
      append_compute(Op::cast, narrow, ElementType::f32, 1);
      if (random.below(2) == 0) append_compute(Op::cast, ElementType::f32, narrow, 1);
    } else {
      append_compute(Op::cast, pick(kComputed), pick(kComputed), 1);
    }
  }

  void append_bitcast() {
    constexpr std::array<std::array<ElementType, 2>, 4> kPairs = {{{ElementType::i32, ElementType::u32},
                                                                   {ElementType::i32, ElementType::f32},
                                                                   {ElementType::u32, ElementType::f32},
                                                                   {ElementType::i64, ElementType::f64}}};
    const auto pair = pick(kPairs);
    const bool is_swapped = random.below(2) == 0;
    const ElementType from = is_swapped ? pair[1] : pair[0];
    const ElementType to = is_swapped ? pair[0] : pair[1];
    const std::uint16_t source = is_floating(from) ? load(from) : value_of(from);
    append({.kind = NestOp::compute, .op = Op::bitcast, .type = to, .operands = {source, 0, 0}});
  }

  void append_math() {
    std::vector<std::int64_t> rows;
    for (std::size_t row = 0; row < math_rows().size(); ++row)
      if (math_rows()[row].expand == nullptr) rows.push_back(static_cast<std::int64_t>(row));
    const ElementType type = random.below(2) == 0 ? ElementType::f32 : ElementType::f64;
    append_compute(Op::math, type, type, 1, pick(rows));
  }

  void append_select() {
    const ElementType type = pick(kComputed);
    const std::uint16_t condition = value_of(ElementType::boolean);
    const std::uint16_t yes = value_of(type);
    const std::uint16_t no = value_of(type);
    append({.kind = NestOp::compute, .op = Op::select, .type = type, .operands = {condition, yes, no}});
  }

  void append_operation() {
    constexpr std::array kArithmetic = {Op::add, Op::subtract, Op::multiply, Op::minimum, Op::maximum};
    constexpr std::array kBits = {Op::logical_and, Op::logical_or, Op::exclusive_or, Op::shift_left,
                                  Op::shift_right};
    constexpr std::array kWhole = {ElementType::i32, ElementType::u32, ElementType::i64};
    const ElementType floating = random.below(3) == 0 ? ElementType::f64 : ElementType::f32;
    const ElementType number = random.below(2) == 0 ? floating : pick(kNumbers);
    const ElementType whole = pick(kWhole);
    switch (random.below(12)) {
      case 0:
        return append_cast();
      case 1:
        return append_bitcast();
      case 2:
        return append_math();
      case 3:
        return append_select();
      case 4:
        return append_compute(random.below(2) == 0 ? Op::less : Op::equal, ElementType::boolean, number, 2);
      case 5:
        return append_compute(pick(kBits), whole, whole, 2);
      case 6:
        return append_compute(kBits[random.below(3)], ElementType::boolean, ElementType::boolean, 2);
      case 7:
        return append_compute(Op::divide, floating, floating, 2);
      case 8:
        return append_compute(Op::fused_multiply_add, floating, floating, 3);
      case 9:
        return append_compute(Op::negate, number, number, 1);
      default:
        return append_compute(pick(kArithmetic), number, number, 2);
    }
  }

  void append_results() {
    const std::size_t inner = code.loops - 1U;
    const auto any_value = [&] {
      return static_cast<std::uint16_t>(code.body.size() - 1 -
                                        random.below(std::min<std::size_t>(code.body.size(), 6)));
    };
    const std::uint64_t stores = code.shape == NestShape::plain ? 1 + random.below(3) : random.below(2);
    for (std::uint64_t i = 0; i < stores; ++i) {
      const std::uint16_t value = any_value();
      code.accesses.push_back(target(code.body[value].type, 0, 0));
      code.stores.push_back({value, static_cast<std::uint16_t>(code.accesses.size() - 1)});
    }
    const std::uint64_t reductions = code.shape == NestShape::plain ? 0 : 1 + random.below(3);
    for (std::uint64_t i = 0; i < reductions; ++i) {
      const std::uint16_t value = value_of(pick(kNumbers));
      const std::size_t first = code.shape == NestShape::lanes ? inner : inner - code.reduced_loops;
      const std::size_t last = code.shape == NestShape::lanes ? inner + 1 : inner;
      code.accesses.push_back(target(code.body[value].type, first, last));
      code.reductions.push_back({static_cast<ReduceKind>(random.below(3)), value,
                                 static_cast<std::uint16_t>(code.accesses.size() - 1)});
    }
  }
};

// ---- Data.

// Strides of a target: no two elements meet. Of others: anything small.
std::vector<std::int64_t> random_strides(const NestCode& code, std::size_t access, bool is_target,
                                         const std::vector<std::int64_t>& extents, RandomStream& random) {
  const NestAccess& a = code.accesses[access];
  std::vector<std::int64_t> strides(code.loops);
  std::int64_t room = 1;
  for (std::size_t loop = code.loops; loop-- > 0;) {
    if (a.strides[loop] == Stride::one) strides[loop] = 1;
    if (a.strides[loop] == Stride::any) {
      const auto padding = static_cast<std::int64_t>(random.below(3));
      const std::int64_t sign = random.below(5) == 0 ? -1 : 1;
      strides[loop] =
          sign * (is_target ? room + padding : 1 + static_cast<std::int64_t>(random.below(5)) * padding);
    }
    if (a.strides[loop] != Stride::zero) room += std::abs(strides[loop]) * (extents[loop] - 1);
    room = std::max<std::int64_t>(room, 1);
  }
  return strides;
}

bool is_target(const NestCode& code, std::size_t access) {
  return std::ranges::any_of(code.stores, [&](const NestStore& store) { return store.access == access; }) ||
         std::ranges::any_of(code.reductions,
                             [&](const NestReduction& each) { return each.access == access; });
}

}  // namespace

NestCode random_nest(Key key) {
  Builder builder{.random = RandomStream(key), .code = {}};
  NestCode& code = builder.code;
  RandomStream& random = builder.random;
  code.shape = static_cast<NestShape>(random.below(3));
  code.loops = static_cast<std::uint8_t>(1 + random.below(4));
  if (code.shape == NestShape::outer) {
    code.loops = static_cast<std::uint8_t>(2 + random.below(3));
    code.reduced_loops = static_cast<std::uint8_t>(1 + random.below(code.loops - 1U));
  }
  const std::uint64_t operations = 1 + random.below(25);
  builder.load(random.below(2) == 0 ? ElementType::f32 : builder.pick(kComputed));
  if (random.below(3) == 0) builder.index();
  for (std::uint64_t i = 0; i < operations; ++i) builder.append_operation();
  builder.append_results();
  return code;
}

NestCase random_case(const NestCode& code, Key key, std::vector<std::int64_t> extents) {
  RandomStream random(key);
  if (extents.empty()) {
    for (std::size_t loop = 0; loop + 1 < code.loops; ++loop)
      extents.push_back(
          static_cast<std::int64_t>(random.below(4) == 0 ? random.below(2) : 1 + random.below(5)));
    extents.push_back(static_cast<std::int64_t>(random.below(71)));
  }
  NestCase data;
  data.extents = extents;
  for (std::size_t access = 0; access < code.accesses.size(); ++access) {
    const auto strides = random_strides(code, access, is_target(code, access), extents, random);
    data.strides.insert(data.strides.end(), strides.begin(), strides.end());
    std::int64_t least = 0, greatest = 0;
    for (std::size_t loop = 0; loop < code.loops; ++loop) {
      const std::int64_t reach = strides[loop] * std::max<std::int64_t>(extents[loop] - 1, 0);
      (reach < 0 ? least : greatest) += reach;
    }
    const ElementType type = code.accesses[access].type;
    const std::size_t bytes = element_bytes(type);
    const auto elements = static_cast<std::size_t>(greatest - least) + 1;
    auto& memory = data.memory.emplace_back((elements + 2 * kGuardElements) * bytes);
    for (std::size_t i = 0; i < memory.size(); i += bytes) put_random(type, memory.data() + i, random);
    data.origins.push_back((kGuardElements + static_cast<std::size_t>(-least)) * bytes);
  }
  return data;
}

}  // namespace astrolabe::nest_reference
