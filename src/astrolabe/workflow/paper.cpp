// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/workflow/paper.h"

#include "astrolabe/base/error.h"
#include "astrolabe/base/file.h"
#include "astrolabe/report/page.h"

namespace astrolabe {
namespace {

std::string text_of(const std::filesystem::path& path) {
  return std::filesystem::exists(path) ? read_file(path, "what a run left") : std::string();
}

}  // namespace

PaperFiles paper_files(const std::filesystem::path& folder) {
  PaperFiles files{.run = text_of(folder / "result.json"),
                   .evidence = text_of(folder / "evidence.json"),
                   .explain = text_of(folder / "explain.json")};
  if (!files.run.empty()) return files;
  throw bad_input(
      {.attempted = "reading the report of " + folder.string(),
       .expected = "the folder of a run that has ended, with its result.json",
       .found = std::filesystem::is_directory(folder) ? "none there" : "no such folder",
       .remedy = "astrolabe run --resume " + folder.string() + " ends a run that was cut short."});
}

void add_chapter(const std::filesystem::path& folder, std::string_view name, const std::string& sections) {
  const std::filesystem::path path = folder / "report.html";
  const std::string page = text_of(path);
  if (!page.empty()) write_file_atomically(path, with_chapter(page, name, sections));
}

}  // namespace astrolabe
