// SPDX-License-Identifier: Apache-2.0
// All stars of a run as one Space: the learner, every starred slot, and the settings that exist only under
// what was chosen. Turns points into what a learner takes.
//
//   const SystemSpace stars({.choices = choices, .tunes_settings = false,
//                            .context = {.kind = TaskKind::binary, .rows = 20'000}, .grammars = {}});
//   const Point point = random_point(stars.space(), key);
//   const FilledSystem filled = stars.fill(point);
//   find_learner(filled.learner)->fit({..., .settings = filled.settings, ...});
//
// Dimensions: "learner" when there are several choices; then those of a slot, "activation.u1", with the
// learner's name in front when there are several, "mlp.activation.u1". Immutable, so thread-safe.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "astrolabe/graph/expression.h"
#include "astrolabe/model/learner.h"
#include "astrolabe/stats/metric.h"
#include "astrolabe/system/grammar.h"
#include "astrolabe/system/learner_choice.h"
#include "astrolabe/system/space_catalog.h"
#include "astrolabe/system/space_writer.h"

namespace astrolabe {

struct SystemSpaceRequest {
  std::span<const LearnerChoice> choices;  // at least one
  // The settings of every learner that matter for accuracy are stars too, unless they are set or starred, or
  // have no effect on such a table.
  bool tunes_settings = false;
  SpaceContext context = {};
  std::span<const Grammar> grammars = {};
};

struct FilledSystem {
  std::string learner;
  SettingValues settings;  // what the choice sets, and what the point says
  std::string label;       // "mlp(activation=x*sigmoid(x))": only what was searched
  std::size_t nodes = 0;   // of the graphs of all searched formulas: how complex they are
};

// A star for people: pre-flight lines and reports.
struct StarSummary {
  std::string learner;
  std::string slot;                  // or setting
  std::string text;                  // as written; "*" for a tuned setting
  std::vector<std::string> spaces;   // "parts", "ramachandran(1)"
  double count = 0;                  // of points; infinity with real numbers
  std::vector<std::string> members;  // that are tried first
};

class SystemSpace {
 public:
  // Throws usage_error for stars that cannot be read (star_dimensions.h) and settings that a learner lacks. A
  // single choice without a star is a space of one point. Keeps no reference to the request. Cost: below a
  // millisecond.
  explicit SystemSpace(const SystemSpaceRequest& request);

  [[nodiscard]] const Space& space() const { return draft_.space; }

  // Of any point of the space. Settings are checked against the learner's table; formulas may still be
  // untrainable, which refuse() says.
  [[nodiscard]] FilledSystem fill(const Point& point) const;

  // Equal for points that compute the same: formulas by what they do at probe points (equivalence.h), the
  // rest by its text, without what has no effect. The scale of an optimizer counts unless its learning rate
  // is raced. Cost: some 0.1 ms for each searched formula, 0.5 ms for an optimizer.
  [[nodiscard]] std::string equivalence(const Point& point) const;

  // Why a point is not worth a trial, in words; nothing when it is. Cost as above.
  [[nodiscard]] std::optional<std::string> refuse(const Point& point) const;

  // For every choice its defaults, then the named members of every star, one star at a time; where settings
  // are tuned, the variants of every learner (pipeline/catalog.h) in their place.
  [[nodiscard]] std::vector<Point> first_points() const;

  // The share of the points that are different functions: below 1 where formulas are written in several ways.
  // Nothing where nobody knows it: a formula has numbers to choose, or more texts than can be compared in a
  // tenth of a second, or several learners share them.
  [[nodiscard]] std::optional<double> different_share() const;

  [[nodiscard]] const std::vector<StarSummary>& stars() const { return stars_; }
  [[nodiscard]] std::size_t learner_count() const { return learners_.size(); }

 private:
  struct SearchedSetting {
    const SettingField* field = nullptr;
    std::optional<Vocabulary> parts;  // a slot of formulas
    PointText text;
    Space alone = {};  // of its own dimensions only
    PointText text_alone = {};
    std::vector<Assignment> members = {};
  };
  struct SearchedLearner {
    LearnerChoice choice;
    const Learner* learner = nullptr;
    std::vector<SearchedSetting> settings;
    std::optional<std::size_t> scaling;  // the dimension that says how the learning rate follows the batch
  };

  void write_learner(const SpaceWriter& at, const SystemSpaceRequest& request, SearchedLearner& searched);
  void write_setting(const SpaceWriter& at, const SystemSpaceRequest& request, const std::string& name,
                     const std::string& star_text, SearchedLearner& searched);
  [[nodiscard]] const SearchedLearner& learner_at(const Point& point) const;
  // Of a setting whose star is a range; nothing when it is not searched.
  [[nodiscard]] std::optional<std::size_t> dimension_of_number(std::size_t learner,
                                                               const std::string& setting) const;
  void scale_learning_rate(const SearchedLearner& searched, const Point& point,
                           SettingValues& settings) const;
  [[nodiscard]] std::optional<double> functions_of(const SearchedSetting& setting,
                                                   const StarSummary& star) const;
  [[nodiscard]] std::string key_of(const SearchedSetting& setting, const std::string& text,
                                   const SettingValues& settings) const;

  SpaceDraft draft_;
  SpaceContext context_;
  bool tunes_settings_;
  std::optional<std::size_t> learner_;  // the dimension
  std::vector<SearchedLearner> learners_;
  std::vector<StarSummary> stars_;
};

}  // namespace astrolabe
