// SPDX-License-Identifier: Apache-2.0
// Arithmetic on nodes, written as on paper: what the rows of the MATH table are written in.
//
//   const Term x(graph, node);
//   const Term clamped = minimum(88.0, maximum(-88.0, x));   // NaN passes: it stands second
//   return horner(x * x, kCoefficients).id();                // an array of doubles
//
// Numbers take the type of the term they meet: doubles that of a floating term (give f32 only numbers that it
// has), whole numbers that of a whole one. Every function adds one node, but for those that say how many.
#pragma once

#include <cstdint>
#include <span>

#include "astrolabe/graph/graph.h"

namespace astrolabe::math {

// The layout of a floating type.
struct Format {
  ElementType whole;      // of the same width
  int mantissa_bits;      // 23 or 52
  std::int64_t one;       // the bits of 1
  double round;           // 1.5 * 2^mantissa_bits: adding it leaves the nearest whole number in the low bits
  double least_normal;    // 2^-126 or 2^-1022
  std::int64_t sign_bit;  // as a signed number
};
[[nodiscard]] const Format& format_of(ElementType type);

class Term {
 public:
  Term(Graph& graph, NodeId id) : graph_(&graph), id_(id) {}

  [[nodiscard]] NodeId id() const { return id_; }
  [[nodiscard]] Graph& graph() const { return *graph_; }
  [[nodiscard]] bool is_f32() const { return graph_->type(id_) == ElementType::f32; }
  [[nodiscard]] const Format& format() const { return format_of(graph_->type(id_)); }

  [[nodiscard]] Term number(double value) const;       // of this floating type
  [[nodiscard]] Term whole(std::int64_t value) const;  // of this whole type
  [[nodiscard]] Term bits() const;                     // of a floating term, as a signed whole number
  [[nodiscard]] Term floating_bits() const;            // of a whole term, as a floating one
  [[nodiscard]] Term as_floating() const;              // a whole number converted, rounded to nearest

 private:
  Graph* graph_;
  NodeId id_;
};

// A term or a floating number.
class Operand {
 public:
  Operand(Term term) : graph_(&term.graph()), id_(term.id()) {}  // NOLINT(google-explicit-constructor)
  Operand(double value) : value_(value) {}                       // NOLINT(google-explicit-constructor)
  [[nodiscard]] bool is_term() const { return graph_ != nullptr; }
  [[nodiscard]] Term term() const { return {*graph_, id_}; }  // when it is one
  [[nodiscard]] Term beside(const Term& other) const { return is_term() ? term() : other.number(value_); }

 private:
  Graph* graph_ = nullptr;
  NodeId id_ = kNoNode;
  double value_ = 0;
};

// At least one of the operands of each is a term.
Term operator+(const Operand& a, const Operand& b);
Term operator-(const Operand& a, const Operand& b);
Term operator*(const Operand& a, const Operand& b);
Term operator/(const Operand& a, const Operand& b);
Term minimum(const Operand& a, const Operand& b);  // a < b ? a : b
Term maximum(const Operand& a, const Operand& b);  // a > b ? a : b
Term less(const Operand& a, const Operand& b);
Term equal(const Operand& a, const Operand& b);
Term select(const Term& condition, const Operand& a, const Operand& b);
Term fma(const Term& a, const Operand& b, const Operand& c);
Term negate(const Term& a);

// Of whole terms.
Term operator&(const Term& a, std::int64_t mask);
Term operator|(const Term& a, const Term& b);
Term operator^(const Term& a, const Term& b);
Term operator<<(const Term& a, int places);

// The polynomial with these coefficients, the constant one first, by Horner's rule: size - 1 nodes.
Term horner(const Term& x, std::span<const double> coefficients);

Term absolute(const Term& x);  // the sign bit cleared

// The sign bit of `sign` set in a value >= 0: 2 nodes.
Term with_sign_of(const Term& value, const Term& sign);

// x cut off at the ends; NaN stays: 2 nodes.
Term between(double low, double high, const Term& x);

}  // namespace astrolabe::math
