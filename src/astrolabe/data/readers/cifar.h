// SPDX-License-Identifier: Apache-2.0
// The binary version of CIFAR: records of a label byte (of CIFAR-100: a coarse and a fine one), then 32 x 32
// pixels of red, of green, of blue; gzip or not.
//
//   RawRead read = read_cifar({"data_batch_1.bin", "data_batch_2.bin"}, request);
#pragma once

#include <filesystem>
#include <vector>

#include "astrolabe/data/raw_reader.h"

namespace astrolabe::readers {

// By the name: ".bin" or ".bin.gz". The format has no first bytes of its own.
[[nodiscard]] bool is_named_like_cifar(const std::filesystem::path& path);

// All files as one set. Labels are numbers, or the names that lie beside them in batches.meta.txt or
// fine_label_names.txt; where a file could be of either kind, its labels tell. Throws bad_input for a file
// that is no whole number of records or has a label that its kind has not, which is named: 10 or more of
// CIFAR-10, 100 or more (coarse: 20) of CIFAR-100, unless as many names lie beside it.
[[nodiscard]] RawRead read_cifar(const std::vector<std::filesystem::path>& files, const RawRequest& request);

}  // namespace astrolabe::readers
