// SPDX-License-Identifier: Apache-2.0
// A bounded memory by key, from which goes first what was used least recently. Keys are compared whole.
//
//   RecentlyUsed<int> memory(100);       // in whatever the costs are counted in
//   memory.insert("seven", 7, 60);
//   if (const int* seven = memory.find("seven")) ...
#pragma once

#include <cstddef>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace astrolabe {

// Not thread-safe: whoever owns it has a lock.
template <class Value>
class RecentlyUsed {
 public:
  explicit RecentlyUsed(std::size_t most_cost) : most_cost_(most_cost) {}

  // Null when it is not there. Valid until the next insert or clear.
  [[nodiscard]] const Value* find(const std::string& key) {
    const auto found = by_key_.find(key);
    if (found == by_key_.end()) return nullptr;
    entries_.splice(entries_.begin(), entries_, found->second);
    return &found->second->value;
  }

  // A key that is there keeps its value. The newest entry stays, however much it costs.
  void insert(std::string key, Value value, std::size_t cost) {
    if (by_key_.contains(key)) return;
    entries_.push_front({std::move(key), std::move(value), cost});
    by_key_.emplace(entries_.front().key, entries_.begin());
    cost_ += cost;
    while (cost_ > most_cost_ && entries_.size() > 1) {
      cost_ -= entries_.back().cost;
      by_key_.erase(entries_.back().key);
      entries_.pop_back();
      ++evictions_;
    }
  }

  void clear() {
    by_key_.clear();
    entries_.clear();
    cost_ = 0;
  }

  [[nodiscard]] std::size_t size() const { return entries_.size(); }
  [[nodiscard]] std::size_t cost() const { return cost_; }
  [[nodiscard]] std::size_t evictions() const { return evictions_; }

 private:
  struct Entry {
    std::string key;
    Value value;
    std::size_t cost;
  };

  std::size_t most_cost_;
  std::size_t cost_ = 0, evictions_ = 0;
  std::list<Entry> entries_;  // most recent first
  std::unordered_map<std::string_view, typename std::list<Entry>::iterator>
      by_key_;  // views of the entries' keys
};

}  // namespace astrolabe
