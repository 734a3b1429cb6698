// SPDX-License-Identifier: Apache-2.0
// JSON (--json is --format json): run (result.json), evidence (evidence.json, or null), explain
// (explain.json, or null).
#include <fmt/format.h>

#include "astrolabe/base/file.h"
#include "astrolabe/cli/command.h"
#include "astrolabe/workflow/paper.h"

namespace astrolabe {
namespace {

struct ReportArguments {
  std::filesystem::path folder, out;
  std::string format = "html";
};

int report(const ReportArguments& arguments, const Face& face) {
  const PaperFiles files = paper_files(arguments.folder);
  const std::filesystem::path page = arguments.folder / "report.html";
  const bool is_page = arguments.format == "html" && !face.json;
  // A page is to be looked at: without --out its place is all that a terminal can show of it.
  if (is_page && arguments.out.empty()) {
    fmt::print("{}\n", page.string());
    return 0;
  }
  const std::string text = is_page                                   ? read_file(page, "the report of a run")
                           : arguments.format == "json" || face.json ? paper_json(files)
                                                                     : paper_markdown(files);
  if (arguments.out.empty()) {
    fmt::print("{}", text);
  } else {
    write_file_atomically(arguments.out, text);
    face.say("report in " + arguments.out.string());
  }
  return 0;
}

}  // namespace

void add_report_command(CLI::App& app, Session& session) {
  auto arguments = std::make_shared<ReportArguments>();
  CLI::App* command = app.add_subcommand(
      "report", "A run, and what was proved and explained of it, as a page, Markdown or JSON");
  command->add_option("run", arguments->folder, "The folder of a run")->required()->type_name("DIR");
  command->add_option("--format", arguments->format, "What to write")
      ->check(CLI::IsMember({"html", "md", "json"}))
      ->type_name("html|md|json")
      ->capture_default_str();
  command->add_option("--out", arguments->out, "Into this file; otherwise printed, of html its place")
      ->type_name("FILE");
  add_face_options(*command, session.face);
  command->callback([arguments, &session] {
    session.action = [arguments, &session] { return report(*arguments, session.face); };
  });
}

}  // namespace astrolabe
