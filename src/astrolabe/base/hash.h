// SPDX-License-Identifier: Apache-2.0
// Content hashes (xxHash, 64 bits): for identity and damage detection, never for secrecy.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace astrolabe {

[[nodiscard]] std::uint64_t hash_bytes(const void* bytes, std::size_t size, std::uint64_t seed = 0);
[[nodiscard]] std::uint64_t hash_text(std::string_view text, std::uint64_t seed = 0);
[[nodiscard]] std::string hash_to_hex(std::uint64_t hash);  // 16 lower-case digits

// A hash over a stream of pieces; equal to hash_bytes over their concatenation.
class StreamingHash {
 public:
  StreamingHash();
  ~StreamingHash();
  StreamingHash(const StreamingHash&) = delete;
  StreamingHash& operator=(const StreamingHash&) = delete;
  void add(const void* bytes, std::size_t size);
  [[nodiscard]] std::uint64_t value() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace astrolabe
