// SPDX-License-Identifier: Apache-2.0
// Writes SIZE bytes 'n' to a file, atomically: the victim of fault_shim.cpp. Exit: that of the error, or 10
// when the write succeeded and no fault was reached.
//
//   write_once PATH SIZE
#include <cstdio>
#include <cstdlib>
#include <string>

#include <dlfcn.h>

#include "astrolabe/base/error.h"
#include "astrolabe/base/file.h"

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  try {
    astrolabe::write_file_atomically(argv[1], std::string(std::strtoul(argv[2], nullptr, 10), 'n'));
  } catch (const astrolabe::Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return astrolabe::exit_code(error.kind());
  }
  const auto fault_happened = reinterpret_cast<int (*)()>(dlsym(RTLD_DEFAULT, "fault_happened"));
  return fault_happened != nullptr && fault_happened() == 1 ? 0 : 10;
}
