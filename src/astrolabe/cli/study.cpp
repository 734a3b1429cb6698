// SPDX-License-Identifier: Apache-2.0
// JSON: as search_json.h says; the fields that others build on are those of docs/design.md, section 6.
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>

#include <fmt/format.h>
#include <unistd.h>

#include "astrolabe/base/budget.h"
#include "astrolabe/base/error.h"
#include "astrolabe/cli/command.h"
#include "astrolabe/report/search_json.h"
#include "astrolabe/report/search_text.h"
#include "astrolabe/workflow/run_study.h"
#include "astrolabe/workflow/study_reading.h"

namespace astrolabe {
namespace {

constexpr std::string_view kClearScreen = "\x1b[H\x1b[J";

struct StudyArguments {
  std::string where, name;
  bool watch = false;
};

StudyAddress address_of(const StudyArguments& arguments) {
  StudyAddress address{.url = arguments.where};
  if (!address.is_server() && std::filesystem::is_directory(arguments.where))
    address = study_of_folder(arguments.where);
  if (!arguments.name.empty()) address.name = arguments.name;
  return address;
}

// A second, or less when a signal came.
void wait_a_second() {
  for (int i = 0; i < 20 && !cancel_requested(); ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
}

// A database that goes away may come back.
void refresh(StudyReading& reading, const Face& face) {
  try {
    reading.refresh();
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::try_again) throw;
    face.say(error.what());
  }
}

class Watch {
 public:
  explicit Watch(const Face& face) : face_(face), draws_(::isatty(STDOUT_FILENO) != 0) {}

  void show(const SearchResult& result) {
    if (face_.json) return;
    if (draws_) {
      fmt::print("{}{}", kClearScreen, search_text(result, face_.style()));
    } else if (const std::string line = search_line(result); line != last_) {
      fmt::print("{}\n", line);
      last_ = line;
    }
    std::fflush(stdout);
  }
  // What stays: lines are followed by the whole.
  void finish(const SearchResult& result) {
    if (!face_.json && !draws_) fmt::print("\n{}", search_text(result, face_.style()));
  }

 private:
  const Face& face_;
  bool draws_;
  std::string last_;
};

int watch_study(StudyReading& reading, const Face& face) {
  install_signal_handlers();
  Watch watch(face);
  watch.show(reading.result());
  while (reading.is_running() && !cancel_requested()) {
    wait_a_second();
    if (cancel_requested()) break;
    refresh(reading, face);
    watch.show(reading.result());
  }
  watch.finish(reading.result());
  if (face.json) fmt::print("{}\n", search_json_text(reading.result()));
  return exit_code_of_work();
}

int study(const StudyArguments& arguments, const Face& face) {
  StudyReading reading(address_of(arguments));
  if (arguments.watch) return watch_study(reading, face);
  if (face.json) {
    fmt::print("{}\n", search_json_text(reading.result()));
  } else {
    fmt::print("{}", search_text(reading.result(), face.style()));
  }
  return 0;
}

}  // namespace

void add_study_command(CLI::App& app, Session& session) {
  auto arguments = std::make_shared<StudyArguments>();
  CLI::App* command =
      app.add_subcommand("study", "What a search has found so far: progress, the best, what decides");
  command->add_option("study", arguments->where, "A run's folder, its study.db, or postgresql://...")
      ->required()
      ->type_name("DIR|URL");
  command->add_option("--name", arguments->name, "Which study of a server");
  command->add_flag("--watch", arguments->watch, "Show it again each second until the search ends");
  add_face_options(*command, session.face);
  command->callback([arguments, &session] {
    session.action = [arguments, &session] { return study(*arguments, session.face); };
  });
}

}  // namespace astrolabe
