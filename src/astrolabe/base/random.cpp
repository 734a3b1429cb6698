// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/base/random.h"

#include <cmath>
#include <limits>

#include "astrolabe/base/error.h"
#include "astrolabe/base/hash.h"

namespace astrolabe {

namespace {

using Block = std::array<std::uint32_t, 4>;

// The third counter word keeps the uses of one key apart: a child never equals a draw.
enum class Use : std::uint32_t { draw, split_by_number, split_by_name, seed };

std::uint32_t low(std::uint64_t value) {
  return static_cast<std::uint32_t>(value);
}
std::uint32_t high(std::uint64_t value) {
  return static_cast<std::uint32_t>(value >> 32);
}

std::uint64_t block_bits(Key key, std::uint64_t index, Use use) {
  const Block block =
      philox({low(index), high(index), static_cast<std::uint32_t>(use), 0}, {low(key.bits), high(key.bits)});
  return block[0] | (std::uint64_t{block[1]} << 32);
}

// Logarithm and cosine of our own: those of the C library differ in the last bit between machines.
// log(x) for x in (0, 1], by the atanh series on a mantissa in [sqrt(1/2), sqrt(2)).
double natural_log(double x) {
  constexpr double kLog2 = 0.6931471805599453;
  int exponent = 0;
  double mantissa = std::frexp(x, &exponent);
  if (mantissa < 0.7071067811865476) {
    mantissa *= 2;
    --exponent;
  }
  const double s = (mantissa - 1) / (mantissa + 1);
  const double square = s * s;
  double sum = 0;
  for (int k = 21; k >= 1; k -= 2) sum = sum * square + 1.0 / k;
  return exponent * kLog2 + 2 * s * sum;
}

// cos(2 pi turns) for turns in [0, 1): folded to an eighth of a turn, then the Taylor series of cosine or
// sine.
double cosine_of_turns(double turns) {
  constexpr double kTwoPi = 6.283185307179586;
  if (turns > 0.5) turns = 1 - turns;
  const double sign = turns > 0.25 ? -1 : 1;
  if (turns > 0.25) turns = 0.5 - turns;
  const bool use_sine = turns > 0.125;
  const double x = kTwoPi * (use_sine ? 0.25 - turns : turns);
  double sum = 1;
  for (int k = use_sine ? 17 : 16; k >= 2; k -= 2) sum = 1 - sum * x * x / (k * (k - 1));
  return sign * (use_sine ? x * sum : sum);
}

}  // namespace

std::array<std::uint32_t, 4> philox(Block counter, std::array<std::uint32_t, 2> key) {
  constexpr std::uint64_t kMultiplier0 = 0xD2511F53;
  constexpr std::uint64_t kMultiplier1 = 0xCD9E8D57;
  constexpr std::uint32_t kWeyl0 = 0x9E3779B9;
  constexpr std::uint32_t kWeyl1 = 0xBB67AE85;
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t product0 = kMultiplier0 * counter[0];
    const std::uint64_t product1 = kMultiplier1 * counter[2];
    counter = {high(product1) ^ counter[1] ^ key[0], low(product1), high(product0) ^ counter[3] ^ key[1],
               low(product0)};
    key[0] += kWeyl0;
    key[1] += kWeyl1;
  }
  return counter;
}

Key Key::from_seed(std::uint64_t seed) {
  return {block_bits(Key{}, seed, Use::seed)};
}
Key Key::split(std::uint64_t child) const {
  return {block_bits(*this, child, Use::split_by_number)};
}
Key Key::split(std::string_view child) const {
  return {block_bits(*this, hash_text(child), Use::split_by_name)};
}

std::uint64_t random_bits(Key key, std::uint64_t index) {
  return block_bits(key, index, Use::draw);
}
double random_uniform(Key key, std::uint64_t index) {
  return static_cast<double>(random_bits(key, index) >> 11) * 0x1p-53;
}

double RandomStream::uniform() {
  return random_uniform(key_, index_++);
}

double RandomStream::normal() {
  const double radius_uniform = 1 - uniform();  // (0, 1]: its logarithm is finite
  const double turns = uniform();
  return std::sqrt(-2 * natural_log(radius_uniform)) * cosine_of_turns(turns);
}

std::uint64_t RandomStream::below(std::uint64_t bound) {
  ASTROLABE_CHECK(bound > 0, "a random number below zero was asked for");
  constexpr std::uint64_t kMax = std::numeric_limits<std::uint64_t>::max();
  while (true) {
    const std::uint64_t drawn = bits();
    const std::uint64_t remainder = drawn % bound;
    // Only whole runs of `bound` numbers count; the cut-off run at the top would favour small remainders.
    if (drawn - remainder <= kMax - (bound - 1)) return remainder;
  }
}

}  // namespace astrolabe
