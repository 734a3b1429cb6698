// SPDX-License-Identifier: Apache-2.0
// Schedules for programs that are a chain: forwards through blocks, then backwards, as the training of a deep
// net is.
//
//   const ChainSearch search(graph, limit);
//   const std::optional<Schedule> schedule = search.find(limit);
//
// The way forwards ends where most lives. It is cut where little passes from what was computed to what comes:
// the blocks of plan_chain(). A step of the way back belongs to the first block whose values it or a step
// before it reads.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>

#include "astrolabe/lower/step_graph.h"

namespace astrolabe {

class ChainSearch {
 public:
  // For limits up to `most` bytes; `graph` must outlive it. Cost: that of a ChainPlanner.
  ChainSearch(const StepGraph& graph, std::size_t most);
  ~ChainSearch();
  ChainSearch(const ChainSearch&) = delete;
  ChainSearch& operator=(const ChainSearch&) = delete;

  // The cheapest schedule of plan_chain() whose peak is at most `limit`; nothing where the program is no
  // chain, or the limit too low for one. Exact for equal blocks, also when those at the ends differ; chains
  // of more than 128 other blocks are cut less finely. Cost: a few times linear.
  [[nodiscard]] std::optional<Schedule> find(std::size_t limit) const;
  // Whether most blocks are alike, so that there is hardly a better schedule.
  [[nodiscard]] bool is_uniform() const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace astrolabe
