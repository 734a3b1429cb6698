// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/workflow/system_difference.h"

#include <set>

#include <fmt/format.h>

#include "astrolabe/base/error.h"

namespace astrolabe {

FilledSystem defaults_of(const SystemSpace& space, const std::string& learner) {
  FilledSystem system;
  for (const Point& point : space.first_points()) {
    system = space.fill(point);
    if (system.learner == learner) break;
  }
  ASTROLABE_CHECK(system.learner == learner, "a space begins with the defaults of every learner");
  return system;
}

std::vector<std::string> differing_settings(const FilledSystem& a, const FilledSystem& b) {
  std::set<std::string> names;
  for (const auto& [name, value] : a.settings) {
    const auto there = b.settings.find(name);
    if (there == b.settings.end() || there->second != value) names.insert(name);
  }
  for (const auto& [name, value] : b.settings)
    if (!a.settings.contains(name)) names.insert(name);
  return {names.begin(), names.end()};
}

std::string label_of(const FilledSystem& system, const std::vector<std::string>& shown) {
  SettingValues settings;
  for (const std::string& name : shown) {
    const auto found = system.settings.find(name);
    if (found != system.settings.end()) settings.insert(*found);
  }
  return settings.empty() ? system.learner : fmt::format("{}({})", system.learner, format_settings(settings));
}

FilledSystem with_setting_of(const FilledSystem& system, const FilledSystem& other,
                             const std::string& setting) {
  FilledSystem changed = system;
  const auto wanted = other.settings.find(setting);
  if (wanted == other.settings.end()) {
    changed.settings.erase(setting);
  } else {
    changed.settings[setting] = wanted->second;
  }
  return changed;
}

}  // namespace astrolabe
