// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/learners/trees/packed_items.h"

#include <algorithm>
#include <bit>
#include <optional>
#include <unordered_map>

namespace astrolabe::trees {
namespace {

constexpr std::string_view kDamage = "packed numbers of a forest";
enum class Mode : std::uint8_t { as_they_are, by_number };
constexpr std::size_t kWordBits = 64;

// Of numbers below `items`: one bit at least, so that a file cannot claim more than it holds.
std::size_t bits_below(std::size_t items) {
  return std::max<std::size_t>(1, static_cast<std::size_t>(std::bit_width(items - 1)));
}

std::size_t words_for(std::size_t count, std::size_t bits) {
  return (count * bits + kWordBits - 1) / kWordBits;
}

// The different items, in the order in which they first come, and their numbers.
struct Distinct {
  std::string items;
  std::vector<std::uint32_t> numbers;
};

// The numbers of items as they come: a new one has the next.
class LongItems {
 public:
  std::uint32_t operator()(std::string_view item) {
    return numbers_.emplace(item, static_cast<std::uint32_t>(numbers_.size())).first->second;
  }

 private:
  std::unordered_map<std::string_view, std::uint32_t> numbers_;
};

// Of up to eight bytes, as nearly all are: several times as fast.
class ShortItems {
 public:
  std::uint32_t operator()(std::string_view item) {
    std::uint64_t key = 0;
    std::memcpy(&key, item.data(), item.size());
    if (2 * keys_.size() >= places_.size()) grow();
    std::size_t at = place_of(key);
    for (; places_[at] != kFree; at = (at + 1) & (places_.size() - 1))
      if (keys_[places_[at]] == key) return places_[at];
    places_[at] = static_cast<std::uint32_t>(keys_.size());
    keys_.push_back(key);
    return places_[at];
  }

 private:
  static constexpr std::uint32_t kFree = UINT32_MAX;

  [[nodiscard]] std::size_t place_of(std::uint64_t key) const {
    key ^= key >> 32;
    return static_cast<std::size_t>((key * 0x9E3779B97F4A7C15U) >> 32) & (places_.size() - 1);
  }
  void grow() {
    places_.assign(std::max<std::size_t>(64, 2 * places_.size()), kFree);
    for (std::uint32_t number = 0; number < keys_.size(); ++number) {
      std::size_t at = place_of(keys_[number]);
      while (places_[at] != kFree) at = (at + 1) & (places_.size() - 1);
      places_[at] = number;
    }
  }

  std::vector<std::uint64_t> keys_;
  std::vector<std::uint32_t> places_;  // a power of two of them, at least twice as many as keys
};

// Nothing where more than half of the items differ.
template <class NumberOf>
std::optional<Distinct> distinct_of(std::string_view items, std::size_t size, NumberOf number_of) {
  const std::size_t count = items.size() / size;
  Distinct distinct;
  distinct.numbers.reserve(count);
  std::size_t different = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const std::string_view item = items.substr(i * size, size);
    distinct.numbers.push_back(number_of(item));
    if (distinct.numbers.back() < different) continue;
    if (2 * ++different > count) return std::nullopt;
    distinct.items += item;
  }
  return distinct;
}

std::vector<std::uint64_t> pack_bits(std::span<const std::uint32_t> numbers, std::size_t bits) {
  std::vector<std::uint64_t> words(words_for(numbers.size(), bits), 0);
  std::size_t at = 0;
  for (const std::uint64_t number : numbers) {
    words[at / kWordBits] |= number << (at % kWordBits);
    if (at % kWordBits + bits > kWordBits)
      words[at / kWordBits + 1] |= number >> (kWordBits - at % kWordBits);
    at += bits;
  }
  return words;
}

std::uint64_t number_at(std::span<const std::uint64_t> words, std::size_t index, std::size_t bits) {
  const std::size_t at = index * bits, shift = at % kWordBits;
  std::uint64_t number = words[at / kWordBits] >> shift;
  if (shift + bits > kWordBits) number |= words[at / kWordBits + 1] << (kWordBits - shift);
  return number & ((std::uint64_t{1} << bits) - 1);
}

}  // namespace

void put_packed_bytes(ArchiveWriter& archive, std::string_view items, std::size_t size) {
  const std::size_t count = items.size() / size;
  const std::optional<Distinct> distinct = size <= sizeof(std::uint64_t)
                                               ? distinct_of(items, size, ShortItems())
                                               : distinct_of(items, size, LongItems());
  if (distinct) {
    const std::size_t bits = bits_below(std::max<std::size_t>(1, distinct->items.size() / size));
    const std::size_t words = words_for(count, bits) + 1;  // how many there are is told, too
    if (distinct->items.size() + words * sizeof(std::uint64_t) < items.size()) {
      archive.put(static_cast<std::uint8_t>(Mode::by_number));
      archive.put_text(distinct->items);
      archive.put_array<std::uint64_t>(pack_bits(distinct->numbers, bits));
      return;
    }
  }
  archive.put(static_cast<std::uint8_t>(Mode::as_they_are));
  archive.put_text(items);
}

std::string get_packed_bytes(ArchiveReader& archive, std::size_t count, std::size_t size) {
  const auto mode = static_cast<Mode>(archive.get_between<std::uint8_t>(0, 1, kDamage));
  std::string items = archive.get_text(SIZE_MAX);
  if (mode == Mode::as_they_are) {
    if (items.size() / size != count || items.size() % size != 0) ArchiveReader::damaged(kDamage);
    return items;
  }
  const std::size_t distinct = items.size() / size;
  if (distinct == 0 || items.size() % size != 0 || distinct > UINT32_MAX) ArchiveReader::damaged(kDamage);
  const std::size_t bits = bits_below(distinct);
  const std::vector<std::uint64_t> words = archive.get_array<std::uint64_t>();
  // Before anything is made of them. No product overflows: words are in memory.
  if (count > words.size() * kWordBits / bits || words.size() != words_for(count, bits))
    ArchiveReader::damaged(kDamage);
  std::string all;
  all.reserve(count * size);
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint64_t number = number_at(words, i, bits);
    if (number >= distinct) ArchiveReader::damaged(kDamage);
    all.append(items, number * size, size);
  }
  return all;
}

}  // namespace astrolabe::trees
