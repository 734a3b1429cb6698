// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/graph/cheap_op.h"

namespace astrolabe {

bool is_cheap_to_repeat(Op op) {
  switch (op) {
    case Op::negate:
    case Op::add:
    case Op::subtract:
    case Op::multiply:
    case Op::minimum:
    case Op::maximum:
    case Op::less:
    case Op::equal:
    case Op::select:
    case Op::fused_multiply_add:
      return true;
    default:
      return false;
  }
}

}  // namespace astrolabe
