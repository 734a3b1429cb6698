// SPDX-License-Identifier: Apache-2.0
// A nest run literally as lower/nest.h says, one scalar after the other: the oracle of machine code and
// tiles. And random nests with data to compare them on.
//
//   const NestCode code = random_nest(key);
//   const NestCase fresh = random_case(code, key);
//   NestCase expected = fresh, found = fresh;
//   run_reference(code, expected);
//   run(code, function, found, 0, fresh.split_extent(code));
//   EXPECT_EQ(first_difference(code, expected, found), "");
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "astrolabe/base/random.h"
#include "astrolabe/lower/nest.h"

namespace astrolabe::nest_reference {

// Memory and sizes for one call. Every access has its own memory, exactly as long as it needs, between guard
// bytes.
struct NestCase {
  std::vector<std::vector<std::byte>> memory;  // per access, guards included
  std::vector<std::size_t> origins;            // byte offset of the element at index 0 of every loop
  std::vector<std::int64_t> strides;           // [accesses * loops]
  std::vector<std::int64_t> extents;           // [loops]

  [[nodiscard]] std::vector<std::byte*> pointers();
  [[nodiscard]] std::int64_t split_extent(const NestCode& code) const { return extents[split_loop(code)]; }
};

// All of it, literally.
void run_reference(const NestCode& code, NestCase& data);

// The part [begin, end) by some function that is called as a NestFunction.
template <class Function>
void run(const Function& function, NestCase& data, std::int64_t begin, std::int64_t end) {
  const std::vector<std::byte*> pointers = data.pointers();
  function(pointers.data(), data.strides.data(), data.extents.data(), begin, end);
}

// Where the memory differs, in words; empty when every byte is equal, guards included. NaNs of floating types
// count as equal: which payload survives an operation on two NaNs is nobody's contract.
[[nodiscard]] std::string first_difference(const NestCode& code, const NestCase& expected,
                                           const NestCase& found);

// Data for a nest: random strides where the code says `any` (padding, negative steps), hostile values (NaN,
// infinities, signed zeros, subnormals, extremes) among the numbers, and extents as given or random (0 to 70
// in the innermost loop).
[[nodiscard]] NestCase random_case(const NestCode& code, Key key, std::vector<std::int64_t> extents = {});

// A valid nest: any shape, 1 to 4 loops, loads, constants and indices of all types, up to 25 operations, one
// to three stores and reductions. Storage types only in loads, stores and casts to and from f32; bits of
// floats are taken of loads only.
[[nodiscard]] NestCode random_nest(Key key);

}  // namespace astrolabe::nest_reference
