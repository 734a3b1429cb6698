// SPDX-License-Identifier: Apache-2.0
// A folder (or one PNG or JPEG) as a set of pictures. Which kind of set it is, in this order:
//
//   IDX            train-images-idx3-ubyte(.gz) with its labels; t10k-... or test-... is the test part
//   CIFAR          data_batch_1.bin ..., train.bin; test_batch.bin, test.bin is the test part
//   two parts      train/ and test/ (or valid/, val/), each with class folders
//   class folders  cats/1.png cats/deep/2.jpg dogs/1.png: the folder's name is the class
//   pictures       1.png 2.jpg: without classes, to predict
#pragma once

#include <filesystem>

#include "astrolabe/data/raw_reader.h"

namespace astrolabe::readers {

// Pictures that cannot be read are counted, named in the notes and left out; other files are counted. Throws
// bad_input for a folder without pictures, and where none can be read.
[[nodiscard]] RawRead read_picture_folder(const std::filesystem::path& folder, const RawRequest& request);
[[nodiscard]] RawRead read_one_picture(const std::filesystem::path& file, const RawRequest& request);

}  // namespace astrolabe::readers
