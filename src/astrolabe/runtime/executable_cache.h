// SPDX-License-Identifier: Apache-2.0
// Whole programs that were compiled before, by structure. Bounded by count; the least recently used goes
// first.
#pragma once

#include <cstddef>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "astrolabe/runtime/compile.h"

namespace astrolabe {

// Everything that compile() looks at, as bytes: nodes renumbered in order, names of slots, outputs, updates,
// options.
[[nodiscard]] std::string program_key(const Program& program, const CompileOptions& options);

// Keys are compared whole. An empty key finds nothing and is not kept. Thread-safe.
class ExecutableCache {
 public:
  explicit ExecutableCache(std::size_t most) : most_(most) {}
  [[nodiscard]] std::shared_ptr<const Executable> find(const std::string& key);
  void insert(const std::string& key, std::shared_ptr<const Executable> executable);
  void clear();

 private:
  struct Entry {
    std::string key;
    std::shared_ptr<const Executable> executable;
  };
  std::mutex mutex_;
  std::size_t most_;
  std::list<Entry> entries_;  // most recent first
  std::unordered_map<std::string_view, std::list<Entry>::iterator> by_key_;
};

[[nodiscard]] ExecutableCache& executable_cache();  // of this process: 256 programs

}  // namespace astrolabe
