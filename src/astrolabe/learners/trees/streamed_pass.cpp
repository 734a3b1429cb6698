// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/learners/trees/streamed_pass.h"

#include <algorithm>
#include <array>
#include <bit>
#include <memory>
#include <mutex>

#include "astrolabe/learners/trees/row_routines.h"
#include "astrolabe/learners/trees/row_sums.h"

namespace astrolabe::trees {
namespace {

constexpr std::size_t kPairTile = 256;
constexpr std::size_t kNodes = std::size_t{1} << 16;

const double* as_doubles(const GradientPair* pairs) {
  return &pairs->gradient;
}

// Where a row of a node goes.
struct Way {
  std::uint32_t slot = 0;
  NodeNumber right = 0;
  std::array<std::uint8_t, 256> is_left{};
};

}  // namespace

// What all threads see of a pass.
struct StreamedPass::Wave {
  std::span<const NodeCount> counts;
  const StreamedGradients& gradients;
  std::span<NodeNumber> node_of_row;
  std::vector<Way> ways;
  std::vector<std::uint16_t> way_of_node;  // its place in ways; the first one is to stay
  std::vector<std::uint16_t> count_of_node;
  std::unique_ptr<std::mutex[]> locks;  // [counts] of the histograms
};

// What one thread works with.
struct StreamedPass::Worker {
  std::vector<std::uint8_t> bins;
  std::vector<GradientPair> pairs;
  std::vector<std::uint64_t> words;
  std::vector<Cell> cells;
  std::vector<std::uint16_t> count_of_row;
  std::vector<std::uint32_t> rows;        // of a tile, by count
  std::vector<std::uint32_t> starts;      // [counts + 2] into rows; those of no count come first
  std::vector<std::size_t> rows_in_sums;  // [counts]
  std::span<std::uint64_t> sums;          // [counts, sums of a node]
  Packing::Sums total{};
};

StreamedPass::StreamedPass(const BinnedFile& file, std::size_t threads)
    : file_(file), threads_(std::max<std::size_t>(threads, 1)), sums_of_threads_(threads_) {}

void StreamedPass::choose(std::span<const std::uint32_t> slots) {
  chosen_.assign(file_.groups(), {});
  for (const std::uint32_t slot : slots) {
    const std::uint32_t feature = file_.layout().feature(slot);
    Chosen& chosen = chosen_[feature / BinnedFile::kGroupColumns];
    chosen.columns.push_back(static_cast<std::uint8_t>(feature % BinnedFile::kGroupColumns));
    chosen.slots.push_back(slot);
  }
  sums_ = 0;
  for (Chosen& chosen : chosen_) {
    chosen.first_sum = sums_;
    sums_ += chosen.columns.size() * kSumStride;
  }
}

std::uint64_t StreamedPass::bytes_of_count() const {
  return std::uint64_t{threads_} * sums_ * sizeof(std::uint64_t);
}

Packing::Sums StreamedPass::run(std::span<const RowMove> moves, std::span<const NodeCount> counts,
                                const StreamedGradients& gradients, std::span<NodeNumber> node_of_row,
                                ThreadPool& pool) {
  Wave wave{.counts = counts,
            .gradients = gradients,
            .node_of_row = node_of_row,
            .ways = {},
            .way_of_node = std::vector<std::uint16_t>(kNodes, 0),
            .count_of_node = std::vector<std::uint16_t>(kNodes, 0),
            .locks = std::make_unique<std::mutex[]>(counts.size())};
  if (!moves.empty()) {
    wave.ways.emplace_back().is_left.fill(1);
    wave.ways.back().slot = moves.front().slot;
  }
  for (const RowMove& move : moves) {
    wave.way_of_node[move.from] = static_cast<std::uint16_t>(wave.ways.size());
    wave.ways.push_back({.slot = move.slot, .right = move.right, .is_left = move.left_bins.table()});
  }
  for (std::size_t i = 0; i < counts.size(); ++i)
    wave.count_of_node[counts[i].node] = static_cast<std::uint16_t>(i + 1);
  const std::size_t parts = std::min(threads_, file_.tiles());
  std::vector<Packing::Sums> totals(parts);
  pool.for_each(parts, [&](std::size_t part) {
    Worker worker;
    worker.bins.resize(file_.tile_bytes());
    worker.rows_in_sums.assign(counts.size(), 0);
    if (!counts.empty() && gradients.packing) {
      Buffer& sums = sums_of_threads_[part];
      const std::size_t bytes = counts.size() * sums_ * sizeof(std::uint64_t);
      if (sums.bytes() < bytes) sums = Buffer(bytes);
      worker.sums = sums.as<std::uint64_t>();
    }
    for (std::size_t tile = file_.tiles() * part / parts; tile < file_.tiles() * (part + 1) / parts; ++tile)
      run_tile(tile, wave, worker);
    for (std::size_t count = 0; count < counts.size(); ++count)
      if (worker.rows_in_sums[count] > 0) widen(wave, count, worker);
    totals[part] = worker.total;
  });
  Packing::Sums total{};
  for (const Packing::Sums& each : totals)
    for (std::size_t i = 0; i < total.size(); ++i) total[i] += each[i];
  return total;
}

void StreamedPass::run_tile(std::size_t tile, const Wave& wave, Worker& worker) const {
  const std::span<NodeNumber> nodes = wave.node_of_row.subspan(tile * file_.tile_rows(), file_.rows_of(tile));
  file_.read_bins(tile, worker.bins);
  if (!wave.ways.empty()) move_rows(tile, wave, worker, nodes);
  if (wave.counts.empty()) return;
  list_rows(wave, worker, nodes);
  if (!wave.gradients.has_words) {
    worker.pairs.resize(nodes.size());
    wave.gradients.pairs(tile, worker.pairs);
  }
  if (wave.gradients.packing) {
    add_packed(tile, wave, worker);
  } else {
    add_cells(tile, wave, worker);
  }
}

void StreamedPass::move_rows(std::size_t tile, const Wave& wave, Worker& worker,
                             std::span<NodeNumber> nodes) const {
  struct Place {
    const std::uint8_t* bins;
    unsigned shift;
  };
  std::vector<Place> places;
  for (const Way& way : wave.ways) {
    const std::uint32_t feature = file_.layout().feature(way.slot);
    const std::size_t width = file_.width(feature / BinnedFile::kGroupColumns);
    places.push_back({worker.bins.data() + file_.first_byte(tile, feature),
                      static_cast<unsigned>(std::countr_zero(width))});
  }
  // Nothing here depends on a branch: which way a row goes cannot be guessed.
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const std::size_t at = wave.way_of_node[nodes[i]];
    const Way& way = wave.ways[at];
    const Place& place = places[at];
    const NodeNumber choice[2] = {way.right, nodes[i]};
    nodes[i] = choice[way.is_left[place.bins[i << place.shift]]];
  }
}

// The rows of every node that is counted, ascending: a counting sort.
void StreamedPass::list_rows(const Wave& wave, Worker& worker, std::span<const NodeNumber> nodes) const {
  worker.count_of_row.resize(nodes.size());
  worker.rows.resize(nodes.size());
  worker.starts.assign(wave.counts.size() + 2, 0);
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const std::uint16_t count = wave.count_of_node[nodes[i]];
    worker.count_of_row[i] = count;
    ++worker.starts[count + 1U];
  }
  for (std::size_t i = 1; i < worker.starts.size(); ++i) worker.starts[i] += worker.starts[i - 1];
  std::vector<std::uint32_t> next(worker.starts.begin(), worker.starts.end() - 1);
  for (std::size_t i = 0; i < nodes.size(); ++i)
    worker.rows[next[worker.count_of_row[i]]++] = static_cast<std::uint32_t>(i);
}

const std::uint64_t* StreamedPass::words_of(std::size_t tile, const Wave& wave, Worker& worker) const {
  const std::size_t first = tile * file_.tile_rows();
  const bool keeps = !wave.gradients.words.empty();
  if (!keeps) worker.words.resize(file_.rows_of(tile));
  std::uint64_t* const words = keeps ? &wave.gradients.words[first] : worker.words.data();
  if (wave.gradients.has_words) return words;
  for (std::size_t i = 0; i < worker.pairs.size(); i += kPairTile)
    best_row_routines().pack(wave.gradients.packing->plan, as_doubles(&worker.pairs[i]),
                             std::min(kPairTile, worker.pairs.size() - i), first + i, words + i,
                             worker.total.data());
  return words;
}

void StreamedPass::add_packed(std::size_t tile, const Wave& wave, Worker& worker) const {
  const Packing& packing = *wave.gradients.packing;
  const std::uint64_t* const words = words_of(tile, wave, worker);
  const std::size_t most = packing.layout.block_rows();
  for (std::size_t count = 0; count < wave.counts.size(); ++count) {
    std::span<const std::uint32_t> rows =
        std::span(worker.rows)
            .subspan(worker.starts[count + 1], worker.starts[count + 2] - worker.starts[count + 1]);
    while (!rows.empty()) {
      if (worker.rows_in_sums[count] == most) widen(wave, count, worker);
      const std::size_t some = std::min(rows.size(), most - worker.rows_in_sums[count]);
      for (std::size_t group = 0; group < chosen_.size(); ++group) {
        const Chosen& chosen = chosen_[group];
        if (chosen.columns.empty()) continue;
        const std::size_t feature = group * BinnedFile::kGroupColumns;
        add_rows({.bins = worker.bins.data() + file_.first_byte(tile, feature),
                  .width = file_.width(group),
                  .columns = chosen.columns.size(),
                  .list = chosen.columns.data()},
                 rows.first(some), words, &worker.sums[count * sums_ + chosen.first_sum]);
      }
      worker.rows_in_sums[count] += some;
      rows = rows.subspan(some);
    }
  }
}

// The sums of a node to its histogram; they are 0 afterwards.
void StreamedPass::widen(const Wave& wave, std::size_t count, Worker& worker) const {
  if (!wave.gradients.packing) return;
  const std::lock_guard lock(wave.locks[count]);
  for (const Chosen& chosen : chosen_) {
    for (std::size_t i = 0; i < chosen.slots.size(); ++i) {
      Cell* const cells = wave.counts[count].histogram + file_.layout().first_cell(chosen.slots[i]);
      best_row_routines().widen(wave.gradients.packing->plan,
                                &worker.sums[count * sums_ + chosen.first_sum + i * kSumStride],
                                file_.layout().bins(chosen.slots[i]).bins + 1, true, &cells->gradient);
    }
  }
  worker.rows_in_sums[count] = 0;
}

void StreamedPass::add_cells(std::size_t tile, const Wave& wave, Worker& worker) const {
  const PairRounding round(wave.gradients.scale);
  worker.cells.resize(worker.pairs.size());
  for (std::size_t i = 0; i < worker.pairs.size(); ++i) {
    worker.cells[i] = round(worker.pairs[i]);
    worker.total[0] += worker.cells[i].gradient;
    worker.total[1] += worker.cells[i].hessian_and_rows;
  }
  for (std::size_t count = 0; count < wave.counts.size(); ++count) {
    const auto rows =
        std::span(worker.rows)
            .subspan(worker.starts[count + 1], worker.starts[count + 2] - worker.starts[count + 1]);
    const std::lock_guard lock(wave.locks[count]);
    for (std::size_t group = 0; group < chosen_.size(); ++group) {
      const std::size_t width = file_.width(group);
      for (std::size_t i = 0; i < chosen_[group].slots.size(); ++i) {
        Cell* const cells = wave.counts[count].histogram + file_.layout().first_cell(chosen_[group].slots[i]);
        const std::uint8_t* const bins =
            worker.bins.data() +
            file_.first_byte(tile, group * BinnedFile::kGroupColumns + chosen_[group].columns[i]);
        for (const std::uint32_t row : rows) cells[bins[row * width]] += worker.cells[row];
      }
    }
  }
}

GradientPair StreamedPass::find_largest(const TilePairs& pairs, ThreadPool& pool) const {
  std::vector<std::array<double, 2>> largest(file_.tiles());
  pool.for_each(file_.tiles(), [&](std::size_t tile) {
    std::vector<GradientPair> own(file_.rows_of(tile));
    pairs(tile, own);
    best_row_routines().find_largest(as_doubles(own.data()), own.size(), largest[tile].data());
  });
  GradientPair most;
  for (const auto& [gradient, hessian] : largest) {
    most.gradient = std::max(most.gradient, gradient);
    most.hessian = std::max(most.hessian, hessian);
  }
  return most;
}

}  // namespace astrolabe::trees
