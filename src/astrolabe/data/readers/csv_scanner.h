// SPDX-License-Identifier: Apache-2.0
// RFC 4180 by a small serial state machine: slow, simple, and knows lines. Arrow reads the table; this looks
// at the sample from which the dialect is guessed, and finds the line when Arrow gave up.
//
//   struct Sink { void byte(char); void end_field(); void end_row(); void skip_row(); };
//   CsvMachine machine(',');
//   machine.feed(bytes, sink);  machine.finish(sink);
//
// As Arrow reads: a quote opens only at the beginning of a field, doubled quotes are one, what follows a
// closing quote belongs to the field, empty lines are no rows, and \n, \r\n and \r end a row.
#pragma once

#include <cstdint>
#include <string_view>

namespace astrolabe::readers {

class CsvMachine {
 public:
  explicit CsvMachine(char delimiter) : delimiter_(delimiter) {}

  // The sink's end_row may return false to stop; feed then returns false. After a stop `consumed()` is just
  // behind that row.
  template <typename Sink>
  bool feed(std::string_view bytes, Sink& sink) {
    for (const char c : bytes) {
      ++consumed_;
      if (!take(c, sink)) return false;
    }
    return true;
  }
  // The last row, when no newline ends it.
  template <typename Sink>
  void finish(Sink& sink) {
    if (!row_is_empty_) end_row(sink);
  }

  [[nodiscard]] std::uint64_t consumed() const { return consumed_; }
  [[nodiscard]] bool in_quotes() const { return state_ == State::in_quotes; }
  [[nodiscard]] std::uint64_t quote_line() const { return quote_line_; }  // where the last quote was opened
  // The line, from 1, on which the row that just ended began.
  [[nodiscard]] std::uint64_t row_line() const { return row_line_; }

 private:
  enum class State : std::uint8_t { field_start, in_field, in_quotes, after_quote };

  template <typename Sink>
  bool take(char c, Sink& sink) {
    if (after_return_) {
      after_return_ = false;
      if (c == '\n') return true;
    }
    if (state_ == State::in_quotes) {
      if (c == '\n') ++line_;
      if (c == '"') {
        state_ = State::after_quote;
      } else {
        sink.byte(c);
      }
      return true;
    }
    if (c == '\n' || c == '\r') {
      after_return_ = c == '\r';
      return end_line(sink);
    }
    row_is_empty_ = false;
    if (c == delimiter_) {
      sink.end_field();
      state_ = State::field_start;
    } else if (c == '"' && state_ == State::field_start) {
      state_ = State::in_quotes;
      quote_line_ = line_;
    } else {
      const bool doubled = c == '"' && state_ == State::after_quote;
      state_ = doubled ? State::in_quotes : State::in_field;
      sink.byte(c);
    }
    return true;
  }
  template <typename Sink>
  bool end_line(Sink& sink) {
    bool go_on = true;
    if (!row_is_empty_) go_on = end_row(sink);
    ++line_;
    next_row_line_ = line_;
    return go_on;
  }
  template <typename Sink>
  bool end_row(Sink& sink) {
    sink.end_field();
    row_line_ = next_row_line_;
    state_ = State::field_start;
    row_is_empty_ = true;
    return sink.end_row();
  }

  char delimiter_;
  State state_ = State::field_start;
  bool row_is_empty_ = true;
  bool after_return_ = false;
  std::uint64_t consumed_ = 0;
  std::uint64_t line_ = 1;
  std::uint64_t next_row_line_ = 1;
  std::uint64_t row_line_ = 1;
  std::uint64_t quote_line_ = 0;
};

}  // namespace astrolabe::readers
