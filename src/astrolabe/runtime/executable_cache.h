// SPDX-License-Identifier: Apache-2.0
// Whole programs that were compiled before, by structure. Bounded by count; the least recently used goes
// first.
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <string>

#include "astrolabe/runtime/compile.h"
#include "astrolabe/runtime/recently_used.h"

namespace astrolabe {

// Everything that compile() looks at, as bytes: nodes renumbered in order, names of slots, outputs, updates,
// options.
[[nodiscard]] std::string program_key(const Program& program, const CompileOptions& options);

// Keys are compared whole. An empty key finds nothing and is not kept. Thread-safe.
class ExecutableCache {
 public:
  explicit ExecutableCache(std::size_t most) : executables_(most) {}
  [[nodiscard]] std::shared_ptr<const Executable> find(const std::string& key);
  void insert(const std::string& key, std::shared_ptr<const Executable> executable);
  void clear();

 private:
  std::mutex mutex_;
  RecentlyUsed<std::shared_ptr<const Executable>> executables_;
};

[[nodiscard]] ExecutableCache& executable_cache();  // of this process: 256 programs

}  // namespace astrolabe
