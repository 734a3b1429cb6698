// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/runtime/machine_key.h"

#include <fstream>
#include <map>

#include <fmt/format.h>
#include <unistd.h>

#include "astrolabe/base/text.h"
#include "astrolabe/base/version.h"

namespace astrolabe {
namespace {

// The lines of the first processor.
std::map<std::string, std::string> read_processor() {
  std::map<std::string, std::string> fields;
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line) && !line.empty();) {
    const std::size_t colon = line.find(':');
    if (colon == std::string::npos) continue;
    fields.emplace(trim(std::string_view(line).substr(0, colon)),
                   trim(std::string_view(line).substr(colon + 1)));
  }
  return fields;
}

long kilobytes(int name) {
  const long bytes = ::sysconf(name);
  return bytes > 0 ? bytes / 1024 : 0;
}

std::string describe_processor() {
  std::map<std::string, std::string> fields = read_processor();
  return fmt::format("{}, {}/{}/{}", fields["model name"], fields["cpu family"], fields["model"],
                     fields["stepping"]);
}

}  // namespace

std::string machine_key(InstructionSet set) {
  static const std::string& processor = *new std::string(describe_processor());
  return fmt::format("{}, {}, {}K/{}K/{}K, astrolabe {}", processor, instruction_set_name(set),
                     kilobytes(_SC_LEVEL1_DCACHE_SIZE), kilobytes(_SC_LEVEL2_CACHE_SIZE),
                     kilobytes(_SC_LEVEL3_CACHE_SIZE), version());
}

}  // namespace astrolabe
