// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/graph/math_formula.h"

#include <limits>

#include "astrolabe/base/error.h"

namespace astrolabe::math {
namespace {

constexpr Format kSingle = {.whole = ElementType::i32,
                            .mantissa_bits = 23,
                            .one = 0x3f800000,
                            .round = 0x1.8p23,
                            .least_normal = 0x1p-126,
                            .sign_bit = std::numeric_limits<std::int32_t>::min()};
constexpr Format kDouble = {.whole = ElementType::i64,
                            .mantissa_bits = 52,
                            .one = 0x3ff0000000000000,
                            .round = 0x1.8p52,
                            .least_normal = 0x1p-1022,
                            .sign_bit = std::numeric_limits<std::int64_t>::min()};

Term binary(Op op, const Operand& a, const Operand& b) {
  const Term beside = a.is_term() ? a.term() : b.term();
  return {beside.graph(), beside.graph().binary(op, a.beside(beside).id(), b.beside(beside).id())};
}

Term whole_binary(Op op, const Term& a, const Term& b) {
  return {a.graph(), a.graph().binary(op, a.id(), b.id())};
}

}  // namespace

const Format& format_of(ElementType type) {
  ASTROLABE_CHECK(type == ElementType::f32 || type == ElementType::f64, "MATH rows are for f32 and f64");
  return type == ElementType::f32 ? kSingle : kDouble;
}

Term Term::number(double value) const {
  return {*graph_, graph_->constant(value, graph_->type(id_))};
}

Term Term::whole(std::int64_t value) const {
  // Not Graph::constant: a double does not hold every mask of 64 bits.
  Attributes attributes;
  attributes.value = value;
  return {*graph_, graph_->append({.op = Op::constant,
                                   .inputs = {},
                                   .attributes = attributes,
                                   .wanted = {graph_->type(id_), Shape{}}})};
}

Term Term::bits() const {
  return {*graph_, graph_->bitcast(id_, format().whole)};
}

Term Term::floating_bits() const {
  const bool is_single = graph_->type(id_) == ElementType::i32;
  return {*graph_, graph_->bitcast(id_, is_single ? ElementType::f32 : ElementType::f64)};
}

Term Term::as_floating() const {
  const bool is_single = graph_->type(id_) == ElementType::i32;
  return {*graph_, graph_->cast(id_, is_single ? ElementType::f32 : ElementType::f64)};
}

Term operator+(const Operand& a, const Operand& b) {
  return binary(Op::add, a, b);
}
Term operator-(const Operand& a, const Operand& b) {
  return binary(Op::subtract, a, b);
}
Term operator*(const Operand& a, const Operand& b) {
  return binary(Op::multiply, a, b);
}
Term operator/(const Operand& a, const Operand& b) {
  return binary(Op::divide, a, b);
}
Term minimum(const Operand& a, const Operand& b) {
  return binary(Op::minimum, a, b);
}
Term maximum(const Operand& a, const Operand& b) {
  return binary(Op::maximum, a, b);
}
Term less(const Operand& a, const Operand& b) {
  return binary(Op::less, a, b);
}
Term equal(const Operand& a, const Operand& b) {
  return binary(Op::equal, a, b);
}

Term select(const Term& condition, const Operand& a, const Operand& b) {
  const Term beside = a.is_term() ? a.term() : b.term();
  Graph& graph = beside.graph();
  return {graph, graph.select(condition.id(), a.beside(beside).id(), b.beside(beside).id())};
}

Term fma(const Term& a, const Operand& b, const Operand& c) {
  return {a.graph(), a.graph().fused_multiply_add(a.id(), b.beside(a).id(), c.beside(a).id())};
}

Term negate(const Term& a) {
  return {a.graph(), a.graph().negate(a.id())};
}

Term operator&(const Term& a, std::int64_t mask) {
  return whole_binary(Op::logical_and, a, a.whole(mask));
}
Term operator|(const Term& a, const Term& b) {
  return whole_binary(Op::logical_or, a, b);
}
Term operator^(const Term& a, const Term& b) {
  return whole_binary(Op::exclusive_or, a, b);
}
Term operator<<(const Term& a, int places) {
  return whole_binary(Op::shift_left, a, a.whole(places));
}

Term horner(const Term& x, std::span<const double> coefficients) {
  ASTROLABE_CHECK(coefficients.size() >= 2, "a polynomial that depends on its variable");
  Term sum = x.number(coefficients.back());
  for (std::size_t i = coefficients.size() - 1; i-- > 0;) sum = fma(sum, x, coefficients[i]);
  return sum;
}

Term absolute(const Term& x) {
  return (x.bits() & ~x.format().sign_bit).floating_bits();
}

Term with_sign_of(const Term& value, const Term& sign) {
  return (value.bits() | (sign.bits() & sign.format().sign_bit)).floating_bits();
}

Term between(double low, double high, const Term& x) {
  return minimum(high, maximum(low, x));
}

}  // namespace astrolabe::math
