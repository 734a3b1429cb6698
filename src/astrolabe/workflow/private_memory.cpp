// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/workflow/private_memory.h"

#include <algorithm>
#include <numeric>
#include <system_error>
#include <vector>

#include <fmt/format.h>

#include "astrolabe/base/budget.h"
#include "astrolabe/base/error.h"
#include "astrolabe/base/text.h"

namespace astrolabe {
namespace {

constexpr std::size_t kSampleRows = 256;
constexpr std::uint64_t kCopies = 2;

void require(std::uint64_t needed, std::uint64_t limit, const char* what) {
  if (needed <= limit) return;
  throw usage_error({.attempted = fmt::format("training privately within {} of memory", format_bytes(limit)),
                     .expected = "room for every row: leaving some out by their size would not be private",
                     .found = fmt::format("{} take about {}", what, format_bytes(needed)),
                     .remedy = fmt::format("Give --memory {}M or more (unless told it is four fifths of what "
                                           "is free), or leave columns out by --drop.",
                                           (needed >> 20U) + 1)});
}

}  // namespace

void require_memory_to_read(const std::filesystem::path& data, std::uint64_t limit) {
  std::error_code none;
  const std::uintmax_t bytes = std::filesystem::file_size(data, none);
  if (none) return;  // a folder, or nothing: reading says what is wrong with it
  require(resident_memory() + bytes, limit, "the program and the file");
}

void require_memory_to_train(const Table& features, const CategoryHashing& hashing, std::uint64_t limit,
                             ThreadPool& pool) {
  std::vector<RowIndex> some(std::min(features.rows(), kSampleRows));
  if (some.empty()) return;
  std::iota(some.begin(), some.end(), RowIndex{0});
  // Any scales: they change no size.
  const std::vector<NumberScale> scales(number_columns(features).size(), scale_of_bounds(0, 1));
  const std::uint64_t bytes =
      private_encoder(features, scales, hashing)->encode(features, some, pool).bytes();
  require(resident_memory() + kCopies * (bytes * features.rows() / some.size()), limit,
          "the program, the table and its features");
}

}  // namespace astrolabe
