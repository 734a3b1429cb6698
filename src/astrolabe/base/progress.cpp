// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/base/progress.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "astrolabe/base/error.h"
#include "astrolabe/base/text.h"

namespace astrolabe {

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds kRedrawEvery{100};
constexpr milliseconds kLineEvery{10'000};

class SilentProgress final : public Progress {
 public:
  void update(const ProgressEvent&) override {}
  void say(std::string_view) override {}
  void warn(std::string_view) override {}
  void finish() override {}
};

std::string without_controls(std::string_view text) {
  std::string clean(text);
  for (char& c : clean) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte == '\t' || byte == '\n')
      c = ' ';
    else if (byte < 0x20 || byte == 0x7F)
      c = '?';
  }
  return clean;
}

bool continues_character(char c) {
  return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

std::size_t columns_of(std::string_view text) {
  return text.size() - static_cast<std::size_t>(std::count_if(text.begin(), text.end(), continues_character));
}

// Cut or padded to exactly `columns`.
std::string fit(std::string text, std::size_t columns) {
  std::size_t used = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (continues_character(text[at])) continue;
    if (used == columns) {
      text.resize(at);
      break;
    }
    ++used;
  }
  text.append(columns - used, ' ');
  return text;
}

std::string percent(double fraction) {
  return fmt::format("{:3.0f} %", std::floor(fraction * 100));
}

void write_to_stderr(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stderr);
  std::fflush(stderr);
}

class TerminalProgress final : public Progress {
 public:
  explicit TerminalProgress(const TerminalStyle& style) : style_(style), last_shown_(Clock::now()) {
    if (style_.is_terminal) last_shown_ -= kRedrawEvery;
  }
  ~TerminalProgress() override { erase(); }

  void update(const ProgressEvent& event) override {
    const auto now = Clock::now();
    if (now - last_shown_ < (style_.is_terminal ? kRedrawEvery : kLineEvery)) return;
    last_shown_ = now;
    if (!style_.is_terminal) return write_to_stderr(line(event) + "\n");
    drawn_ = bar(event);
    write_to_stderr("\r" + drawn_ + "\x1b[K");
  }

  void say(std::string_view text) override { print(without_controls(text)); }

  void warn(std::string_view text) override {
    const std::string_view word = style_.color ? "\x1b[33mwarning:\x1b[0m " : "warning: ";
    print(std::string(word) + without_controls(text));
  }

  void finish() override { erase(); }

 private:
  // One write: erase the bar, the line, the bar again.
  void print(const std::string& text) {
    if (drawn_.empty()) return write_to_stderr(text + "\n");
    write_to_stderr("\r\x1b[K" + text + "\n" + drawn_ + "\x1b[K");
  }

  void erase() {
    if (!drawn_.empty()) write_to_stderr("\r\x1b[K");
    drawn_.clear();
  }

  [[nodiscard]] static std::string line(const ProgressEvent& event) {
    std::string text = without_controls(event.stage);
    std::string separator = text.empty() ? "" : ": ";
    const auto add = [&](const std::string& part) {
      text += separator + part;
      separator = ", ";
    };
    if (event.fraction >= 0) add(std::string(trim(percent(std::min(event.fraction, 1.0)))));
    if (event.seconds_left >= 0) add(format_duration(event.seconds_left) + " left");
    if (!event.best.empty()) add("best " + without_controls(event.best));
    return text;
  }

  // "stage   ━━━━━━━━────   42 %   3 min 20 s left   AUC 0.9283": columns keep their places while values
  // change. A long stage takes columns of the bar, and keeps them.
  [[nodiscard]] std::string bar(const ProgressEvent& event) {
    constexpr std::size_t kTimeColumns = 16;  // "59 min 59 s left"
    constexpr std::size_t kLeastBar = 8;
    const auto width = static_cast<std::size_t>(std::max(style_.width, 20)) - 1;
    const std::string best = without_controls(event.best);
    const std::string time = event.seconds_left < 0 ? "" : format_duration(event.seconds_left) + " left";
    std::string tail;
    if (event.fraction >= 0) tail += "  " + percent(std::min(event.fraction, 1.0));
    if (width >= 60) tail += "  " + fit(time, kTimeColumns);
    if (!best.empty()) tail += "  " + best;
    const std::size_t tail_columns = columns_of(tail);
    if (tail_columns + 8 > width) return fit(without_controls(event.stage) + tail, width);

    const std::size_t rest = width - tail_columns;
    const std::string stage = without_controls(event.stage);
    longest_stage_ = std::max(longest_stage_, columns_of(stage));
    std::size_t bar_columns = event.fraction < 0 || rest < 32 ? 0 : std::min<std::size_t>(rest / 3, 30);
    std::size_t stage_columns = bar_columns == 0 ? rest : std::min<std::size_t>(rest - bar_columns - 2, 36);
    if (bar_columns > 0 && longest_stage_ > stage_columns) {
      bar_columns = std::min(bar_columns, rest - std::min(rest, longest_stage_ + 2));
      if (bar_columns < kLeastBar) bar_columns = 0;
      stage_columns = bar_columns == 0 ? rest : rest - bar_columns - 2;
    }
    std::string text = fit(stage, stage_columns);
    if (bar_columns > 0) text += "  " + stroke(event.fraction, bar_columns);
    return text + tail;
  }

  [[nodiscard]] std::string stroke(double fraction, std::size_t columns) const {
    const auto done = static_cast<std::size_t>(std::min(fraction, 1.0) * static_cast<double>(columns));
    std::string text = style_.color ? "\x1b[36m" : "";
    for (std::size_t i = 0; i < columns; ++i) {
      if (i == done && style_.color) text += "\x1b[0;2m";
      if (style_.unicode)
        text += i < done ? "━" : "─";
      else
        text += i < done ? '#' : '-';
    }
    return style_.color ? text + "\x1b[0m" : text;
  }

  TerminalStyle style_;
  Clock::time_point last_shown_;
  std::string drawn_;  // what stands on the terminal's last line
  std::size_t longest_stage_ = 0;
};

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

bool locale_is_utf8() {
  std::string locale = environment("LC_ALL");
  if (locale.empty()) locale = environment("LC_CTYPE");
  if (locale.empty()) locale = environment("LANG");
  return locale.find("UTF-8") != std::string::npos || locale.find("utf8") != std::string::npos;
}

int terminal_width() {
  if (const auto columns = parse_number(environment("COLUMNS"));
      columns && *columns >= 1 && *columns <= 1000) {
    return static_cast<int>(*columns);
  }
  winsize size = {};
  if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  return 80;
}

}  // namespace

std::unique_ptr<Progress> silent_progress() {
  return std::make_unique<SilentProgress>();
}

TerminalStyle detect_terminal_style(std::string_view color) {
  if (color != "auto" && color != "always" && color != "never") {
    throw usage_error({.attempted = "reading --color",
                       .expected = "auto, always or never",
                       .found = fmt::format("'{}'", color)});
  }
  const std::string terminal = environment("TERM");
  TerminalStyle style;
  style.is_terminal = isatty(STDERR_FILENO) == 1 && !terminal.empty() && terminal != "dumb";
  style.color =
      color == "always" || (color == "auto" && style.is_terminal && environment("NO_COLOR").empty());
  style.width = terminal_width();
  style.unicode = locale_is_utf8();
  return style;
}

std::unique_ptr<Progress> terminal_progress(const TerminalStyle& style) {
  return std::make_unique<TerminalProgress>(style);
}

}  // namespace astrolabe
