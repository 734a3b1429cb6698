// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/learners/kernel/featurizer.h"

namespace astrolabe::kernel {

void featurize_block(const Featurizer& featurizer, const RowBlock& block,
                     std::span<const std::uint32_t> places, ThreadPool& pool, std::vector<float>& x,
                     std::vector<float>& z) {
  fill_inputs(block.data.features, block.begin, block.end, featurizer.factors, featurizer.with_constant,
              places, pool, x);
  const std::size_t inputs = featurizer.inputs(), width = featurizer.width();
  z.resize(block.rows() * width);
  pool.for_ranges(block.rows(), kChunkRows, [&](std::size_t begin, std::size_t end, std::size_t) {
    MapWork work;
    featurizer.apply(std::span(x).subspan(begin * inputs, (end - begin) * inputs), end - begin,
                     z.data() + begin * width, work);
  });
}

}  // namespace astrolabe::kernel
