// SPDX-License-Identifier: Apache-2.0
// One pass over a binned file: rows move to the children of the leaves that were split, and histograms of as
// many leaves as memory allows are counted on the way.
//
//   StreamedPass pass(file, pool.size());
//   pass.choose(slots_of_this_tree);
//   const Packing::Sums sums = pass.run(moves, counts, gradients, node_of_row, pool);
//
// Every row has the number of its node. Sums are whole numbers: they do not depend on tiles or threads.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "astrolabe/learners/trees/bin_set.h"
#include "astrolabe/learners/trees/binned_file.h"
#include "astrolabe/learners/trees/packed_rows.h"
#include "astrolabe/tensor/buffer.h"

namespace astrolabe::trees {

using NodeNumber = std::uint16_t;

// Writes the pairs of a tile's rows; asked from several threads, once for each tile of a pass.
using TilePairs = std::function<void(std::size_t tile, std::span<GradientPair> pairs)>;

// How the pairs of a tree are rounded: to words, or where these are too coarse to cells.
struct StreamedGradients {
  TilePairs pairs;
  std::optional<Packing> packing;
  FixedPoint scale;  // of the packing, or of the cells
  // [rows of the file] or empty: a place to keep words from pass to pass, and whether they are there.
  std::span<std::uint64_t> words = {};
  bool has_words = false;
};

// Rows of node `from` whose bin is not in left_bins move to node `right`.
struct RowMove {
  NodeNumber from = 0;
  NodeNumber right = 0;
  std::uint32_t slot = 0;
  BinSet left_bins;
};
// Rows that are in the node after all moves are added to the histogram [cells of the file's layout].
struct NodeCount {
  NodeNumber node = 0;
  Cell* histogram = nullptr;
};

// Not thread-safe; uses the threads of the pool.
class StreamedPass {
 public:
  StreamedPass(const BinnedFile& file, std::size_t threads);

  // The slots that are counted from now on, ascending.
  void choose(std::span<const std::uint32_t> slots);
  // Of one node that is counted, on all threads.
  [[nodiscard]] std::uint64_t bytes_of_count() const;

  // The sums of all rows' words, where they are packed and anything is counted. `node_of_row` is [rows].
  // Cost: one pass over the file.
  Packing::Sums run(std::span<const RowMove> moves, std::span<const NodeCount> counts,
                    const StreamedGradients& gradients, std::span<NodeNumber> node_of_row, ThreadPool& pool);

  // The largest gradient and hessian of all rows.
  [[nodiscard]] GradientPair find_largest(const TilePairs& pairs, ThreadPool& pool) const;

 private:
  // The chosen features of a group of the file.
  struct Chosen {
    std::vector<std::uint8_t> columns;  // ascending
    std::vector<std::uint32_t> slots;
    std::size_t first_sum = 0;
  };
  struct Worker;
  struct Wave;
  void run_tile(std::size_t tile, const Wave& wave, Worker& worker) const;
  void move_rows(std::size_t tile, const Wave& wave, Worker& worker, std::span<NodeNumber> nodes) const;
  void list_rows(const Wave& wave, Worker& worker, std::span<const NodeNumber> nodes) const;
  [[nodiscard]] const std::uint64_t* words_of(std::size_t tile, const Wave& wave, Worker& worker) const;
  void add_packed(std::size_t tile, const Wave& wave, Worker& worker) const;
  void add_cells(std::size_t tile, const Wave& wave, Worker& worker) const;
  void widen(const Wave& wave, std::size_t count, Worker& worker) const;

  const BinnedFile& file_;
  std::size_t threads_;
  std::vector<Chosen> chosen_;  // [groups]
  std::size_t sums_ = 0;        // of one node
  std::vector<Buffer> sums_of_threads_;
};

}  // namespace astrolabe::trees
