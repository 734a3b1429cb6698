// SPDX-License-Identifier: Apache-2.0
// The steps of a walk over one tile.
#include <algorithm>
#include <array>
#include <cstring>

#include "astrolabe/tiles/strips.h"
#include "astrolabe/tiles/tile_walk.h"

namespace astrolabe {
namespace {

// One element 16 times.
void spread_element(std::byte* to, const std::byte* from, std::size_t width) {
  copy_elements({.to = to,
                 .to_step = static_cast<std::int64_t>(width),
                 .from = from,
                 .columns = kTileBlock,
                 .width = width});
}

}  // namespace

std::byte* TileWalk::strip(std::uint16_t slot) const {
  return strips_ + plan_->slots[slot].offset * plan_->strip;
}

std::byte* TileWalk::accumulator(std::size_t reduction) const {
  return accumulators_ + reduction * std::max(plan_->strip * 8, kLanesBytes);
}

// Whether the tile of an access can be used where it is, as whole blocks.
bool TileWalk::lies_as_register(std::size_t access, std::size_t width) const {
  const std::size_t inner = subject_.code.loops - 1U;
  if (rows_ * columns_ % kTileBlock != 0 || stride(access, inner) != static_cast<std::int64_t>(width))
    return false;
  return !is_block_ || rows_ == 1 || stride(access, row_loop_) == static_cast<std::int64_t>(columns_ * width);
}

void TileWalk::run_steps(std::size_t first, std::size_t last) {
  const TileStep* const end = plan_->steps.data() + last;
  for (const TileStep* step = plan_->steps.data() + first; step != end; ++step) {
    switch (step->kind) {
      case TileStepKind::compute:
        step->handler(slots_[step->slot], slots_[step->operands[0]], slots_[step->operands[1]],
                      slots_[step->operands[2]], step->is_uniform ? 1 : blocks_);
        break;
      case TileStepKind::load:
        run_load(*step);
        break;
      case TileStepKind::index:
        run_index(*step);
        break;
      case TileStepKind::spread: {
        const auto width = static_cast<std::int64_t>(step->width);
        copy_elements({.to = slots_[step->slot],
                       .to_step = width,
                       .from = slots_[step->operands[0]],
                       .columns = rows_ * columns_,
                       .width = step->width});
        break;
      }
      case TileStepKind::redirect:
        run_redirect(*step);
        break;
      case TileStepKind::store:
        run_store(*step);
        break;
      case TileStepKind::reduce:
        run_reduce(*step);
        break;
    }
  }
}

void TileWalk::run_load(const TileStep& step) {
  const std::byte* const from = at_[step.item];
  if (step.is_uniform) return spread_element(slots_[step.slot], from, step.width);
  if (lies_as_register(step.item, step.width)) {
    slots_[step.slot] = at_[step.item];
    return;
  }
  slots_[step.slot] = strip(step.slot);
  const auto width = static_cast<std::int64_t>(step.width);
  copy_elements({.to = slots_[step.slot],
                 .to_row = static_cast<std::int64_t>(columns_) * width,
                 .to_step = width,
                 .from = from,
                 .from_row = is_block_ ? stride(step.item, row_loop_) : 0,
                 .from_step = stride(step.item, subject_.code.loops - 1U),
                 .rows = rows_,
                 .columns = columns_,
                 .width = step.width});
}

void TileWalk::run_index(const TileStep& step) {
  const std::size_t inner = subject_.code.loops - 1U;
  IndexFill fill{.to = slots_[step.slot], .type = step.type, .first = index_[step.item]};
  fill.rows = step.is_uniform ? 1 : rows_;
  fill.columns = step.is_uniform ? kTileBlock : columns_;
  fill.row_step = is_block_ && step.item == row_loop_ ? 1 : 0;
  fill.step = !step.is_uniform && step.item == inner ? 1 : 0;
  fill_index(fill);
}

void TileWalk::run_redirect(const TileStep& step) {
  const std::size_t access = subject_.code.stores[step.item].access;
  const bool is_direct = is_redirectable_[step.item] && lies_as_register(access, step.width);
  slots_[step.slot] = is_direct ? at_[access] : strip(step.slot);
}

void TileWalk::run_store(const TileStep& step) {
  const std::size_t access = subject_.code.stores[step.item].access;
  std::byte* const to = at_[access];
  if (slots_[step.slot] == to) return;  // computed there
  const auto width = static_cast<std::int64_t>(step.width);
  copy_elements({.to = to,
                 .to_row = is_block_ ? stride(access, row_loop_) : 0,
                 .to_step = stride(access, subject_.code.loops - 1U),
                 .from = slots_[step.slot],
                 .from_row = step.is_uniform ? 0 : static_cast<std::int64_t>(columns_) * width,
                 .from_step = step.is_uniform ? 0 : width,
                 .rows = rows_,
                 .columns = columns_,
                 .width = step.width});
}

// ---- Reductions.

void TileWalk::start_reductions() {
  const NestCode& code = subject_.code;
  for (std::size_t i = 0; i < code.reductions.size(); ++i) {
    const std::byte* const identity = subject_.identities.data() + i * kLanesBytes;
    if (code.shape == NestShape::lanes) {
      std::memcpy(accumulator(i), identity, kLanesBytes);
      continue;
    }
    const std::size_t width = element_bytes(code.body[code.reductions[i].value].type);
    copy_elements({.to = accumulator(i),
                   .to_step = static_cast<std::int64_t>(width),
                   .from = identity,
                   .columns = columns_,
                   .width = width});
  }
}

void TileWalk::run_reduce(const TileStep& step) {
  const auto kind = static_cast<std::size_t>(subject_.code.reductions[step.item].kind);
  const auto type = static_cast<std::size_t>(step.type);
  const HandlerTable& handlers = *subject_.handlers;
  std::byte* const joined = accumulator(step.item);
  const std::byte* values = slots_[step.slot];
  if (subject_.code.shape == NestShape::outer)
    return handlers.rows[kind][type](joined, values, rows_, columns_);
  if (!is_block_) return handlers.lanes[kind][type](joined, joined, values, columns_);
  // Every row is a reduction of its own; the results stand one after the other.
  const std::byte* const identity = subject_.identities.data() + step.item * kLanesBytes;
  if (columns_ < kTileLanes)
    return handlers.short_rows[kind][type](joined, identity, values, rows_, columns_);
  alignas(kBufferAlignment) std::array<std::byte, kLanesBytes> lanes;
  for (std::size_t row = 0; row < rows_; ++row) {
    handlers.lanes[kind][type](lanes.data(), identity, values + row * columns_ * step.width, columns_);
    handlers.tree[kind][type](lanes.data());
    std::memcpy(joined + row * step.width, lanes.data(), step.width);
  }
}

void TileWalk::finish_reductions() {
  const NestCode& code = subject_.code;
  for (std::size_t i = 0; i < code.reductions.size(); ++i) {
    const NestReduction& reduction = code.reductions[i];
    const ElementType type = code.body[reduction.value].type;
    const std::size_t width = element_bytes(type);
    const bool is_lanes = code.shape == NestShape::lanes;
    if (is_lanes && !is_block_)
      subject_.handlers->tree[static_cast<std::size_t>(reduction.kind)][static_cast<std::size_t>(type)](
          accumulator(i));
    copy_elements({.to = at_[reduction.access],
                   .to_step = is_lanes && is_block_ ? stride(reduction.access, row_loop_)
                                                    : stride(reduction.access, code.loops - 1U),
                   .from = accumulator(i),
                   .from_step = static_cast<std::int64_t>(width),
                   .columns = !is_lanes   ? columns_
                              : is_block_ ? rows_
                                          : 1,
                   .width = width});
  }
}

}  // namespace astrolabe
