// SPDX-License-Identifier: Apache-2.0
// Pictures made to fit: another size, other channels.
//
//   std::vector<std::uint8_t> small(shape.size());
//   resize_picture(picture, {.height = 480, .width = 640, .channels = 3}, small, shape);
//
// A triangle as wide as a pixel of the coarser side: linear interpolation between pixels where the picture
// grows, means over areas where it shrinks. Colour becomes grey by ITU-R BT.601, grey becomes colour by
// repetition. Pure; thread-safe. Cost: of the order of the larger picture times its channels.
#pragma once

#include <cstdint>
#include <span>

#include "astrolabe/data/pixels.h"

namespace astrolabe {

// Fills `to`, of the shape `wanted`; neither shape is empty (ASTROLABE_CHECK).
void resize_picture(std::span<const std::uint8_t> from, const ImageShape& shape, std::span<std::uint8_t> to,
                    const ImageShape& wanted);

// All of them, one after the other. Gives back what it got where the shapes are equal.
[[nodiscard]] Pixels resize_pictures(Pixels pixels, const ImageShape& wanted);

}  // namespace astrolabe
