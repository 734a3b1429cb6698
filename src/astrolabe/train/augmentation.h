// SPDX-License-Identifier: Apache-2.0
// What training does to pictures before it looks at them, so that each is seen in many ways.
//
//   const Augmentation augmentation = parse_augmentation("shift+flip");
//   PictureFeed feed(key, size, rows, augmentation, batch);
//   feed.give(run, batch_rows, step);        // the inputs "pictures", "mix_with" and "mix_share" of a step
//
// shift moves a picture by up to an eighth of its size, its edge repeated; flip mirrors every other picture;
// cutout hides a square of three eighths of its size behind the mean (DeVries and Taylor, 2017); mixup lays
// two pictures over each other, and their losses too, in shares of a Beta(1/2, 1/2) (Zhang et al., "mixup",
// ICLR 2018).
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "astrolabe/base/random.h"
#include "astrolabe/runtime/executable.h"
#include "astrolabe/train/picture_trunk.h"

namespace astrolabe {

struct Augmentation {
  bool shifts = false, flips = false, cuts = false, mixes = false;

  [[nodiscard]] bool any() const { return shifts || flips || cuts || mixes; }
  friend bool operator==(const Augmentation&, const Augmentation&) = default;
};

// "none", or names with "+" between them, each once, in any order. Throws usage_error that points at the
// character.
[[nodiscard]] Augmentation parse_augmentation(std::string_view text);
[[nodiscard]] std::string augmentation_text(const Augmentation& augmentation);

// Pictures as bytes, which stay where they are, and how bytes become numbers: (byte - centre) scale.
struct PictureRows {
  std::span<const std::uint8_t> bytes = {};  // [rows, height, width, channels]
  float centre = 0;
  float scale = 1;
};

// Numbers of some pictures, as they are, f32 [rows.size(), size.count()].
void read_pictures(const PictureRows& pictures, const PictureSize& size, std::span<const std::int32_t> rows,
                   std::span<float> out);

// Turns left and right of pictures, f32 [any, size.count()].
void mirror_pictures(const PictureSize& size, std::span<float> pictures);

// The pictures of each step. What a step sees follows from (key, step) alone.
class PictureFeed {
 public:
  PictureFeed(Key key, const PictureSize& size, const PictureRows& pictures, const Augmentation& augmentation,
              std::size_t batch);
  // What a run was bound to must stay where it is.
  PictureFeed(const PictureFeed&) = delete;
  PictureFeed& operator=(const PictureFeed&) = delete;

  void bind(Execution& run);
  void give(std::span<const std::int32_t> rows, std::uint64_t step);

 private:
  void augment(std::size_t row, RandomStream& random, std::span<float> out);
  void cut(RandomStream& random, std::span<float> picture) const;
  void mix(std::span<const std::int32_t> rows, RandomStream& random);

  Key key_;
  PictureSize size_;
  PictureRows pictures_;
  Augmentation augmentation_;
  std::array<float, 256> number_of_byte_{};
  std::vector<float> values_;  // [batch, size.count()]
  std::vector<std::int32_t> mix_with_;
  std::vector<float> mix_share_;  // of a row's own picture
};

}  // namespace astrolabe
