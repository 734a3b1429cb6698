// SPDX-License-Identifier: Apache-2.0
// Results go to stdout, talk and progress to stderr; what went wrong decides the exit code (docs/design.md,
// section 6).
#include <algorithm>
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
#include "astrolabe/system/slots.h"
#include "astrolabe/workflow/run_file.h"
#include "astrolabe/workflow/tune.h"

namespace astrolabe {
namespace {

constexpr int kUsage = 2;

void add_commands(CLI::App& app, Session& session) {
  add_run_command(app, session);
  add_predict_command(app, session);
  add_score_command(app, session);
  add_show_command(app, session);
  add_study_command(app, session);
  add_search_command(app, session);
  add_worker_command(app, session);
  add_prove_command(app, session);
  add_bench_command(app, session);
  add_report_command(app, session);
  add_claims_command(app, session);
  add_doctor_command(app, session);
  add_explain_command(app, session);
  add_experiment_command(app, session);
  add_certify_command(app, session);
  add_audit_command(app, session);
  add_parts_command(app, session);
  add_plan_memory_command(app, session);
  add_privacy_command(app, session);
  add_compile_command(app, session);
  add_tune_command(app, session);
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
    if (const std::string warning = warning_about_schedules(); !warning.empty())
      session.face.say("astrolabe: " + warning);
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

bool looks_like_flag(const std::string& word) {
  return word.size() > 1 && word[0] == '-' && word != "-h" && word[1] != '-';
}

// Formulas may begin with a minus, which the parser of options would take for a flag: after the flag of a
// slot they are joined to it, after `compile` they go behind a --. The program's own short flag is -h.
std::vector<std::string> with_formulas_marked(const std::vector<std::string>& words) {
  std::vector<std::string> marked, formulas;
  const bool is_compile = words.size() > 1 && words[1] == "compile";
  for (std::size_t i = 1; i < words.size(); ++i) {
    const bool is_slot = words[i].starts_with("--") && find_slot(words[i].substr(2)) != nullptr;
    if (is_slot && i + 1 < words.size() && looks_like_flag(words[i + 1])) {
      marked.push_back(words[i] + "=" + words[i + 1]);
      ++i;
    } else if (is_compile && looks_like_flag(words[i])) {
      formulas.push_back(words[i]);
    } else {
      marked.push_back(words[i]);
    }
  }
  if (formulas.empty()) return marked;
  marked.emplace_back("--");
  marked.insert(marked.end(), formulas.begin(), formulas.end());
  return marked;
}

// What stands behind the -- of `search` is somebody else's: no option of ours is looked for in it.
std::vector<std::string> without_program(Session& session) {
  std::vector<std::string> words = session.arguments;
  if (words.size() < 2 || words[1] != "search") return words;
  const auto dashes = std::find(words.begin(), words.end(), "--");
  if (dashes == words.end()) return words;
  session.behind_dashes.assign(dashes + 1, words.end());
  words.erase(dashes, words.end());
  return words;
}

// `run system.toml` is `run` with what the file says; flags behind it come later and win.
std::vector<std::string> with_run_file(std::vector<std::string> words) {
  if (words.size() < 3 || words[1] != "run" || !words[2].ends_with(".toml")) return words;
  const std::vector<std::string> said = words_of_run_file(words[2]);
  words.erase(words.begin() + 2);
  words.insert(words.begin() + 2, said.begin(), said.end());
  return words;
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
    std::vector<std::string> words = with_formulas_marked(with_run_file(without_program(session)));
    std::reverse(words.begin(), words.end());  // as CLI11 wants them
    app.parse(std::move(words));
  } catch (const CLI::Success& asked) {  // --help, --version
    return app.exit(asked);
  } catch (const CLI::ParseError& error) {
    fmt::print(stderr, "astrolabe: {}\nRun `astrolabe --help` or `astrolabe COMMAND --help`.\n",
               error.what());
    return kUsage;
  } catch (const Error& error) {
    return report_error(session.face, error.what(), exit_code(error.kind()));
  }
  return act(session);
}

}  // namespace
}  // namespace astrolabe

int main(int argc, char** argv) {
  try {
    return astrolabe::start(argc, argv);
  } catch (const std::bad_alloc&) {  // while the command was read, or an error was told
    std::fputs("astrolabe: out of memory. Give fewer rows, or a machine with more of it.\n", stderr);
    return 1;
  }
}
