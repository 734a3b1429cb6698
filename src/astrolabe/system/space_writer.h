// SPDX-License-Identifier: Apache-2.0
// Writes a star's dimensions into a Space: names under a prefix, everything under the condition of whoever
// asked, a default for every dimension, and functions that turn a point back into text.
//
//   SpaceDraft draft;
//   const SpaceWriter slot = SpaceWriter(draft).under("optimizer");
//   const WrittenChoice part = slot.choice("", {"sgd", "momentum"});         // dimension "optimizer"
//   const SpaceWriter inner = slot.while_option(part.dimension, {1});
//   const PointText m = inner.real("m", {.low = 0.5, .high = 0.99}, 0.9);    // "optimizer.m", of momentum
//   only part.text(point)   // "sgd"
//
// A writer is a cheap value; the draft must outlive it. The functions that it returns hold everything that
// they need and are thread-safe. Errors are those of Space::add.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "astrolabe/search/space.h"

namespace astrolabe {

// The text that a point means; only asked where the dimensions exist that it reads.
using PointText = std::function<std::string(const Point&)>;

struct SpaceDraft {
  Space space;
  std::vector<double> defaults;  // [dimensions] the value where the dimension exists and nobody says another
};

struct WrittenChoice {
  std::size_t dimension = 0;
  PointText text;  // the option
};

// Some dimensions by number with their values, others left at their defaults.
using Assignment = std::vector<std::pair<std::size_t, double>>;

class SpaceWriter {
 public:
  explicit SpaceWriter(SpaceDraft& draft) : draft_(&draft) {}

  // Names begin with what they stand under: under("activation"), then "u1", is "activation.u1".
  [[nodiscard]] SpaceWriter under(std::string_view name) const;
  // Everything exists only while the choice holds one of these options.
  [[nodiscard]] SpaceWriter while_option(std::size_t dimension, std::vector<std::size_t> options) const;

  // An empty name is the prefix itself. `preferred` is the default's place.
  [[nodiscard]] WrittenChoice choice(std::string_view name, std::vector<std::string> options,
                                     std::size_t preferred = 0) const;
  [[nodiscard]] PointText real(std::string_view name, const RealRange& range, double preferred) const;
  [[nodiscard]] PointText whole(std::string_view name, const WholeRange& range, double preferred) const;
  std::size_t add(std::string_view name, Domain domain, double preferred) const;

  // Choices by name and option text, under this prefix, as numbers: {{"u1", "x"}, {"b", "x1*x2"}}.
  [[nodiscard]] Assignment assignment(
      const std::vector<std::pair<std::string_view, std::string_view>>& named) const;

  [[nodiscard]] std::string full_name(std::string_view name) const;
  [[nodiscard]] const Space& space() const { return draft_->space; }

 private:
  SpaceDraft* draft_;
  std::string prefix_;
  std::optional<Condition> when_;
};

// The point of these values in which everything else has its default.
[[nodiscard]] Point completed(const SpaceDraft& draft, const Assignment& assignment);

}  // namespace astrolabe
