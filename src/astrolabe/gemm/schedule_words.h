// SPDX-License-Identifier: Apache-2.0
// The language that schedules of products, convolutions and nests are written in: words "name=value" with
// spaces between them; a choice that is left to the default has no word, so that the default is "".
//
//   ScheduleWords words;
//   words.number("band", 4);
//   words.pair("tile", 14, 32);
//   words.text();                                                     // "band=4 tile=14x32"
//   read_schedule_words("band=4", [&](std::string_view name, std::string_view value) { ... });
#pragma once

#include <array>
#include <charconv>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "astrolabe/base/text.h"

namespace astrolabe {

// Writes words. Zeros and the first name of an enumeration are the default, and no word.
class ScheduleWords {
 public:
  void number(std::string_view name, std::size_t value) {
    if (value != 0) add(name, std::to_string(value));
  }
  void pair(std::string_view name, std::size_t first, std::size_t second) {
    if (first != 0) add(name, std::to_string(first) + "x" + std::to_string(second));
  }
  template <class Enum, std::size_t N>
  void choice(std::string_view name, Enum value, const std::array<std::string_view, N>& names) {
    if (value != Enum{}) add(name, std::string(names[static_cast<std::size_t>(value)]));
  }
  void add(std::string_view name, const std::string& value) {
    words_.push_back(std::string(name) + "=" + value);
  }
  [[nodiscard]] std::string text() const { return join(words_, " "); }

 private:
  std::vector<std::string> words_;
};

// A whole number above 0 that fits.
template <class Number>
bool read_number(std::string_view text, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() && number > 0;
}

// "8x48"
template <class Number>
bool read_pair(std::string_view text, Number& first, Number& second) {
  const std::size_t x = text.find('x');
  return x != std::string_view::npos && read_number(text.substr(0, x), first) &&
         read_number(text.substr(x + 1), second);
}

// Any name but the first, which is the default.
template <class Enum, std::size_t N>
bool read_name(std::string_view text, const std::array<std::string_view, N>& names, Enum& value) {
  for (std::size_t i = 1; i < N; ++i) {
    if (names[i] != text) continue;
    value = static_cast<Enum>(i);
    return true;
  }
  return false;
}

// Calls read(name, value) for every word; false as soon as one is no word or read() is false.
template <class Read>
bool read_schedule_words(std::string_view text, const Read& read) {
  for (const std::string& word : split(std::string(text), ' ')) {
    if (word.empty()) continue;
    const std::string_view view = word;
    const std::size_t equals = view.find('=');
    if (equals == std::string_view::npos) return false;
    if (!read(view.substr(0, equals), view.substr(equals + 1))) return false;
  }
  return true;
}

}  // namespace astrolabe
