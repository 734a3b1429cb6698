// SPDX-License-Identifier: Apache-2.0
// Results go to stdout, talk and progress to stderr; what went wrong decides the exit code (docs/design.md,
// section 6).
#include <cstdio>
#include <exception>
#include <new>
#include <string>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "astrolabe/base/budget.h"
#include "astrolabe/base/error.h"
#include "astrolabe/base/version.h"
#include "astrolabe/cli/command.h"

namespace astrolabe {
namespace {

constexpr int kUsage = 2;

void add_commands(CLI::App& app, Session& session) {
  add_run_command(app, session);
  add_predict_command(app, session);
  add_score_command(app, session);
  add_show_command(app, session);
  add_parts_command(app, session);
  add_completion_command(app, session);
  add_man_command(app, session);
}

int report_error(const Face& face, const std::string& message, int code) {
  if (face.json) {
    const nlohmann::json object = {{"error", {{"message", message}, {"exit_code", code}}}};
    fmt::print("{}\n", object.dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
  }
  fmt::print(stderr, "astrolabe: {}\n", message);
  return code;
}

// Runs the chosen command and gives every error its exit code.
int act(const Session& session) {
  try {
    const int code = session.action();
    if (std::fflush(stdout) != 0) return report_error(session.face, "writing to stdout failed", 1);
    return code;
  } catch (const Error& error) {
    // After ^C whatever could not be done was not done because of it.
    const int code = cancel_requested() ? 128 + cancel_signal() : exit_code(error.kind());
    return report_error(session.face, error.what(), code);
  } catch (const std::bad_alloc&) {
    return report_error(session.face, "out of memory. Give fewer rows, or a machine with more of it.", 1);
  } catch (const std::exception& error) {
    return report_error(session.face,
                        fmt::format("{}. This is a bug in Astrolabe: please report it.", error.what()), 1);
  }
}

int start(int argc, char** argv) {
  CLI::App app("Astrolabe finds what belongs where you wrote a star.", "astrolabe");
  app.set_version_flag("--version", std::string("astrolabe ") + std::string(version()));
  app.require_subcommand(1);
  app.get_formatter()->column_width(34);
  Session session;
  session.arguments.assign(argv, argv + argc);
  session.arguments[0] = "astrolabe";
  add_commands(app, session);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& asked) {  // --help, --version
    return app.exit(asked);
  } catch (const CLI::ParseError& error) {
    fmt::print(stderr, "astrolabe: {}\nRun `astrolabe --help` or `astrolabe COMMAND --help`.\n",
               error.what());
    return kUsage;
  }
  return act(session);
}

}  // namespace
}  // namespace astrolabe

int main(int argc, char** argv) {
  return astrolabe::start(argc, argv);
}
