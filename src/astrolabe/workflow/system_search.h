// SPDX-License-Identifier: Apache-2.0
// The search of a run: systems over shared folds as the trials of a study, within a budget. Never without a
// result: the baseline comes first and costs next to nothing.
//
//   const Selection best = search_systems({.table = features, .labels = labels, .task = task, .folds = folds,
//                                          .space = space, .store = store, .proposer = "auto", ...});
//
// A trial is judged in steps, and the pruner may end it behind each: a cheap fit on the first fold where the
// learner has one, whole fits on the first fold or two, then all folds. The interval of a step of whole fits
// is that of its paired difference to the best system so far, on the same rows.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "astrolabe/base/progress.h"
#include "astrolabe/search/search_loop.h"
#include "astrolabe/system/system_space.h"
#include "astrolabe/workflow/selection.h"
#include "astrolabe/workflow/start_fits.h"

namespace astrolabe {

struct SystemSearchRequest {
  const Table& table;  // feature columns
  const Labels& labels;
  const Task& task;
  std::span<const Fold> folds;
  const SystemSpace& space;
  StudyStore& store;
  // Others may work on the study too. Then their systems are fitted here only when they ship.
  bool is_shared = false;
  std::string proposer = {};  // as parse_proposer reads it; empty: the default
  std::string pruner = {};    // as parse_pruner reads it; empty: the default
  std::optional<std::uint64_t> trials = {};
  std::optional<std::size_t> max_nodes = {};
  bool warm_start = false;  // nets grow from those of earlier trials (warm_start.h)
  // What learners that can go on from models begin with (run_start.h), each also fitted from nothing beside
  // it. Null: nothing.
  std::shared_ptr<const StartFits> from = {};
  bool keeps_one =
      false;  // of those that go on: the first that is not surely beaten, and no mean (grow_nets.h)
  // What a teacher says of the table's rows, [rows * outputs]; null: nobody teaches.
  std::shared_ptr<const std::vector<double>> taught = {};
  Key key;
  std::string asks_as = {};  // whoever asks under a name of its own is proposed other points than the rest
  ThreadPool& pool;
  const Budget& budget;
  Progress& progress;
  std::vector<Point> first = {};       // tried before anything else; empty: the defaults of the space
  std::function<bool()> is_over = {};  // as in SearchSetup
  std::function<void(const Selection&)> on_better = {};  // after the baseline and each system that led
  // Once, when the first trial has shown what one costs.
  std::function<void(const CrossValidation& first)> on_first = {};
};
// Throws nothing_fitted only when not even the baseline could be fitted. Every complete trial that could
// still ship is among `tried`: the best ones, in the order of their numbers.
[[nodiscard]] Selection search_systems(const SystemSearchRequest& request);

// Only the trials, for a study that ships elsewhere. Returns how many ended here.
std::uint64_t work_on_systems(const SystemSearchRequest& request);

}  // namespace astrolabe
