// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/workflow/memory_cap.h"

#include <algorithm>
#include <numeric>

#include "astrolabe/data/split.h"
#include "astrolabe/train/step_memory.h"

namespace astrolabe {
namespace {

constexpr std::uint64_t kBytesPerCell = 28;
constexpr std::uint64_t kBytesPerCellOfNets = 16;  // fold by fold, as they are fitted where memory is short
constexpr std::uint64_t kCopiesOfText = 4;
constexpr std::uint64_t kCopiesOfPredictions = 4;  // what judging, mixing and calibrating holds for a while
constexpr std::uint64_t kCopiesOfSystem = 2;       // what each system that is kept predicted
constexpr std::uint64_t kProgram = std::uint64_t{80} << 20U;      // code, libraries, threads
constexpr std::uint64_t kBareProgram = std::uint64_t{60} << 20U;  // between reading and compiling
// Below this a step of pictures may take all that is left, not a quarter: their folds are fitted one by one.
constexpr std::uint64_t kNarrow = std::uint64_t{1} << 30U;
constexpr std::uint64_t kLeastStep = std::uint64_t{8} << 20U;
constexpr std::uint64_t kLeastStepOfPictures = std::uint64_t{32} << 20U;

std::uint64_t text_bytes(const Column& column) {
  std::uint64_t bytes = 0;
  for (std::size_t row = 0; row < column.text.size(); ++row) bytes += column.text[row].size();
  return bytes;
}

std::uint64_t bytes_of(const Table& features) {
  std::uint64_t bytes = sizeof(double) * features.columns().size() * features.rows();
  for (const Column& column : features.columns()) bytes += text_bytes(column) + column.pixels.bytes.size();
  return bytes;
}

}  // namespace

std::uint64_t memory_for_table(std::uint64_t limit) {
  return limit - std::min(limit, kProgram);
}

std::uint64_t working_memory(const Table& features, std::size_t outputs, const FitsOfRun& fits) {
  const std::uint64_t copies = kCopiesOfPredictions + kCopiesOfSystem * fits.systems;
  std::uint64_t of_row = kBytesPerCell * features.columns().size() + copies * sizeof(double) * outputs;
  for (const Column& column : features.columns()) {
    const std::uint64_t pixels = column.pixels.shape.size();
    // As bytes: a fold's two parts, and what is looked at.
    of_row += fits.pictures_as_bytes ? pixels + pixels / 4 : kBytesPerCell * pixels;
  }
  std::uint64_t bytes = of_row * features.rows();
  for (const Column& column : features.columns()) bytes += kCopiesOfText * text_bytes(column);
  return bytes;
}

std::uint64_t memory_of_nets(const Table& features, const FitsOfRun& fits) {
  if (!fits.has_nets) return 0;
  const std::uint64_t all = kCompilerMemory + (fits.pictures_as_bytes ? kLeastStepOfPictures : kLeastStep);
  // Other learners take more for a cell, and what they are given is there when nets are fitted.
  const std::uint64_t spared =
      (kBytesPerCell - kBytesPerCellOfNets) * features.columns().size() * features.rows();
  return all - std::min(all, spared);
}

std::uint64_t limit_of_fits(const Table& features, const FitsOfRun& fits, std::uint64_t working,
                            std::uint64_t limit) {
  const std::uint64_t least = fits.pictures_as_bytes ? kLeastStepOfPictures : kLeastStep;
  const std::uint64_t taken = kBareProgram + bytes_of(features) + working + memory_of_nets(features, fits);
  const std::uint64_t left = least + limit - std::min(limit, taken);
  const bool is_alone = fits.pictures_as_bytes && limit < kNarrow;
  if (arena_within(limit) <= left && !is_alone) return limit;  // also where there is no limit
  return limit_of_arena(left);
}

std::optional<std::vector<RowIndex>> rows_within_memory(const Table& features, std::size_t outputs,
                                                        std::span<const std::uint32_t> groups,
                                                        std::uint64_t limit, std::uint64_t resident, Key key,
                                                        const FitsOfRun& fits) {
  const std::uint64_t free = limit > resident ? limit - resident : 0;
  const std::uint64_t needed = working_memory(features, outputs, fits);
  if (needed <= free) return std::nullopt;
  const double share = static_cast<double>(free) / static_cast<double>(needed);
  const auto wanted = static_cast<std::size_t>(share * static_cast<double>(features.rows()));
  const std::size_t kept = std::max(std::min(kFewestRows, features.rows()), wanted);
  if (kept >= features.rows()) return std::nullopt;
  std::vector<RowIndex> rows(features.rows());
  std::iota(rows.begin(), rows.end(), RowIndex{0});
  return draw_rows(rows, groups, kept, key);
}

}  // namespace astrolabe
