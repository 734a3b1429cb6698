// SPDX-License-Identifier: Apache-2.0
// The handlers for AVX-512 F, VL, DQ and BW.
// Compiled with its own flags (CMakeLists.txt): nothing here may come from a header that other sources share.
#include "astrolabe/tiles/handlers.h"

#define ASTROLABE_TILE_VECTOR_BYTES 64
#define ASTROLABE_TILE_HAS_FMA 1
#define ASTROLABE_TILE_HAS_ROUNDING 1

namespace astrolabe {
namespace {

#include "astrolabe/tiles/handlers.inc"
#include "astrolabe/tiles/handlers_table.inc"

}  // namespace

const HandlerTable& avx512_handlers() {
  return kTable;
}

}  // namespace astrolabe
