// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/train/containment.h"

#include <set>
#include <tuple>

namespace astrolabe {
namespace {

class Containment {
 public:
  Containment(const Architecture& child, const Architecture& parent, bool may_add_dense)
      : child_(child), parent_(parent), may_add_dense_(may_add_dense) {}

  std::optional<std::vector<std::size_t>> find() {
    if (!place(0, 0, false)) return std::nullopt;
    return std::move(from_);
  }

 private:
  // The child's blocks from `c` on, with those of the parent from `p` on. `are_values`: what comes in left an
  // activation, and nothing was added to it.
  bool place(std::size_t c, std::size_t p, bool are_values) {
    if (c == child_.blocks.size()) return p == parent_.blocks.size();
    if (!tried_.insert({c, p, are_values}).second) return false;
    const Architecture::Block& block = child_.blocks[c];
    if (p < parent_.blocks.size() && parent_.blocks[p].is_residual == block.is_residual &&
        parent_.blocks[p].width <= block.width && take(p, c, p + 1, !block.is_residual))
      return true;
    if (block.is_residual) return take(kNewBlock, c, p, are_values);
    const bool can_be_identity =
        may_add_dense_ && are_values && p > 0 && parent_.blocks[p - 1].width <= block.width;
    return can_be_identity && take(kNewBlock, c, p, true);
  }

  bool take(std::size_t from, std::size_t c, std::size_t next, bool are_values) {
    from_.push_back(from);
    if (place(c + 1, next, are_values)) return true;
    from_.pop_back();
    return false;
  }

  const Architecture& child_;
  const Architecture& parent_;
  bool may_add_dense_;
  std::vector<std::size_t> from_;
  std::set<std::tuple<std::size_t, std::size_t, bool>> tried_;
};

}  // namespace

std::optional<std::vector<std::size_t>> find_contained(const Architecture& child, const Architecture& parent,
                                                       bool may_add_dense) {
  return Containment(child, parent, may_add_dense).find();
}

}  // namespace astrolabe
