// SPDX-License-Identifier: Apache-2.0
#include <cstdio>

#include <fmt/format.h>

#include "astrolabe/cli/command.h"

namespace astrolabe {

std::unique_ptr<Progress> Face::progress() const {
  return quiet ? silent_progress() : terminal_progress(detect_terminal_style(color));
}

void Face::say(const std::string& line) const {
  if (!quiet) fmt::print(stderr, "{}\n", line);
}

void add_face_options(CLI::App& command, Face& face) {
  command.add_flag("--json", face.json, "One JSON object on stdout, and nothing else");
  command.add_flag("--quiet", face.quiet, "No talk on stderr; errors still print");
  command.add_option("--color", face.color, "Color: auto, always or never")
      ->check(CLI::IsMember({"auto", "always", "never"}))
      ->capture_default_str();
}

}  // namespace astrolabe
