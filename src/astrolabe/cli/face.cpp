// SPDX-License-Identifier: Apache-2.0
#include <cstdio>

#include <fmt/format.h>
#include <unistd.h>

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

void add_face_options(CLI::App& command, Face& face) {
  command.add_flag("--json", face.json, "One JSON object on stdout, and nothing else");
  command.add_flag("--quiet", face.quiet, "No talk on stderr; errors still print");
  command.add_option("--color", face.color, "Color: auto, always or never")
      ->check(CLI::IsMember({"auto", "always", "never"}))
      ->capture_default_str();
}

}  // namespace astrolabe
