// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/base/hash.h"

#include <new>

#include <fmt/format.h>
#include <xxhash.h>

namespace astrolabe {

std::uint64_t hash_bytes(const void* bytes, std::size_t size, std::uint64_t seed) {
  return XXH3_64bits_withSeed(bytes, size, seed);
}

std::uint64_t hash_text(std::string_view text, std::uint64_t seed) {
  return hash_bytes(text.data(), text.size(), seed);
}

std::string hash_to_hex(std::uint64_t hash) {
  return fmt::format("{:016x}", hash);
}

struct StreamingHash::State {
  XXH3_state_t* xxhash = XXH3_createState();

  State() {
    if (xxhash == nullptr) throw std::bad_alloc();
    XXH3_64bits_reset(xxhash);
  }
  ~State() { XXH3_freeState(xxhash); }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
};

StreamingHash::StreamingHash() : state_(std::make_unique<State>()) {}
StreamingHash::~StreamingHash() = default;

void StreamingHash::add(const void* bytes, std::size_t size) {
  XXH3_64bits_update(state_->xxhash, bytes, size);
}
std::uint64_t StreamingHash::value() const {
  return XXH3_64bits_digest(state_->xxhash);
}

}  // namespace astrolabe
