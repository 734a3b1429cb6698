// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/learners/trees/row_sums.h"

#include <algorithm>
#include <array>
#include <bit>
#include <utility>

namespace astrolabe::trees {
namespace {

constexpr std::size_t kAhead = 24;  // rows between the fetch of a row and its use

using Kernel = void (*)(const RowBytes&, std::span<const std::uint32_t>, const std::uint64_t*,
                        std::uint64_t*);

// Rows that lie together need no list, and the processor fetches them ahead by itself.
template <std::size_t kColumns, bool kListed, bool kTogether>
void add_columns(const RowBytes& bytes, std::span<const std::uint32_t> rows, const std::uint64_t* words,
                 std::uint64_t* sums) {
  const std::uint8_t* const bins = bytes.bins;
  const std::uint8_t* const list = bytes.list;
  const auto shift = static_cast<unsigned>(std::countr_zero(bytes.width));
  const std::size_t first = rows.empty() ? 0 : rows.front();
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if constexpr (!kTogether) {
      const std::size_t ahead = rows[std::min(i + kAhead, rows.size() - 1)];
      __builtin_prefetch(bins + (ahead << shift));
      __builtin_prefetch(words + ahead);
    }
    const std::size_t at = kTogether ? first + i : rows[i];
    const std::uint8_t* const row = bins + (at << shift);
    const std::uint64_t word = words[at];
#pragma GCC unroll 32
    for (std::size_t column = 0; column < kColumns; ++column)
      sums[column * kSumStride + row[kListed ? list[column] : column]] += word;
  }
}

template <bool kListed, bool kTogether, std::size_t... kColumns>
constexpr std::array<Kernel, sizeof...(kColumns)> kernels(std::index_sequence<kColumns...> /*columns*/) {
  return {add_columns<kColumns, kListed, kTogether>...};
}

using UpToAll = std::make_index_sequence<BinnedMatrix::kBlockColumns + 1>;
constexpr auto kFirstColumns = kernels<false, false>(UpToAll{});
constexpr auto kListedColumns = kernels<true, false>(UpToAll{});
constexpr auto kFirstColumnsTogether = kernels<false, true>(UpToAll{});
constexpr auto kListedColumnsTogether = kernels<true, true>(UpToAll{});

}  // namespace

void add_rows(const RowBytes& bytes, std::span<const std::uint32_t> rows, const std::uint64_t* words,
              std::uint64_t* sums) {
  if (rows.empty()) return;
  const bool is_together = rows.back() - rows.front() == rows.size() - 1;
  const auto& together = bytes.list == nullptr ? kFirstColumnsTogether : kListedColumnsTogether;
  const auto& apart = bytes.list == nullptr ? kFirstColumns : kListedColumns;
  (is_together ? together : apart)[bytes.columns](bytes, rows, words, sums);
}

}  // namespace astrolabe::trees
