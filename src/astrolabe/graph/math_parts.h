// SPDX-License-Identifier: Apache-2.0
// The rows of the MATH table in elementary operations, and the parts that they share. All are pure in x;
// `expand_*` have the signature of MathRow::expand and hold the error bound of their row.
//
//   expand_exp(graph, x);                                           // e^x
//   exponential(absolute(x), {.factor = -2, .is_negative = true});  // e^(-2|x|)
#pragma once

#include "astrolabe/graph/math_formula.h"

namespace astrolabe::math {

// 2^-halvings e^(factor x): factor is 1, -1, 2 or -2; halvings 0 or 1, so that the result may be half of a
// number that is too large. Overflows to inf, passes NaN; 0 where the result before halving is below 2^-125.5
// (2^-1021.5 in f64). 13 operations in f32, one less for each bound that x is known to keep by itself.
struct Exponent {
  double factor = 1;
  int halvings = 0;
  bool is_negative = false;  // factor x <= 0, so there is no need to look for overflow
  bool is_positive = false;  // factor x >= 0, so there is no need to look for underflow
};
Term exponential(const Term& x, const Exponent& exponent = {});

// (e^(factor x) - 1) / 2 of factor x in [-87, 88] ([-708, 709] in f64), which is not looked at. Keeps the
// sign of zeros.
Term half_exponential_minus_one(const Term& x, double factor);

// log(x) of finite x >= 2^-126 (2^-1022 in f64), without a look at others: the bits of expand_log.
Term log_of_normal(const Term& x);

// log(1 + u) of finite u > -1, without a look at special values.
Term log_one_plus(const Term& u);

NodeId expand_abs(Graph& graph, NodeId x);
NodeId expand_atan(Graph& graph, NodeId x);
NodeId expand_cos(Graph& graph, NodeId x);
NodeId expand_cosh(Graph& graph, NodeId x);
NodeId expand_erf(Graph& graph, NodeId x);
NodeId expand_exp(Graph& graph, NodeId x);
NodeId expand_exp2(Graph& graph, NodeId x);
NodeId expand_expm1(Graph& graph, NodeId x);
NodeId expand_log(Graph& graph, NodeId x);
NodeId expand_log1p(Graph& graph, NodeId x);
NodeId expand_log2(Graph& graph, NodeId x);
NodeId expand_log_cosh(Graph& graph, NodeId x);
NodeId expand_rsqrt(Graph& graph, NodeId x);
NodeId expand_sigmoid(Graph& graph, NodeId x);
NodeId expand_sign(Graph& graph, NodeId x);
NodeId expand_sin(Graph& graph, NodeId x);
NodeId expand_sinh(Graph& graph, NodeId x);
NodeId expand_softplus(Graph& graph, NodeId x);
NodeId expand_tan(Graph& graph, NodeId x);
NodeId expand_tanh(Graph& graph, NodeId x);

}  // namespace astrolabe::math
