// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <limits>

#include <fmt/format.h>
#include <unistd.h>

#include "astrolabe/base/budget.h"
#include "astrolabe/base/text.h"
#include "astrolabe/cli/command.h"

namespace astrolabe {

std::unique_ptr<Progress> Face::progress() const {
  return quiet ? silent_progress() : terminal_progress(detect_terminal_style(color));
}

TextStyle Face::style() const {
  const TerminalStyle detected = detect_terminal_style(color);
  const bool is_terminal = ::isatty(STDOUT_FILENO) != 0;
  return {.width = detected.width, .color = color == "always" || (is_terminal && detected.color)};
}

void Face::say(const std::string& line) const {
  if (!quiet) fmt::print(stderr, "{}\n", line);
}

CLI::Validator from_one() {
  const auto check = [](const std::string& text) {
    const bool is_one = !text.empty() && text.size() < 19 &&
                        text.find_first_not_of("0123456789") == text.npos &&
                        text.find_first_not_of('0') != text.npos;
    return is_one ? std::string() : "expected a whole number from 1, found " + text;
  };
  return {check, "", "from one"};
}

int exit_code_of_work() {
  return cancel_requested() ? 128 + cancel_signal() : 0;
}

double PairsClock::seconds() const {
  const bool has_clock = time_option->count() > 0 || pairs_option->count() == 0;
  return has_clock ? parse_duration(time, "--time") : std::numeric_limits<double>::infinity();
}

void add_pairs_clock(CLI::App& command, PairsClock& clock, std::size_t& pairs, std::string_view each) {
  clock.time_option = command.add_option("--time", clock.time, "For all of it; what does not fit is named")
                          ->type_name("60s|5m|1h")
                          ->capture_default_str();
  clock.pairs_option =
      command
          .add_option("--pairs", pairs,
                      fmt::format("Pairs of fits for {}; given without --time there is no clock", each))
          ->check(CLI::Range(std::size_t{2}, std::size_t{100}))
          ->capture_default_str();
}

void add_face_options(CLI::App& command, Face& face) {
  command.add_flag("--json", face.json, "One JSON object on stdout, and nothing else");
  command.add_flag("--quiet", face.quiet, "No talk on stderr; errors still print");
  command.add_option("--color", face.color, "Color: auto, always or never")
      ->check(CLI::IsMember({"auto", "always", "never"}))
      ->capture_default_str();
}

}  // namespace astrolabe
