// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/lower/in_place.h"

#include <algorithm>
#include <functional>
#include <numeric>
#include <optional>

namespace astrolabe {
namespace {

// The heirs of the buffers that die in one nest.
class Takeover {
 public:
  Takeover(std::span<const PlanBuffer> buffers, const NestStep& nest, std::size_t step)
      : buffers_(buffers), nest_(nest), step_(step) {}

  // The buffer that store `store`, and others into the same memory, may overwrite, if any that `is_free` to
  // be taken.
  template <class IsFree>
  [[nodiscard]] std::optional<std::size_t> dying_under(const NestStore& store, const IsFree& is_free) const {
    const std::vector<std::size_t> writes = accesses_of(buffer_of(store));
    if (!write_all_of_a_new_buffer(writes)) return std::nullopt;
    for (const NestInstruction& each : nest_.code.body) {
      if (each.kind != NestOp::load) continue;
      const std::size_t read = nest_.regions[static_cast<std::size_t>(each.value)].buffer;
      if (is_free(read) && is_alike(read, buffer_of(store)) && may_overwrite(read, writes)) return read;
    }
    return std::nullopt;
  }

 private:
  [[nodiscard]] std::size_t buffer_of(const NestStore& store) const {
    return nest_.regions[store.access].buffer;
  }

  [[nodiscard]] std::vector<std::size_t> accesses_of(std::size_t buffer) const {
    std::vector<std::size_t> accesses;
    for (std::size_t access = 0; access < nest_.regions.size(); ++access)
      if (nest_.regions[access].buffer == buffer) accesses.push_back(access);
    return accesses;
  }

  // Each element once: stores that share a buffer are parts of a concat, side by side.
  [[nodiscard]] bool write_all_of_a_new_buffer(const std::vector<std::size_t>& writes) const {
    const std::size_t written = nest_.regions[writes[0]].buffer;
    const auto turns = static_cast<std::size_t>(
        std::accumulate(nest_.extents.begin(), nest_.extents.end(), std::int64_t{1}, std::multiplies<>{}));
    return buffers_[written].place == Place::arena && buffers_[written].first_step == step_ &&
           turns * writes.size() == buffers_[written].elements &&
           std::ranges::all_of(writes, [&](std::size_t access) {
             return std::ranges::any_of(nest_.code.stores,
                                        [&](const NestStore& store) { return store.access == access; });
           });
  }

  // Dies here, and is as large.
  [[nodiscard]] bool is_alike(std::size_t read, std::size_t written) const {
    const PlanBuffer &from = buffers_[read], &to = buffers_[written];
    return from.place == Place::arena && from.last_step == step_ && from.first_step < step_ &&
           from.type == to.type && from.elements == to.elements;
  }

  // Only read, walked as one of the stores walks, so that the turn that overwrites an element is the one that
  // reads it; and nothing that is stored or reduced besides is a bare element of it: that could be fetched
  // after the store (tiles use such values where they lie).
  [[nodiscard]] bool may_overwrite(std::size_t read, const std::vector<std::size_t>& writes) const {
    const NestCode& code = nest_.code;
    for (const std::size_t access : accesses_of(read))
      if (std::ranges::none_of(writes, [&](std::size_t write) { return is_same_walk(nest_, access, write); }))
        return false;
    for (const NestStore& other : code.stores) {
      const bool is_only_writer = writes.size() == 1 && other.access == writes[0];
      if (buffer_of(other) == read || (!is_only_writer && is_bare(other.value, read))) return false;
    }
    return std::ranges::none_of(code.reductions, [&](const NestReduction& other) {
      return nest_.regions[other.access].buffer == read || is_bare(other.value, read);
    });
  }

  [[nodiscard]] bool is_bare(std::uint16_t value, std::size_t read) const {
    const NestInstruction* each = &nest_.code.body[value];
    while (each->kind == NestOp::compute && (each->op == Op::bitcast || each->op == Op::cast))
      each = &nest_.code.body[each->operands[0]];
    return each->kind == NestOp::load && nest_.regions[static_cast<std::size_t>(each->value)].buffer == read;
  }

  std::span<const PlanBuffer> buffers_;
  const NestStep& nest_;
  std::size_t step_;
};

}  // namespace

bool is_same_walk(const NestStep& nest, std::size_t a, std::size_t b) {
  const std::size_t loops = nest.code.loops;
  return nest.regions[a].offset == nest.regions[b].offset &&
         std::equal(nest.strides.begin() + static_cast<std::ptrdiff_t>(a * loops),
                    nest.strides.begin() + static_cast<std::ptrdiff_t>((a + 1) * loops),
                    nest.strides.begin() + static_cast<std::ptrdiff_t>(b * loops));
}

std::vector<std::size_t> find_in_place(std::span<const PlanBuffer> buffers, std::span<const Step> steps) {
  std::vector<std::size_t> lies_at(buffers.size());
  std::iota(lies_at.begin(), lies_at.end(), std::size_t{0});
  std::vector<bool> is_taken(buffers.size(), false);
  for (std::size_t step = 0; step < steps.size(); ++step) {
    const auto* nest = std::get_if<NestStep>(&steps[step]);
    if (nest == nullptr) continue;
    const Takeover takeover(buffers, *nest, step);
    for (const NestStore& store : nest->code.stores) {
      const std::size_t written = nest->regions[store.access].buffer;
      if (lies_at[written] != written) continue;
      const auto dying = takeover.dying_under(store, [&](std::size_t buffer) { return !is_taken[buffer]; });
      if (!dying) continue;
      is_taken[*dying] = true;
      lies_at[written] = lies_at[*dying];
    }
  }
  return lies_at;
}

}  // namespace astrolabe
