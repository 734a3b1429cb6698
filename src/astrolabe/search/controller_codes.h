// SPDX-License-Identifier: Apache-2.0
// Points as sequences of decisions: a choice is one of its options, a whole number of few values one of them,
// other numbers one of `bins` equal shares of their scale.
//
//   const ControllerCodes codes(space, 12);
//   codes.options()                 // {5, 5, 12}
//   codes.value(2, 7, 0.5)          // the middle of the eighth share
//   codes.encode(point)             // {0, 3, 7}
//
// Immutable; thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "astrolabe/search/controller_programs.h"
#include "astrolabe/search/space.h"

namespace astrolabe {

class ControllerCodes {
 public:
  ControllerCodes(const Space& space, std::size_t bins);

  // Of each dimension; of a space without any, one decision that is never made.
  [[nodiscard]] const std::vector<std::size_t>& options() const { return options_; }
  // Whether an option of the dimension is a value, and not a share of many.
  [[nodiscard]] bool is_exact(std::size_t d) const { return is_exact_[d]; }
  // Of a dimension's option; `within` in [0, 1) says where in a share.
  [[nodiscard]] double value(const Space& space, std::size_t d, std::int32_t option, double within) const;
  // Where in its share a value of the dimension lies; 0.5 where an option is a value.
  [[nodiscard]] double within(const Space& space, std::size_t d, double value) const;
  // kNotDecided where a dimension does not exist.
  [[nodiscard]] std::vector<std::int32_t> encode(const Space& space, const Point& point) const;

 private:
  std::vector<std::size_t> options_;
  std::vector<bool> is_exact_;
};

}  // namespace astrolabe
