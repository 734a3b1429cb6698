// SPDX-License-Identifier: Apache-2.0
// The command of a stranger's program with stars in it: which space they span, and which words a point gives.
//
//   const ProgramTemplate program({"python3", "train.py", "--lr", "*1e-4..1e-1", "--act", "*relu,gelu"}, {});
//   program.space()                        // lr: a real number, logarithmic; act: a choice
//   program.fill(point)                    // {"python3", "train.py", "--lr", "0.003", "--act", "gelu"}
//
// A star is a word, or what follows NAME= in a word, that begins with `*`, and is a list or a range as
// system/star.h reads them; a star that is meant literally is written ** or \*.
// and {NAME} anywhere in a word is the value of a declared slot. A star is named for the flag before it or
// the NAME before its equal sign, otherwise for its place: "program", "word3".
//
// Immutable; thread-safe.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "astrolabe/search/space.h"

namespace astrolabe {

class ProgramTemplate {
 public:
  // `slots`: dimensions that stand in braces; conditions count among them. Throws usage_error: no word, no
  // star and no slot, a star that is neither range nor list, a declared slot that stands nowhere, words that
  // are no UTF-8.
  ProgramTemplate(std::span<const std::string> words, std::span<const Dimension> slots);

  // The slots first, then the stars from left to right.
  [[nodiscard]] const Space& space() const { return space_; }
  // A word whose slot does not exist at this point is left out, with the flag before it if it is that flag's
  // value.
  [[nodiscard]] std::vector<std::string> fill(const Point& point) const;
  // As it was typed: what makes two searches the same.
  [[nodiscard]] std::string text() const;
  // The program when it is no star; empty otherwise.
  [[nodiscard]] std::string program() const;

 private:
  static constexpr std::size_t kLiteral = static_cast<std::size_t>(-1);
  struct Piece {
    std::size_t dimension = kLiteral;
    std::string literal = {};
  };
  using Word = std::vector<Piece>;

  void add_word(std::string_view text);
  bool add_star(std::string_view text);
  [[nodiscard]] Word pieces_of(std::string_view text) const;
  [[nodiscard]] std::string name_by_place() const;
  [[nodiscard]] std::string free_name(const std::string& wanted) const;
  void require_used_slots(std::span<const Dimension> slots) const;
  [[nodiscard]] bool is_flag(std::size_t word) const;

  std::vector<std::string> typed_;
  std::vector<Word> words_;
  Space space_;
};

// "python3 train.py --act 'a b'": words as a shell takes them.
[[nodiscard]] std::string shell_text(std::span<const std::string> words);

}  // namespace astrolabe
