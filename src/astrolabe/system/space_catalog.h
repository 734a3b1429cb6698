// SPDX-License-Identifier: Apache-2.0
// The spaces that a star may stand for, by name: those of the literature, exact, and our own. Adding one: a
// file space_NAME.cpp, its declaration in named_spaces.h, a row here.
//
//   const SpaceRow& row = *find_space("activation", "ramachandran");
//   SpaceDraft draft;
//   const WrittenSpace written = row.write(SpaceWriter(draft).under("activation"), {}, 1);
//   draft.space.count()              // 6250
//   written.text(point)              // "x*sigmoid(beta*x)"
//   written.members[0].text          // "x*sigmoid(beta*x)": worth trying first
//
// Everything here is pure and thread-safe.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "astrolabe/stats/metric.h"
#include "astrolabe/system/space_writer.h"

namespace astrolabe {

// What a space may want to know of the task and its table.
struct SpaceContext {
  TaskKind kind = TaskKind::binary;
  std::size_t rows = 0;              // to fit on; 0: not known
  bool has_categories = true;        // features that are names, not numbers
  bool has_several_features = true;  // false: a single number
};

struct WrittenSpace {
  struct Member {
    std::string name;  // "swish"
    Assignment values;
  };
  PointText text;
  std::vector<Member> members = {};  // by name in the literature, the best known first
};

struct SpaceRow {
  std::string_view slot;  // "activation"
  std::string_view name;  // "ramachandran"
  std::string_view doc;   // one sentence
  // What stands in parentheses behind the name: ramachandran(2). Empty: nothing may.
  std::string_view setting = {};
  int low = 0, high = 0, preferred = 0;
  std::string (*grammar)(int setting);  // for people: lines that end in "\n"
  WrittenSpace (*write)(const SpaceWriter& slot, const SpaceContext& context, int setting);
  // A part of what "*" alone means.
  bool is_open = true;
  // Empty, or the one learner whose nets it holds.
  std::string_view only_for = {};
  // How many functions its formulas are with the preferred setting, whatever the task; 0: nobody counted. The
  // slow tests count them again.
  double functions = 0;
};

// In the order in which people should see them.
[[nodiscard]] std::span<const SpaceRow> space_rows();
[[nodiscard]] const SpaceRow* find_space(std::string_view slot, std::string_view name);  // null: none
[[nodiscard]] std::vector<const SpaceRow*> spaces_of(std::string_view slot);

// How many points, and the names of the members, for a task of a kind.
struct SpaceSummary {
  std::string call;  // "ramachandran(1)"
  std::string grammar;
  double count = 0;                                          // infinity: real dimensions
  std::vector<std::pair<std::string, std::string>> members;  // name, text
};
[[nodiscard]] SpaceSummary summary_of(const SpaceRow& row, const SpaceContext& context, int setting);

}  // namespace astrolabe
