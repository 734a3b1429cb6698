// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/tiles/tile_plan.h"

#include <algorithm>
#include <bit>

#include "astrolabe/base/error.h"
#include "astrolabe/graph/math_table.h"
#include "astrolabe/graph/op.h"
#include "astrolabe/tiles/strips.h"

namespace astrolabe {
namespace {

constexpr std::size_t kLongestStrip = 512;
constexpr std::size_t kShortestStrip = 64;
constexpr std::size_t kRegisterBytes = std::size_t{32}
                                       << 10;  // of strips; the rest of the cache is for operands
constexpr std::uint16_t kNever = UINT16_MAX;

TileOp math_operation(std::int64_t row) {
  ASTROLABE_CHECK(row >= 0 && static_cast<std::size_t>(row) < math_rows().size(), "a row of the MATH table");
  const std::string_view name = math_rows()[static_cast<std::size_t>(row)].name;
  if (name == "sqrt") return TileOp::square_root;
  if (name == "floor") return TileOp::floor;
  ASTROLABE_CHECK(name == "round", "only MATH rows without an expansion are left in a nest");
  return TileOp::round;
}

TileOp operation_of(const NestInstruction& instruction) {
  switch (instruction.op) {
    case Op::negate:
      return TileOp::negate;
    case Op::math:
      return math_operation(instruction.value);
    case Op::add:
      return TileOp::add;
    case Op::subtract:
      return TileOp::subtract;
    case Op::multiply:
      return TileOp::multiply;
    case Op::divide:
      return TileOp::divide;
    case Op::minimum:
      return TileOp::minimum;
    case Op::maximum:
      return TileOp::maximum;
    case Op::less:
      return TileOp::less;
    case Op::equal:
      return TileOp::equal;
    case Op::logical_and:
      return TileOp::logical_and;
    case Op::logical_or:
      return TileOp::logical_or;
    case Op::exclusive_or:
      return TileOp::exclusive_or;
    case Op::shift_left:
      return TileOp::shift_left;
    case Op::shift_right:
      return TileOp::shift_right;
    case Op::select:
      return TileOp::select;
    case Op::fused_multiply_add:
      return TileOp::fused_multiply_add;
    default:
      ASTROLABE_CHECK(false, "an operation in a nest that is not elementwise");
      return TileOp::add;
  }
}

// Registers for strips: those of one width are used again.
class Registers {
 public:
  std::uint32_t take(std::size_t width) {
    std::vector<std::uint32_t>& free = free_[static_cast<std::size_t>(std::countr_zero(width))];
    if (!free.empty()) {
      const std::uint32_t offset = free.back();
      free.pop_back();
      return offset;
    }
    const std::uint32_t offset = size_;
    size_ += static_cast<std::uint32_t>(width);
    return offset;
  }
  void give_back(std::uint32_t offset, std::size_t width) {
    free_[static_cast<std::size_t>(std::countr_zero(width))].push_back(offset);
  }
  [[nodiscard]] std::size_t size() const { return size_; }  // bytes per element

 private:
  std::array<std::vector<std::uint32_t>, 4> free_;
  std::uint32_t size_ = 0;
};

// One plan in the making.
class Planner {
 public:
  Planner(const NestCode& code, const HandlerTable& handlers, TileKind kind)
      : code_(code), handlers_(handlers), kind_(kind), values_(code.body.size()) {
    plan_.kind = kind;
  }

  TilePlan make() {
    find_needed();
    find_dependences();
    for (int level = -1; level <= deepest_; ++level) {
      plan_.groups[static_cast<std::size_t>(level) + 1] = step_count();
      if (level == deepest_) append_redirects();
      append_level(level);
    }
    append_late_reductions();
    append_stores();
    for (auto i = static_cast<std::size_t>(deepest_) + 2; i < plan_.groups.size(); ++i)
      plan_.groups[i] = step_count();
    find_hazards();
    place();
    return std::move(plan_);
  }

 private:
  struct Value {
    bool is_needed = false;
    std::uint16_t root = 0;   // a value with the same bits: itself, or the operand of a bitcast
    std::uint8_t loops = 0;   // bit p: it changes with the loop at position p
    bool is_uniform = false;  // constants too
    int level = -1;           // the last position that it changes with
    std::uint16_t step = kNever, last_use = 0;
  };

  [[nodiscard]] std::uint16_t step_count() const { return static_cast<std::uint16_t>(plan_.steps.size()); }
  [[nodiscard]] const NestInstruction& body(std::uint16_t value) const { return code_.body[value]; }
  [[nodiscard]] bool is_constant(std::uint16_t value) const { return body(value).kind == NestOp::constant; }
  [[nodiscard]] int operand_count(std::uint16_t value) const {
    return body(value).kind == NestOp::compute ? op_rule(body(value).op).inputs : 0;
  }
  [[nodiscard]] bool is_alias(std::uint16_t value) const {
    const NestInstruction& each = body(value);
    if (each.kind != NestOp::compute) return false;
    return each.op == Op::bitcast || (each.op == Op::cast && each.type == body(each.operands[0]).type);
  }
  std::uint16_t root(std::uint16_t value) const { return values_[value].root; }

  void find_needed() {
    for (const NestStore& store : code_.stores) values_[store.value].is_needed = true;
    for (const NestReduction& each : code_.reductions) values_[each.value].is_needed = true;
    for (std::size_t i = values_.size(); i-- > 0;) {
      const auto value = static_cast<std::uint16_t>(i);
      if (!values_[i].is_needed) continue;
      for (int k = 0; k < operand_count(value); ++k) {
        const std::uint16_t operand = body(value).operands[static_cast<std::size_t>(k)];
        ASTROLABE_CHECK(operand < value, "operands come before their instruction");
        values_[operand].is_needed = true;
      }
    }
  }

  void find_dependences() {
    const auto order = tile_loop_order(code_);
    const std::size_t inner = code_.loops - 1U;
    unsigned tile = 0, ignored = 0;
    for (unsigned position = 0; position < code_.loops; ++position) {
      const bool is_row_loop = kind_ == TileKind::block && order[position] + 1U == inner;
      if (order[position] == inner || is_row_loop) tile |= 1U << position;
      if (order[position] == inner && kind_ == TileKind::block) ignored |= 1U << position;
    }
    const unsigned all = ((1U << code_.loops) - 1) & ~ignored;
    deepest_ = static_cast<int>(std::bit_width(all)) - 1;
    for (std::size_t i = 0; i < values_.size(); ++i) {
      const auto value = static_cast<std::uint16_t>(i);
      Value& each = values_[i];
      each.root = is_alias(value) ? root(body(value).operands[0]) : value;
      unsigned loops = 0;
      for (unsigned position = 0; position < code_.loops; ++position)
        if (changes_with(value, order[position])) loops |= 1U << position;
      for (int k = 0; k < operand_count(value); ++k)
        loops |= values_[body(value).operands[static_cast<std::size_t>(k)]].loops;
      each.loops = static_cast<std::uint8_t>(loops);
      each.is_uniform = (loops & tile) == 0;
      each.level = static_cast<int>(std::bit_width(loops & ~ignored)) - 1;
    }
  }

  [[nodiscard]] bool changes_with(std::uint16_t value, std::size_t loop) const {
    const NestInstruction& each = body(value);
    if (each.kind == NestOp::index) return static_cast<std::size_t>(each.value) == loop;
    if (each.kind != NestOp::load) return false;
    return code_.accesses[static_cast<std::size_t>(each.value)].strides[loop] != Stride::zero;
  }

  void use(std::uint16_t value) { values_[root(value)].last_use = step_count(); }

  void append_level(int level) {
    for (std::size_t i = 0; i < values_.size(); ++i) {
      const auto value = static_cast<std::uint16_t>(i);
      if (!values_[i].is_needed || values_[i].level != level || is_constant(value) || root(value) != value)
        continue;
      append_value(value);
      if (level != deepest_ || values_[i].is_uniform) continue;
      for (std::size_t r = 0; r < code_.reductions.size(); ++r)
        if (root(code_.reductions[r].value) == value) append_reduction(static_cast<std::uint16_t>(r), value);
    }
  }

  void append_value(std::uint16_t value) {
    const NestInstruction& each = body(value);
    TileStep step;
    step.type = each.type;
    step.width = static_cast<std::uint8_t>(element_bytes(each.type));
    step.slot = value;
    step.is_uniform = values_[value].is_uniform;
    if (each.kind == NestOp::compute) {
      for (int k = 0; k < operand_count(value); ++k) {
        const std::uint16_t operand = each.operands[static_cast<std::size_t>(k)];
        use(operand);
        step.operands[static_cast<std::size_t>(k)] = root(operand);
      }
      step.handler = handler_of(value);
    } else {
      step.kind = each.kind == NestOp::load ? TileStepKind::load : TileStepKind::index;
      step.item = static_cast<std::uint16_t>(each.value);
    }
    values_[value].step = step_count();
    plan_.steps.push_back(step);
  }

  [[nodiscard]] Handler handler_of(std::uint16_t value) const {
    const NestInstruction& each = body(value);
    const ElementType from = body(each.operands[0]).type;
    const auto type = static_cast<std::size_t>(each.op == Op::select ? each.type : from);
    Handler handler = nullptr;
    if (each.op == Op::cast) {
      handler = narrow_float_cast(from, each.type);
      if (handler == nullptr) handler = handlers_.cast[type][static_cast<std::size_t>(each.type)];
    } else {
      unsigned uniform = 0;
      for (int k = 0; k < operand_count(value) && !values_[value].is_uniform; ++k)
        if (values_[each.operands[static_cast<std::size_t>(k)]].is_uniform) uniform |= 1U << k;
      handler = handlers_.compute[static_cast<std::size_t>(operation_of(each))][type][uniform];
    }
    ASTROLABE_CHECK(handler != nullptr, "an operation on a type that has none");
    return handler;
  }

  // Values that are computed tile by tile can be computed right where they are stored.
  void append_redirects() {
    std::vector<bool> is_redirected(values_.size(), false);
    for (std::size_t i = 0; i < code_.stores.size(); ++i) {
      const std::uint16_t value = root(code_.stores[i].value);
      if (values_[value].level != deepest_ || values_[value].is_uniform || is_redirected[value] ||
          body(value).kind != NestOp::compute)
        continue;
      is_redirected[value] = true;
      TileStep step;
      step.kind = TileStepKind::redirect;
      step.slot = value;
      step.width = static_cast<std::uint8_t>(element_bytes(body(value).type));
      step.item = static_cast<std::uint16_t>(i);
      plan_.steps.push_back(step);
    }
  }

  void append_reduction(std::uint16_t reduction, std::uint16_t slot) {
    TileStep step;
    step.kind = TileStepKind::reduce;
    step.type = body(code_.reductions[reduction].value).type;
    step.width = static_cast<std::uint8_t>(element_bytes(step.type));
    step.slot = slot;
    step.item = reduction;
    if (slot < values_.size()) use(slot);
    plan_.steps.push_back(step);
  }

  // Of what does not change from tile to tile.
  void append_late_reductions() {
    for (std::size_t r = 0; r < code_.reductions.size(); ++r) {
      const std::uint16_t value = root(code_.reductions[r].value);
      if (values_[value].is_uniform) {
        TileStep step;
        step.kind = TileStepKind::spread;
        step.width = static_cast<std::uint8_t>(element_bytes(body(value).type));
        step.slot = static_cast<std::uint16_t>(values_.size() + r);
        step.operands[0] = value;
        use(value);
        plan_.steps.push_back(step);
        append_reduction(static_cast<std::uint16_t>(r), step.slot);
      } else if (values_[value].level != deepest_) {
        append_reduction(static_cast<std::uint16_t>(r), value);
      }
    }
  }

  void append_stores() {
    for (std::size_t i = 0; i < code_.stores.size(); ++i) {
      TileStep step;
      step.kind = TileStepKind::store;
      step.slot = root(code_.stores[i].value);
      step.is_uniform = values_[step.slot].is_uniform;
      step.width = static_cast<std::uint8_t>(element_bytes(body(step.slot).type));
      step.item = static_cast<std::uint16_t>(i);
      use(step.slot);
      plan_.steps.push_back(step);
    }
  }

  void find_hazards() {
    for (const TileStep& step : plan_.steps) {
      if (step.kind != TileStepKind::redirect) continue;
      for (std::size_t i = 0; i < values_.size(); ++i) {
        const Value& load = values_[i];
        if (load.step == kNever || code_.body[i].kind != NestOp::load) continue;
        if (load.last_use > values_[step.slot].step || load.step > values_[step.slot].step)
          plan_.hazards.push_back({step.item, static_cast<std::uint16_t>(code_.body[i].value)});
      }
    }
  }

  void place() {
    plan_.slots.resize(values_.size() + code_.reductions.size());
    place_uniforms();
    place_strips();
  }

  void place_uniforms() {
    std::size_t constants = 0;
    for (std::size_t i = 0; i < values_.size(); ++i) {
      const auto value = static_cast<std::uint16_t>(i);
      if (!values_[i].is_needed || !values_[i].is_uniform || root(value) != value) continue;
      // Some handlers read whole blocks even of uniform operands.
      const std::size_t bytes = std::max(kBufferAlignment, kTileBlock * element_bytes(code_.body[i].type));
      TileSlot& slot = plan_.slots[i];
      slot.place = is_constant(value) ? TileSlot::Place::constant : TileSlot::Place::uniform;
      std::size_t& size = is_constant(value) ? constants : plan_.uniform_bytes;
      slot.offset = static_cast<std::uint32_t>(size);
      size += bytes;
    }
    plan_.constants = Buffer(constants);
    for (std::size_t i = 0; i < values_.size(); ++i) {
      if (!values_[i].is_needed || !is_constant(static_cast<std::uint16_t>(i))) continue;
      const std::size_t width = element_bytes(code_.body[i].type);
      std::byte* const to = plan_.constants.data() + plan_.slots[i].offset;
      for (std::size_t k = 0; k < kTileBlock; ++k)
        write_constant(to + k * width, code_.body[i].type, code_.body[i].value);
    }
  }

  // In the order of the steps. What is computed before the last group stays: later tiles read it again.
  void place_strips() {
    Registers registers;
    const std::uint16_t last_group = plan_.groups[static_cast<std::size_t>(deepest_) + 1];
    std::vector<std::vector<std::uint16_t>> ends(plan_.steps.size());
    for (std::size_t i = 0; i < values_.size(); ++i)
      if (values_[i].step != kNever && values_[i].step >= last_group && !values_[i].is_uniform)
        ends[values_[i].last_use].push_back(static_cast<std::uint16_t>(i));
    for (std::size_t i = 0; i < plan_.steps.size(); ++i) {
      const TileStep& step = plan_.steps[i];
      // A result may lie where an operand that ends here lies.
      for (const std::uint16_t value : ends[i])
        registers.give_back(plan_.slots[value].offset, element_bytes(code_.body[value].type));
      const bool is_spread = step.kind == TileStepKind::spread;
      const bool is_value = step.slot < values_.size() && values_[step.slot].step == i;
      if (is_spread || (is_value && !step.is_uniform))
        plan_.slots[step.slot].offset = registers.take(step.width);
    }
    const std::size_t bytes = std::max<std::size_t>(registers.size(), 1);
    plan_.strip = std::clamp(std::bit_floor(kRegisterBytes / bytes), kShortestStrip, kLongestStrip);
    plan_.strip_bytes = plan_.strip * registers.size();
  }

  const NestCode& code_;
  const HandlerTable& handlers_;
  TileKind kind_;
  TilePlan plan_;
  std::vector<Value> values_;
  int deepest_ = 0;
};

}  // namespace

std::array<std::uint8_t, kMaxLoops> tile_loop_order(const NestCode& code) {
  std::array<std::uint8_t, kMaxLoops> order{};
  const unsigned inner = code.loops - 1U;
  const unsigned kept = code.shape == NestShape::outer ? inner - code.reduced_loops : inner;
  std::size_t position = 0;
  for (unsigned loop = 0; loop < kept; ++loop) order[position++] = static_cast<std::uint8_t>(loop);
  order[position++] = static_cast<std::uint8_t>(inner);
  for (unsigned loop = kept; loop < inner; ++loop) order[position++] = static_cast<std::uint8_t>(loop);
  return order;
}

bool has_block_plan(const NestCode& code) {
  return code.loops > 1;
}

TilePlan make_tile_plan(const NestCode& code, const HandlerTable& handlers, TileKind kind) {
  return Planner(code, handlers, kind).make();
}

}  // namespace astrolabe
