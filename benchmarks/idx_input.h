// SPDX-License-Identifier: Apache-2.0
// MNIST and its like for the programs of benchmarks: grey pictures, ten classes.
//
//   const TrainingData test = read_idx("DATA/images/mnist/t10k");     // -images-idx3-ubyte.gz and
//   -labels-...
#pragma once

#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "astrolabe/base/error.h"
#include "astrolabe/model/learner.h"

namespace astrolabe {

inline std::string unzipped(const std::string& path) {
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(fmt::format("gzip -dc '{}'", path).c_str(), "r"),
                                                   pclose);
  ASTROLABE_CHECK(pipe != nullptr, "gzip");
  std::string bytes;
  std::vector<char> block(1 << 20);
  for (std::size_t got = 1; got > 0;) {
    got = std::fread(block.data(), 1, block.size(), pipe.get());
    bytes.append(block.data(), got);
  }
  return bytes;
}

inline void add_idx(const std::string& stem, TrainingData& data) {
  const std::string pictures = unzipped(stem + "-images-idx3-ubyte.gz"),
                    labels = unzipped(stem + "-labels-idx1-ubyte.gz");
  const auto side = [&](std::size_t at) {
    return static_cast<std::size_t>(static_cast<std::uint8_t>(pictures[at]));
  };
  data.features.pixels = {.shape = {side(11), side(15), 1}, .bytes = {pictures.begin() + 16, pictures.end()}};
  for (const char label : std::string_view(labels).substr(8)) data.labels.values.push_back(label);
}

// Rows, features (none beside the pictures) and classes of what was read.
inline void finish_pictures(TrainingData& data) {
  data.features.rows = data.labels.rows();
  data.features.info = std::make_shared<const std::vector<Feature>>();
  data.labels.kind = TaskKind::multiclass;
  data.labels.classes = 10;
}

inline TrainingData read_idx(const std::string& stem) {
  TrainingData data;
  add_idx(stem, data);
  finish_pictures(data);
  return data;
}

}  // namespace astrolabe
