// SPDX-License-Identifier: Apache-2.0
// Visits every region that a step reads or writes.
#pragma once

#include <type_traits>
#include <variant>

#include "astrolabe/lower/plan.h"

namespace astrolabe {

template <class StepType, class Visit>
void for_each_region(StepType& step, const Visit& visit) {
  std::visit(
      [&](auto& of_kind) {
        using Kind = std::remove_cvref_t<decltype(of_kind)>;
        if constexpr (std::is_same_v<Kind, NestStep>) {
          for (auto& region : of_kind.regions) visit(region);
        } else if constexpr (std::is_same_v<Kind, DotStep>) {
          visit(of_kind.a);
          visit(of_kind.b);
          visit(of_kind.c);
        } else if constexpr (std::is_same_v<Kind, ConvolveStep>) {
          visit(of_kind.a);
          visit(of_kind.b);
          visit(of_kind.out);
        } else if constexpr (std::is_same_v<Kind, BitsStep>) {
          visit(of_kind.key);
          visit(of_kind.out);
        } else if constexpr (std::is_same_v<Kind, TakeStep>) {
          visit(of_kind.table);
          visit(of_kind.index);
          visit(of_kind.out);
        } else {
          visit(of_kind.rows);
          visit(of_kind.index);
          visit(of_kind.table);
        }
      },
      step);
}

}  // namespace astrolabe
