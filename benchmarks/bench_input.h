// SPDX-License-Identifier: Apache-2.0
// What the programs of benchmarks are given: a file of numbers, and settings as words.
//
//   std::string_view bytes = file;
//   const auto head = take<std::int64_t>(bytes, 3);
//   const SettingValues settings = settings_of(trees_learner(), std::span(arguments + 4, arguments + count));
#pragma once

#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "astrolabe/base/error.h"
#include "astrolabe/model/learner.h"

namespace astrolabe {

// The next `count` numbers, which leave `bytes`.
template <class T>
std::vector<T> take(std::string_view& bytes, std::size_t count) {
  std::vector<T> values(count);
  ASTROLABE_CHECK(bytes.size() >= count * sizeof(T), "the table is whole");
  std::memcpy(values.data(), bytes.data(), count * sizeof(T));
  bytes.remove_prefix(count * sizeof(T));
  return values;
}

// Of words NAME=VALUE. Throws usage_error.
inline SettingValues settings_of(const Learner& learner, std::span<char* const> words) {
  SettingValues settings;
  for (const std::string text : words) {
    const std::string name = text.substr(0, text.find('='));
    const SettingField& field = require_field(learner.name(), learner.fields(), name);
    settings[name] = parse_setting(learner.name(), field, text.substr(text.find('=') + 1));
  }
  return settings;
}

}  // namespace astrolabe
