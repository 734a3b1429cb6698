// SPDX-License-Identifier: Apache-2.0
// The plug-in's door: which format a file has, and who reads it.
#include <algorithm>
#include <new>
#include <string>

#include <arrow/util/thread_pool.h>

#include "astrolabe/data/raw_reader.h"
#include "astrolabe/data/readers/byte_source.h"
#include "astrolabe/data/readers/csv.h"

namespace astrolabe::readers {
namespace {

RawRead read_by_content(const SourceFile& file, const RawRequest& request) {
  return read_csv(file, request);
}

class ArrowReader : public RawReader {
 public:
  [[nodiscard]] RawRead read(const std::filesystem::path& path, const RawRequest& request) const override {
    const SourceFile file = inspect_file(path);
    const arrow::Status threads =
        arrow::SetCpuThreadPoolCapacity(static_cast<int>(std::clamp<std::size_t>(request.threads, 1, 1024)));
    if (!threads.ok()) throw error_of(threads, path);
    return read_by_content(file, request);
  }
};

}  // namespace
}  // namespace astrolabe::readers

extern "C" __attribute__((visibility("default"))) const astrolabe::RawReader* astrolabe_raw_reader_1() {
  static const astrolabe::readers::ArrowReader reader;
  return &reader;
}
