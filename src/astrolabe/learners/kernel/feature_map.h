// SPDX-License-Identifier: Apache-2.0
// Features whose inner product is near a kernel: z(x)'z(y) = k(x, y), about.
//
//   const std::shared_ptr<const FeatureMap> map = make_random_map(choice, 28, 1000, key);
//   MapWork work;
//   map->apply(x, 4, z.data(), 1000, work);   // [4, 1000]
//
// Random maps (random_map.cpp): of a stationary kernel the cosine and the sine of each of half as many
// frequencies, which is nearer than cosines with random phases (Sutherland and Schneider, "On the error of
// random Fourier features", UAI 2015); of an arc-cosine kernel steps and ramps; of a polynomial products of
// `degree` projections on random signs. Nystroem (nystroem_map.cpp): likeness to landmark rows, turned so
// that it is exact between landmarks.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "astrolabe/base/random.h"
#include "astrolabe/gemm/gemm.h"
#include "astrolabe/learners/kernel/kernel_settings.h"
#include "astrolabe/model/archive.h"

namespace astrolabe::kernel {

// Memory of one thread.
struct MapWork {
  GemmScratch scratch;
  std::vector<float> values;
};

// Immutable; thread-safe as long as work is not shared. The features of a row do not depend on its
// neighbours.
class FeatureMap {
 public:
  virtual ~FeatureMap() = default;
  [[nodiscard]] virtual std::size_t inputs() const = 0;
  [[nodiscard]] virtual std::size_t outputs() const = 0;
  // z[i * stride + k] for rows i and outputs k of x [rows, inputs], finite and in units of the length scale.
  virtual void apply(std::span<const float> x, std::size_t rows, float* z, std::size_t stride,
                     MapWork& work) const = 0;
  virtual void save(ArchiveWriter& archive) const = 0;
};

// features: random, orthogonal or structured. A stationary kernel has an even number of outputs:
// `components`, or one more. inputs > 0.
[[nodiscard]] std::shared_ptr<const FeatureMap> make_random_map(const KernelChoice& choice,
                                                                std::size_t inputs, std::size_t components,
                                                                Key key);
// landmarks: [count, inputs]. Outputs: as many as landmarks are far enough from one another to add something.
[[nodiscard]] std::shared_ptr<const FeatureMap> make_nystroem_map(const KernelChoice& choice,
                                                                  std::span<const float> landmarks,
                                                                  std::size_t inputs);

// Reads what save wrote. Throws bad_input for anything else.
[[nodiscard]] std::shared_ptr<const FeatureMap> load_random_map(ArchiveReader& archive,
                                                                const KernelChoice& choice,
                                                                std::size_t inputs, std::size_t outputs);
[[nodiscard]] std::shared_ptr<const FeatureMap> load_nystroem_map(ArchiveReader& archive,
                                                                  const KernelChoice& choice,
                                                                  std::size_t inputs, std::size_t outputs);

}  // namespace astrolabe::kernel
