// SPDX-License-Identifier: Apache-2.0
// The handlers for x86-64 as it began: SSE2, multiply-add in software.
// Compiled with its own flags (CMakeLists.txt): nothing here may come from a header that other sources share.
#include "astrolabe/tiles/handlers.h"

#define ASTROLABE_TILE_VECTOR_BYTES 16
#define ASTROLABE_TILE_HAS_FMA 0
#define ASTROLABE_TILE_HAS_ROUNDING 0

namespace astrolabe {
namespace {

#include "astrolabe/tiles/handlers.inc"
#include "astrolabe/tiles/handlers_table.inc"

}  // namespace

const HandlerTable& plain_handlers() {
  return kTable;
}

}  // namespace astrolabe
