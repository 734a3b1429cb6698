// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/tiles/tile_walk.h"

#include <algorithm>
#include <numeric>

namespace astrolabe {
namespace {

// Of a thread: grows to what its largest nest needs.
std::byte* thread_memory(std::size_t bytes) {
  thread_local Buffer memory;
  if (memory.bytes() < bytes) memory = Buffer(std::max(bytes, std::size_t{64} << 10));
  return memory.data();
}

std::size_t round_up(std::size_t value, std::size_t unit) {
  return (value + unit - 1) / unit * unit;
}

}  // namespace

std::size_t tile_memory_bytes(const TileSubject& subject) {
  const NestCode& code = subject.code;
  const auto plan_bytes = [&](const TilePlan& plan) {
    const std::size_t accumulators = code.reductions.size() * std::max(plan.strip * 8, kLanesBytes);
    return plan.strip_bytes + accumulators + plan.uniform_bytes + plan.slots.size() * sizeof(std::byte*);
  };
  const std::size_t accesses = code.accesses.size();
  return std::max(plan_bytes(subject.row), plan_bytes(subject.block)) +
         round_up(accesses * code.loops * sizeof(std::int64_t), kBufferAlignment) +
         accesses * sizeof(std::byte*) + code.stores.size() * sizeof(bool);
}

// ---- Before the first tile.

void TileWalk::set_strides() {
  const NestCode& code = subject_.code;
  strides_ = reinterpret_cast<std::int64_t*>(memory_);
  memory_ += round_up(code.accesses.size() * code.loops * sizeof(std::int64_t), kBufferAlignment);
  std::int64_t* stride = strides_;
  for (std::size_t access = 0; access < code.accesses.size(); ++access) {
    for (std::size_t loop = 0; loop < code.loops; ++loop, ++stride) {
      const Stride kind = code.accesses[access].strides[loop];
      const std::int64_t elements = kind == Stride::zero  ? 0
                                    : kind == Stride::one ? 1
                                                          : call_.strides[access * code.loops + loop];
      *stride = elements * subject_.widths[access];
    }
  }
}

bool TileWalk::can_join(const Loop& outer, std::size_t loop, std::int64_t extent) const {
  const NestCode& code = subject_.code;
  const std::size_t inner = code.loops - 1U;
  if ((subject_.indexed_loops >> outer.loop & 1U) != 0 || (subject_.indexed_loops >> loop & 1U) != 0)
    return false;
  if (code.shape == NestShape::lanes && loop == inner) return false;
  if (code.shape == NestShape::outer) {
    const std::size_t kept = inner - code.reduced_loops;
    const auto part = [&](std::size_t each) { return each == inner ? 2 : each < kept ? 0 : 1; };
    if (part(outer.loop) != part(loop)) return false;
  }
  for (std::size_t access = 0; access < code.accesses.size(); ++access)
    if (stride(access, outer.loop) != stride(access, loop) * extent) return false;
  return true;
}

void TileWalk::add_loop(unsigned position, std::int64_t extent) {
  const std::uint8_t loop = subject_.order[position];
  if (depth_ > 0 && can_join(loops_[depth_ - 1], loop, extent)) {
    loops_[depth_ - 1].extent *= extent;
    loops_[depth_ - 1].loop = loop;
  } else {
    loops_[depth_++] = {.extent = extent, .loop = loop, .first = static_cast<std::uint8_t>(position)};
  }
}

TileWalk::Outcome TileWalk::find_loops() {
  const NestCode& code = subject_.code;
  const std::size_t inner = code.loops - 1U;
  const std::size_t split = split_loop(code);
  const std::size_t last_reduced = code.shape == NestShape::outer ? inner - 1 : inner;
  for (unsigned position = 0; position < code.loops; ++position) {
    const std::size_t loop = subject_.order[position];
    const std::int64_t extent = loop == split ? call_.end - call_.begin : call_.extents[loop];
    index_[loop] = loop == split ? call_.begin : 0;
    const bool is_reduced =
        (code.shape == NestShape::outer && loop != inner && loop + code.reduced_loops >= inner) ||
        (code.shape == NestShape::lanes && loop == inner);
    if (extent <= 0 && !is_reduced) return Outcome::nothing_to_do;
    if (extent != 1 || loop == inner || loop == last_reduced) add_loop(position, extent);
  }
  for (std::size_t i = 0; i < depth_; ++i) loops_[i].end = i + 1 < depth_ ? loops_[i + 1].first : code.loops;
  return Outcome::ready;
}

void TileWalk::choose_tiles() {
  const NestCode& code = subject_.code;
  const std::size_t inner = code.loops - 1U;
  std::size_t row_at = depth_, inner_at = 0;
  bool is_empty = false;
  for (std::size_t i = 0; i < depth_; ++i) {
    if (loops_[i].loop == inner) inner_at = i;
    if (loops_[i].loop + 1U == inner) row_at = i;
    is_empty = is_empty || loops_[i].extent <= 0;
  }
  columns_ = static_cast<std::size_t>(loops_[inner_at].extent);
  is_block_ =
      row_at < depth_ && loops_[row_at].extent > 1 && !is_empty && columns_ * 2 <= subject_.block.strip;
  plan_ = is_block_ ? &subject_.block : &subject_.row;
  if (is_block_) {
    choose_rows(row_at, inner_at);
  } else if (columns_ > plan_->strip) {
    // Parts of about equal length, that begin at whole lanes.
    const std::size_t parts = (columns_ + plan_->strip - 1) / plan_->strip;
    columns_ = round_up((columns_ + parts - 1) / parts, kTileLanes);
  }
  if (!is_block_) loops_[inner_at].step = std::max<std::int64_t>(static_cast<std::int64_t>(columns_), 1);
  blocks_ = (rows_ * columns_ + kTileBlock - 1) / kTileBlock;
  if (code.shape == NestShape::lanes) reduce_depth_ = is_block_ ? depth_ : depth_ - 1;
  if (code.shape == NestShape::outer) {
    const std::size_t kept = inner - code.reduced_loops;
    reduce_depth_ = 0;
    while (loops_[reduce_depth_].loop < kept || loops_[reduce_depth_].loop == inner) ++reduce_depth_;
  }
}

// Rows that fill a strip; a whole number of blocks if possible, so that nothing need be copied.
void TileWalk::choose_rows(std::size_t row_at, std::size_t inner_at) {
  Loop& row_loop = loops_[row_at];
  row_loop_ = row_loop.loop;
  const std::size_t unit = kTileBlock / std::gcd(columns_, kTileBlock);
  rows_ = plan_->strip / columns_;
  if (rows_ > unit) rows_ -= rows_ % unit;
  rows_ = std::min(rows_, static_cast<std::size_t>(row_loop.extent));
  row_loop.step = static_cast<std::int64_t>(rows_);
  // The innermost loop is inside the tile, not walked.
  const std::uint8_t end = loops_[inner_at].end;
  for (std::size_t i = inner_at; i + 1 < depth_; ++i) loops_[i] = loops_[i + 1];
  --depth_;
  if (inner_at > 0) loops_[inner_at - 1].end = end;
}

void TileWalk::lay_out() {
  const NestCode& code = subject_.code;
  const std::size_t accumulator_bytes = code.reductions.size() * std::max(plan_->strip * 8, kLanesBytes);
  const auto take = [this](std::size_t bytes) {
    std::byte* const result = memory_;
    memory_ += bytes;
    return result;
  };
  strips_ = take(plan_->strip_bytes);
  accumulators_ = take(accumulator_bytes);
  uniforms_ = take(plan_->uniform_bytes);
  slots_ = reinterpret_cast<std::byte**>(take(plan_->slots.size() * sizeof(std::byte*)));
  at_ = reinterpret_cast<std::byte**>(take(code.accesses.size() * sizeof(std::byte*)));
  is_redirectable_ = reinterpret_cast<bool*>(take(code.stores.size() * sizeof(bool)));
}

void TileWalk::set_slots() {
  const NestCode& code = subject_.code;
  // Constants are only read.
  auto* const constants = const_cast<std::byte*>(plan_->constants.data());
  for (std::size_t i = 0; i < plan_->slots.size(); ++i) {
    const TileSlot slot = plan_->slots[i];
    if (slot.place == TileSlot::Place::strip)
      slots_[i] = strips_ + slot.offset * plan_->strip;
    else
      slots_[i] = (slot.place == TileSlot::Place::constant ? constants : uniforms_) + slot.offset;
  }
  const std::size_t split = split_loop(code);
  for (std::size_t access = 0; access < code.accesses.size(); ++access)
    at_[access] = call_.pointers[access] + stride(access, split) * call_.begin;
  std::fill_n(is_redirectable_, code.stores.size(), true);
  for (const TileHazard& hazard : plan_->hazards)
    if (at_[hazard.access] == at_[code.stores[hazard.store].access]) is_redirectable_[hazard.store] = false;
}

void TileWalk::run() {
  memory_ = thread_memory(subject_.memory_bytes);
  set_strides();
  if (find_loops() == Outcome::nothing_to_do) return;
  choose_tiles();
  lay_out();
  set_slots();
  run_steps(plan_->groups[0], plan_->groups[loops_[0].first + 1U]);
  walk(0);
}

// ---- Tile after tile.

void TileWalk::advance(std::size_t loop, std::int64_t turns) {
  index_[loop] += turns;
  for (std::size_t access = 0; access < subject_.widths.size(); ++access)
    at_[access] += stride(access, loop) * turns;
}

void TileWalk::turn(std::size_t depth) {
  const Loop& loop = loops_[depth];
  run_steps(plan_->groups[loop.first + 1U], plan_->groups[loop.end + 1U]);
  walk(depth + 1);
}

void TileWalk::walk(std::size_t depth) {
  if (depth == reduce_depth_ && depth < depth_) start_reductions();
  if (depth < depth_) {
    const Loop& loop = loops_[depth];
    const bool is_tiled = is_block_ ? loop.loop == row_loop_ : loop.loop + 1U == subject_.code.loops;
    std::size_t& size = is_block_ ? rows_ : columns_;
    const std::size_t full = size;
    std::int64_t done = 0;
    for (; done + loop.step <= loop.extent; done += loop.step) {
      turn(depth);
      advance(loop.loop, loop.step);
    }
    if (done < loop.extent && is_tiled) {
      size = static_cast<std::size_t>(loop.extent - done);
      blocks_ = (rows_ * columns_ + kTileBlock - 1) / kTileBlock;
      turn(depth);
      size = full;
      blocks_ = (rows_ * columns_ + kTileBlock - 1) / kTileBlock;
    }
    if (depth > 0) advance(loop.loop, -done);
  }
  if (depth == reduce_depth_) finish_reductions();
}

}  // namespace astrolabe
