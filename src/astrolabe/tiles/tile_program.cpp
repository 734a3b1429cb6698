// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/tiles/tile_program.h"

#include <cstring>
#include <utility>

#include "astrolabe/base/error.h"
#include "astrolabe/graph/interpret.h"
#include "astrolabe/tiles/strips.h"
#include "astrolabe/tiles/tile_walk.h"

namespace astrolabe {

static_assert(kTileLanes == kReductionLanes);

namespace {

const HandlerTable& handlers_of(InstructionSet set) {
  switch (set) {
    case InstructionSet::plain:
      return plain_handlers();
    case InstructionSet::avx2:
      return avx2_handlers();
    case InstructionSet::avx512:
      break;
  }
  return avx512_handlers();
}

void check(const NestCode& code) {
  ASTROLABE_CHECK(code.loops >= 1 && code.loops <= kMaxLoops, "a nest has 1 to 6 loops");
  const bool is_outer = code.shape == NestShape::outer;
  ASTROLABE_CHECK(
      is_outer ? code.reduced_loops >= 1 && code.reduced_loops < code.loops : code.reduced_loops == 0,
      "reduced loops are those of an outer reduction");
  ASTROLABE_CHECK(code.shape != NestShape::plain || code.reductions.empty(), "a plain nest reduces nothing");
}

Buffer identities_of(const NestCode& code) {
  Buffer result(code.reductions.size() * kLanesBytes);
  for (std::size_t i = 0; i < code.reductions.size(); ++i) {
    const ElementType type = code.body[code.reductions[i].value].type;
    for (std::size_t lane = 0; lane < kTileLanes; ++lane)
      write_identity(result.data() + i * kLanesBytes + lane * element_bytes(type),
                     static_cast<int>(code.reductions[i].kind), type);
  }
  return result;
}

}  // namespace

struct TileProgram::Steps : TileSubject {};

TileProgram::TileProgram(const NestCode& code, InstructionSet set) {
  check(code);
  const HandlerTable& handlers = handlers_of(set);
  auto steps = std::make_unique<Steps>();
  steps->code = code;
  steps->handlers = &handlers;
  steps->order = tile_loop_order(code);
  for (const NestInstruction& each : code.body)
    if (each.kind == NestOp::index) steps->indexed_loops |= 1U << static_cast<unsigned>(each.value);
  for (const NestAccess& access : code.accesses)
    steps->widths.push_back(static_cast<std::uint8_t>(element_bytes(access.type)));
  steps->identities = identities_of(code);
  steps->row = make_tile_plan(code, handlers, TileKind::row);
  if (has_block_plan(code)) steps->block = make_tile_plan(code, handlers, TileKind::block);
  steps->memory_bytes = tile_memory_bytes(*steps);
  steps_ = std::move(steps);
}

TileProgram::~TileProgram() = default;
TileProgram::TileProgram(TileProgram&& other) noexcept = default;
TileProgram& TileProgram::operator=(TileProgram&& other) noexcept = default;

void TileProgram::run(std::byte* const* pointers, const std::int64_t* strides, const std::int64_t* extents,
                      std::int64_t begin, std::int64_t end) const {
  const TileCall call{pointers, strides, extents, begin, end};
  TileWalk(*steps_, call).run();
}

}  // namespace astrolabe
