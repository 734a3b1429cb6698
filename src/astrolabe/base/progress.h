// SPDX-License-Identifier: Apache-2.0
// Progress as events. Code that works tells a `Progress`; who listens decides how it looks.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace astrolabe {

struct ProgressEvent {
  std::string stage;         // "trees, fold 2 of 5"
  double fraction = -1;      // of the whole work, 0..1; negative: unknown
  double seconds_left = -1;  // negative: unknown
  std::string best;          // the best so far, in words: "AUC 0.9283"
};

// Listeners are called from one thread at a time.
class Progress {
 public:
  virtual ~Progress() = default;
  virtual void update(const ProgressEvent& event) = 0;
  // A line of talk that stays ("dropped 3 rows without a target").
  virtual void say(std::string_view line) = 0;
  // Something the user should know about the result; also ends up in the report.
  virtual void warn(std::string_view line) = 0;
  // Removes whatever is drawn, so that other output may follow.
  virtual void finish() = 0;
};

// Says nothing.
[[nodiscard]] std::unique_ptr<Progress> silent_progress();

struct TerminalStyle {
  bool is_terminal = false;  // a bar that is redrawn (at most 10 times a second), else a line every 10 s
  bool color = false;
  int width = 80;        // columns
  bool unicode = false;  // the locale is UTF-8
};
// Looks at stderr, TERM, NO_COLOR, COLUMNS and the locale; `color` is "auto", "always" or "never", else
// usage_error.
[[nodiscard]] TerminalStyle detect_terminal_style(std::string_view color);
// Draws to stderr. Control characters in what it is told are shown as '?', so that data cannot steer the
// terminal.
[[nodiscard]] std::unique_ptr<Progress> terminal_progress(const TerminalStyle& style);

}  // namespace astrolabe
