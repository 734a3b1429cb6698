// SPDX-License-Identifier: Apache-2.0
// Counter-based random numbers. A `Key` is a value that is passed and split, never a hidden global: the bits
// depend only on (key, logical index), so results do not depend on thread count or order.
//
//   Key key = Key::from_seed(1);
//   Key trees = key.split("trees");
//   RandomStream random(trees.split(round));
//   double u = random.uniform();
//
// Source: Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011 (Philox4x32-10).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

namespace astrolabe {

struct Key {
  std::uint64_t bits = 0;

  [[nodiscard]] static Key from_seed(std::uint64_t seed);
  // A new key, independent of this one and of every other child of it. Cost: one Philox block.
  [[nodiscard]] Key split(std::uint64_t child) const;
  [[nodiscard]] Key split(std::string_view child) const;

  friend bool operator==(const Key&, const Key&) = default;
};

// One Philox4x32-10 block: 128 random bits for a counter. Exposed for its known-answer test.
[[nodiscard]] std::array<std::uint32_t, 4> philox(std::array<std::uint32_t, 4> counter,
                                                  std::array<std::uint32_t, 2> key);

// 64 random bits for (key, index). Pure; thread-safe.
[[nodiscard]] std::uint64_t random_bits(Key key, std::uint64_t index);
// Uniform in [0, 1) with 53 bits. Pure; thread-safe.
[[nodiscard]] double random_uniform(Key key, std::uint64_t index);

// A sequence over one key, for code that is serial anyway. Own distributions: those of the standard library
// differ between implementations.
class RandomStream {
 public:
  explicit RandomStream(Key key) : key_(key) {}

  [[nodiscard]] std::uint64_t bits() { return random_bits(key_, index_++); }
  [[nodiscard]] double uniform();                          // [0, 1)
  [[nodiscard]] double normal();                           // mean 0, variance 1 (Box-Muller, one of the pair)
  [[nodiscard]] std::uint64_t below(std::uint64_t bound);  // [0, bound), unbiased; bound > 0

  // Fisher-Yates. Works for any random-access container.
  template <class Container>
  void shuffle(Container& items) {
    for (std::size_t i = items.size(); i > 1; --i) {
      using std::swap;
      swap(items[i - 1], items[below(i)]);
    }
  }

 private:
  Key key_;
  std::uint64_t index_ = 0;
};

}  // namespace astrolabe
