// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/train/augmentation.h"

#include <algorithm>

#include <fmt/ranges.h>

#include "astrolabe/base/error.h"
#include "astrolabe/base/text.h"

namespace astrolabe {
namespace {

struct Named {
  std::string_view name;
  bool Augmentation::* flag;
};
constexpr std::array<Named, 4> kNames{{{"shift", &Augmentation::shifts},
                                       {"flip", &Augmentation::flips},
                                       {"cutout", &Augmentation::cuts},
                                       {"mixup", &Augmentation::mixes}}};
constexpr std::size_t kShiftedPart = 8;  // one over the share of a side

std::array<float, 256> numbers_of_bytes(const PictureRows& pictures) {
  std::array<float, 256> numbers{};
  for (std::size_t byte = 0; byte < numbers.size(); ++byte)
    numbers[byte] = (static_cast<float>(byte) - pictures.centre) * pictures.scale;
  return numbers;
}

}  // namespace

Augmentation parse_augmentation(std::string_view text) {
  Augmentation augmentation;
  if (trim(text) == "none") return augmentation;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find('+', begin), text.size());
    const std::string_view word = trim(text.substr(begin, end - begin));
    const auto* const named = std::ranges::find(kNames, word, &Named::name);
    const bool is_new = named != kNames.end() && !(augmentation.*(named->flag));
    if (!is_new)
      throw usage_error({.attempted = "reading an augmentation",
                         .expected = "shift, flip, cutout and mixup, each once, with + between them, or none",
                         .found = fmt::format("\"{}\" at character {}", word, begin + 1),
                         .remedy = "Write shift+flip, say."});
    augmentation.*(named->flag) = true;
    begin = end + 1;
  }
  return augmentation;
}

std::string augmentation_text(const Augmentation& augmentation) {
  std::vector<std::string_view> words;
  for (const Named& named : kNames)
    if (augmentation.*(named.flag)) words.push_back(named.name);
  return words.empty() ? "none" : fmt::format("{}", fmt::join(words, "+"));
}

void read_pictures(const PictureRows& pictures, const PictureSize& size, std::span<const std::int32_t> rows,
                   std::span<float> out) {
  const std::array<float, 256> numbers = numbers_of_bytes(pictures);
  ASTROLABE_CHECK(out.size() >= rows.size() * size.count(), "room for every picture");
  std::size_t at = 0;
  for (const std::int32_t row : rows)
    for (const std::uint8_t byte :
         pictures.bytes.subspan(static_cast<std::size_t>(row) * size.count(), size.count()))
      out[at++] = numbers[byte];
}

void mirror_pictures(const PictureSize& size, std::span<float> pictures) {
  const std::size_t line = size.width * size.channels;
  for (std::size_t begin = 0; begin + line <= pictures.size(); begin += line)
    for (std::size_t left = 0; left < size.width / 2; ++left) {
      const std::size_t right = size.width - 1 - left;
      std::swap_ranges(pictures.begin() + static_cast<std::ptrdiff_t>(begin + left * size.channels),
                       pictures.begin() + static_cast<std::ptrdiff_t>(begin + (left + 1) * size.channels),
                       pictures.begin() + static_cast<std::ptrdiff_t>(begin + right * size.channels));
    }
}

PictureFeed::PictureFeed(Key key, const PictureSize& size, const PictureRows& pictures,
                         const Augmentation& augmentation, std::size_t batch)
    : key_(key.split("augmentation")),
      size_(size),
      pictures_(pictures),
      augmentation_(augmentation),
      number_of_byte_(numbers_of_bytes(pictures)),
      values_(batch * size.count()) {
  if (!augmentation_.mixes) return;
  mix_with_.resize(batch);
  mix_share_.resize(batch);
}

void PictureFeed::bind(Execution& run) {
  run.bind_input("pictures", values_.data());
  run.bind_input("mix_with", mix_with_.data());
  run.bind_input("mix_share", mix_share_.data());
}

void PictureFeed::give(std::span<const std::int32_t> rows, std::uint64_t step) {
  if (!augmentation_.any()) return read_pictures(pictures_, size_, rows, values_);
  RandomStream random(key_.split(step));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const std::span<float> picture = std::span(values_).subspan(i * size_.count(), size_.count());
    augment(static_cast<std::size_t>(rows[i]), random, picture);
    if (augmentation_.cuts) cut(random, picture);
  }
  if (augmentation_.mixes) mix(rows, random);
}

void PictureFeed::augment(std::size_t row, RandomStream& random, std::span<float> out) {
  const auto height = static_cast<std::ptrdiff_t>(size_.height),
             width = static_cast<std::ptrdiff_t>(size_.width);
  std::ptrdiff_t down = 0, right = 0;
  if (augmentation_.shifts) {
    const auto drawn = [&](std::size_t side) {
      const std::size_t most = std::max<std::size_t>(side / kShiftedPart, 1);
      return static_cast<std::ptrdiff_t>(random.below(2 * most + 1)) - static_cast<std::ptrdiff_t>(most);
    };
    down = drawn(size_.height);
    right = drawn(size_.width);
  }
  const bool mirrors = augmentation_.flips && random.below(2) == 1;
  const std::span<const std::uint8_t> bytes = pictures_.bytes.subspan(row * size_.count(), size_.count());
  std::size_t at = 0;
  for (std::ptrdiff_t y = 0; y < height; ++y) {
    const std::ptrdiff_t from_y = std::clamp<std::ptrdiff_t>(y + down, 0, height - 1);
    for (std::ptrdiff_t x = 0; x < width; ++x) {
      const std::ptrdiff_t shifted = std::clamp<std::ptrdiff_t>(x + right, 0, width - 1);
      const std::ptrdiff_t from_x = mirrors ? width - 1 - shifted : shifted;
      const std::size_t from = static_cast<std::size_t>(from_y * width + from_x) * size_.channels;
      for (std::size_t channel = 0; channel < size_.channels; ++channel)
        out[at++] = number_of_byte_[bytes[from + channel]];
    }
  }
}

// The middle of the square is anywhere, so that near the edges less is hidden.
void PictureFeed::cut(RandomStream& random, std::span<float> picture) const {
  const auto range = [&](std::size_t side) {
    const std::size_t square = std::max<std::size_t>(3 * side / 8, 1);
    const std::size_t middle = random.below(side);
    const std::size_t begin = middle > square / 2 ? middle - square / 2 : 0;
    return std::pair(begin, std::min(side, middle + square - square / 2));
  };
  const auto [top, bottom] = range(size_.height);
  const auto [left, right] = range(size_.width);
  for (std::size_t y = top; y < bottom; ++y)
    for (std::size_t i = left * size_.channels; i < right * size_.channels; ++i)
      picture[y * size_.width * size_.channels + i] = 0;
}

// Each picture with the next one of its batch, which the order of the epoch drew.
void PictureFeed::mix(std::span<const std::int32_t> rows, RandomStream& random) {
  const std::size_t count = size_.count();
  const std::vector<float> first(values_.begin(), values_.begin() + static_cast<std::ptrdiff_t>(count));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const std::size_t next = i + 1 < rows.size() ? i + 1 : 0;
    mix_with_[i] = rows[next];
    // Johnk's way to a Beta of halves: two squares whose sum is at most 1.
    double own = 0, other = 0;
    do {
      own = random.uniform();
      other = random.uniform();
      own *= own;
      other *= other;
    } while (own + other > 1 || own + other == 0);
    const auto share = static_cast<float>(own / (own + other));
    mix_share_[i] = share;
    const float* const partner = next == 0 ? first.data() : values_.data() + next * count;
    for (std::size_t j = 0; j < count; ++j) {
      float& value = values_[i * count + j];
      value = share * value + (1 - share) * partner[j];
    }
  }
}

}  // namespace astrolabe
