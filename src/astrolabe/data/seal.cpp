// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/data/seal.h"

#include <fmt/format.h>

#include "astrolabe/base/error.h"

namespace astrolabe {

const Table& SealedTable::open(const Opening& opening) const {
  if (opening.slice() != slice_) {
    throw usage_error({.attempted = fmt::format("opening the sealed slice \"{}\"", slice_),
                       .expected = fmt::format("an opening that was recorded for \"{}\"", slice_),
                       .found = fmt::format("one for \"{}\"", opening.slice()),
                       .remedy = "Record an opening of this slice first."});
  }
  return rows_;
}

double sealed_share(std::size_t rows) {
  constexpr std::size_t kFewRows = 1'000;
  constexpr std::size_t kManyRows = 100'000;
  if (rows < kFewRows) return 0;
  return rows > kManyRows ? 0.1 : 0.2;
}

}  // namespace astrolabe
