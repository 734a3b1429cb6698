// SPDX-License-Identifier: Apache-2.0
// Many PNG and JPEG files as pictures of one shape: all are looked at first, then decoded, each on a thread.
#pragma once

#include <filesystem>
#include <span>
#include <vector>

#include "astrolabe/data/raw_reader.h"

namespace astrolabe::readers {

// The file's bytes; throws PictureFault when it is absent, empty or beyond 256 MB.
[[nodiscard]] std::string read_picture_bytes(const std::filesystem::path& path);

// As RawReader::read_pictures says.
[[nodiscard]] PictureRead read_picture_files(std::span<const std::filesystem::path> files,
                                             const PictureRequest& request);

// One shape for all: the median height and width, shrunk until neither is beyond 64 and all take a quarter of
// the memory at most; colour when one has colour.
[[nodiscard]] ImageShape choose_shape(std::span<const ImageShape> shapes, std::uint64_t memory_bytes);

// "120 pictures of 7 sizes (30 x 40 to 640 x 480) are resized to 64 x 48 colour"; empty where nothing is.
[[nodiscard]] std::string resizing_note(std::span<const ImageShape> shapes, const ImageShape& shape);

}  // namespace astrolabe::readers
