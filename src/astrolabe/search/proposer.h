// SPDX-License-Identifier: Apache-2.0
// A proposer suggests which point to try next, from what it has seen. None knows a learner. Adding one: a
// file pair, a row in proposer_catalog.cpp, the CMake line, a name in the contract suite.
//
//   std::unique_ptr<Proposer> proposer = find_proposer("evolution")->make(space, {}, key.split("proposer"));
//   for (std::uint64_t i = 0; i < 100; ++i) {
//     const std::optional<Proposal> proposal = proposer->propose(key.split(i));
//     if (!proposal) break;                       // an enumeration came to its end
//     proposer->observe({.point = proposal->point, .by = proposal->by, .cost = cost(proposal->point),
//                        .steps = 1});
//   }
//
// Deterministic: what it proposes depends on space, settings, key and on the calls so far with their
// arguments, on no clock and no global. One may be asked for several proposals before anything is observed,
// and told of points that it never proposed: those of another worker, or the known cost of an equivalent
// point. Not thread-safe. Memory: O(observations it needs), never more than a few hundred bytes each.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "astrolabe/base/random.h"
#include "astrolabe/model/settings.h"
#include "astrolabe/search/trial.h"

namespace astrolabe {

struct Proposal {
  Point point;
  std::string by;  // "evolution"; of a proposer that asks others, the one that was asked
};

class Proposer {
 public:
  virtual ~Proposer() = default;
  // Nothing when the space is exhausted: an enumeration has shown every point. Others may repeat themselves.
  [[nodiscard]] virtual std::optional<Proposal> propose(Key key) = 0;
  virtual void observe(const Observation& seen) = 0;
  // One line for people about what it has learnt, or nothing: "evolution 61 %, rl 39 % of the last 100".
  [[nodiscard]] virtual std::string summary() const { return {}; }
};

struct ProposerRow {
  std::string_view name;  // "evolution"
  std::string_view doc;   // one sentence
  std::span<const SettingField> (*fields)();
  // Throws usage_error for settings that are unknown or out of range, and for a space that it cannot search
  // (an enumeration of real numbers).
  std::unique_ptr<Proposer> (*make)(const Space& space, const SettingValues& settings, Key key);
};

// In the order in which people should see them; the first is the default.
[[nodiscard]] std::span<const ProposerRow> proposer_rows();
[[nodiscard]] const ProposerRow& default_proposer();
[[nodiscard]] const ProposerRow* find_proposer(std::string_view name);  // null when there is none

// "rl", "evolution(population=50, sample=10)"; empty: the default. Throws usage_error that offers the nearest
// name.
struct ProposerChoice {
  const ProposerRow* row = nullptr;
  SettingValues settings = {};
};
[[nodiscard]] ProposerChoice parse_proposer(std::string_view text);

}  // namespace astrolabe
