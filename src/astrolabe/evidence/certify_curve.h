// SPDX-License-Identifier: Apache-2.0
// Properties of one curve that several kinds of parts share. For certify_*.cpp.
#pragma once

#include <optional>
#include <string>

#include "astrolabe/evidence/certify.h"
#include "astrolabe/evidence/curve_bounds.h"

namespace astrolabe {

[[nodiscard]] std::string interval_words(const Bounds& bounds);  // "[-10, 10]"
// "on [a, b]", "by x = 3", "open near 3"
[[nodiscard]] std::string where_words(const Sweep& sweep, const Bounds& domain, std::string_view variable);

// The widest part of the domain on which it is finite; what else is certified is about that.
[[nodiscard]] std::optional<Bounds> where_finite(CurveBounds& curve, const Bounds& domain);
[[nodiscard]] Certificate certify_finite(CurveBounds& curve, const Bounds& domain, std::string_view variable);
[[nodiscard]] Certificate certify_differentiable(CurveBounds& curve, const Bounds& domain,
                                                 std::string_view variable);
// `direction` 1: never falls; -1: never rises.
[[nodiscard]] Certificate certify_monotone(CurveBounds& curve, const Bounds& domain,
                                           std::string_view variable, int direction);
[[nodiscard]] Certificate certify_bounded(CurveBounds& curve, const Bounds& domain);
[[nodiscard]] Certificate certify_lipschitz(CurveBounds& curve, const Bounds& domain);
[[nodiscard]] Certificate certify_convex(CurveBounds& curve, const Bounds& domain, std::string_view variable);

}  // namespace astrolabe
