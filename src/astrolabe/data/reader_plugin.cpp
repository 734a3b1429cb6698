// SPDX-License-Identifier: Apache-2.0
#include <filesystem>
#include <string>
#include <system_error>
#include <vector>

#include <dlfcn.h>
#include <fmt/format.h>

#include "astrolabe/base/error.h"
#include "astrolabe/base/text.h"
#include "astrolabe/data/raw_reader.h"
#include "astrolabe/data/raw_writer.h"

namespace astrolabe {
namespace {

namespace fs = std::filesystem;

// Folders that hold this code: the library it was linked into (a Python module, say), then the program.
std::vector<fs::path> own_folders() {
  std::vector<fs::path> folders;
  Dl_info self{};
  if (dladdr(reinterpret_cast<const void*>(&raw_reader), &self) != 0 && self.dli_fname != nullptr) {
    std::error_code error;
    const fs::path library = fs::canonical(self.dli_fname, error);
    if (!error) folders.push_back(library.parent_path());
  }
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  if (!error && (folders.empty() || folders.front() != program.parent_path()))
    folders.push_back(program.parent_path());
  return folders;
}

Error no_plugin(std::string found) {
  return failure({.attempted = "loading the table reader",
                  .expected = fmt::format("{} beside the program or in ../lib/astrolabe", kRawReaderLibrary),
                  .found = std::move(found),
                  .remedy = "Build it with ./dev build, or install Astrolabe again."});
}

void* open_library(std::vector<std::string>& tried) {
  for (const fs::path& folder : own_folders()) {
    for (const char* place : {".", "..", "../lib/astrolabe"}) {
      const fs::path file = (folder / place / kRawReaderLibrary).lexically_normal();
      tried.push_back(file.string());
      std::error_code error;
      if (!fs::exists(file, error)) continue;
      void* library = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
      if (library == nullptr) throw no_plugin(dlerror());
      return library;
    }
  }
  throw no_plugin("none of " + join(tried, ", "));
}

// What the plug-in exports under the name: a function without arguments that gives a `Door`.
template <class Door>
const Door* load(const char* name) {
  std::vector<std::string> tried;
  void* symbol = dlsym(open_library(tried), name);
  if (symbol == nullptr) throw no_plugin(fmt::format("{} of another version of Astrolabe", tried.back()));
  return reinterpret_cast<const Door* (*)()>(symbol)();
}

}  // namespace

const RawReader& raw_reader() {
  static const auto* const reader = load<RawReader>(kRawReaderSymbol);
  return *reader;
}

const RawWriter& raw_writer() {
  static const auto* const writer = load<RawWriter>(kRawWriterSymbol);
  return *writer;
}

}  // namespace astrolabe
