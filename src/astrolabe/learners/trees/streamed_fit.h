// SPDX-License-Identifier: Apache-2.0
// Boosted trees on a table that is larger than memory: the model that `trees` fits in memory, byte for byte,
// from rows that come in blocks.
//
//   std::unique_ptr<const Model> model = fit_streamed({.rows = source, .settings = settings, .key = key,
//       .pool = pool, .budget = budget, .folder = folder, .memory_bytes = 300 << 20});
//
// The source is passed twice: all columns are sketched, then rows go to a file as bins, about a byte a cell.
// Every tree takes some passes over that file (streamed_grower.h). In memory: 10 bytes for each row and
// output, histograms, the watched rows, and while columns are sketched 6 MB for each of them, or fewer at a
// time.
//
// Bytes differ from those in memory where bins do (streamed_bins.h). Sparse features are spread out: a table
// of very many of them needs that room on disk.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "astrolabe/learners/trees/trees_settings.h"
#include "astrolabe/model/block_source.h"
#include "astrolabe/model/learner.h"

namespace astrolabe::trees {

struct StreamedFit {
  BlockSource& rows;
  const TrainingData* watch = nullptr;  // rows to stop early on, in memory; null: none
  const SettingValues& settings;        // of `trees`
  Key key;
  ThreadPool& pool;
  const Budget& budget;
  std::filesystem::path folder;    // of the file, which has no name and is gone with the process
  std::uint64_t memory_bytes = 0;  // what the fit may take beside what the process holds
  std::function<void(double fraction)> progress = {};
  std::function<void(std::string_view words)> tell = {};
};

// What of the settings needs all rows in memory, in words ("boosting=dart"); empty: nothing.
[[nodiscard]] std::string needs_memory(const TreesSettings& settings);

// As Learner::fit. Throws usage_error for settings that need all rows in memory and for less memory than the
// rows' scores take, bad_input for bad targets and weights, failure for a full disk.
[[nodiscard]] std::unique_ptr<const Model> fit_streamed(const StreamedFit& request);

}  // namespace astrolabe::trees
