// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/features/words.h"

#include <algorithm>

namespace astrolabe {
namespace {

struct Character {
  std::uint32_t code = 0;
  std::size_t bytes = 1;
};

bool continues(std::string_view text, std::size_t at) {
  return at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U;
}

Character read_character(std::string_view text, std::size_t at) {
  const auto bits = [&](std::size_t i) {
    return static_cast<std::uint32_t>(static_cast<unsigned char>(text[i]));
  };
  const std::uint32_t lead = bits(at);
  if (lead >= 0xC2 && lead <= 0xDF && continues(text, at + 1)) {
    return {(lead & 0x1FU) << 6U | (bits(at + 1) & 0x3FU), 2};
  }
  if (lead >= 0xE0 && lead <= 0xEF && continues(text, at + 1) && continues(text, at + 2)) {
    return {(lead & 0x0FU) << 12U | (bits(at + 1) & 0x3FU) << 6U | (bits(at + 2) & 0x3FU), 3};
  }
  return {lead, 1};
}

bool separates(Character character) {
  const std::uint32_t code = character.code;
  if (character.bytes == 1 && code < 0x80) {
    return !((code >= 'a' && code <= 'z') || (code >= 'A' && code <= 'Z') || (code >= '0' && code <= '9'));
  }
  if (character.bytes == 2)
    return code >= 0x80 && code <= 0xBF && code != 0xAA && code != 0xB5 && code != 0xBA;
  return character.bytes == 3 && ((code >= 0x2000 && code <= 0x206F) || (code >= 0x3000 && code <= 0x303F));
}

bool is_word_alone(Character character) {
  return character.bytes == 3 && ((character.code >= 0x3040 && character.code <= 0x30FF) ||
                                  (character.code >= 0x3400 && character.code <= 0x9FFF));
}

// The lower-case code; never of another length in UTF-8.
std::uint32_t lower(Character character) {
  const std::uint32_t code = character.code;
  if (character.bytes == 1) return code >= 'A' && code <= 'Z' ? code + 32 : code;
  if (character.bytes != 2) return code;
  if (code >= 0xC0 && code <= 0xDE && code != 0xD7) return code + 32;
  if (code >= 0x391 && code <= 0x3A9) return code + 32;
  if (code >= 0x410 && code <= 0x42F) return code + 32;
  if (code >= 0x400 && code <= 0x40F) return code + 80;
  return code;
}

}  // namespace

void Words::end_word() {
  const std::size_t start = ends_.empty() ? 0 : ends_.back();
  if (bytes_.size() > start) ends_.push_back(bytes_.size());
}

void Words::split(std::string_view text) {
  bytes_.clear();
  ends_.clear();
  for (std::size_t at = 0; at < text.size();) {
    const Character character = read_character(text, at);
    if (separates(character) || is_word_alone(character)) end_word();
    if (!separates(character)) {
      const std::uint32_t code = lower(character);
      if (character.bytes == 1) {
        bytes_.push_back(static_cast<char>(code));
      } else if (character.bytes == 2) {
        bytes_.push_back(static_cast<char>(0xC0U | code >> 6U));
        bytes_.push_back(static_cast<char>(0x80U | (code & 0x3FU)));
      } else {
        bytes_.append(text.substr(at, character.bytes));
      }
    }
    if (is_word_alone(character)) end_word();
    at += character.bytes;
  }
  end_word();
}

std::string_view Words::operator[](std::size_t index) const {
  const std::size_t start = index == 0 ? 0 : ends_[index - 1];
  return std::string_view(bytes_).substr(start, ends_[index] - start);
}

std::size_t count_characters(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char byte) {
    return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U;
  }));
}

}  // namespace astrolabe
