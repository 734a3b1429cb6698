// SPDX-License-Identifier: Apache-2.0
// A named space of a slot on its own, for tests.
//
//   const DraftSpace space("activation", "ramachandran", 1);
//   space.text(space.first())
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "astrolabe/base/error.h"
#include "astrolabe/system/space_catalog.h"

namespace astrolabe::testing {

struct DraftSpace {
  DraftSpace(std::string_view slot, std::string_view name, int setting, TaskKind kind = TaskKind::multiclass,
             std::size_t rows = 0)
      : written(find_space(slot, name)->write(SpaceWriter(draft).under(slot), {kind, rows}, setting)) {}

  [[nodiscard]] const Space& space() const { return draft.space; }
  // All points, in order.
  [[nodiscard]] std::vector<std::string> texts() const {
    std::vector<std::string> all;
    for (std::optional<Point> point = first_point(space()); point; point = next_point(space(), *point))
      all.push_back(written.text(*point));
    return all;
  }

  SpaceDraft draft;
  WrittenSpace written;
};

// What a call complains about, as users read it.
template <class Call>
std::string message_of(Call&& call) {
  try {
    call();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

}  // namespace astrolabe::testing
