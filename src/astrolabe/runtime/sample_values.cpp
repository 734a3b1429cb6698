// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/runtime/sample_values.h"

#include <algorithm>
#include <cstring>

namespace astrolabe {

Buffer random_floats(std::size_t count, Key key) {
  RandomStream random(key);
  Buffer values(count * sizeof(float));
  for (float& value : values.as<float>()) value = static_cast<float>(random.uniform() - 0.5);
  return values;
}

Buffer sample_values(ElementType type, std::size_t count, Key key) {
  Buffer values(std::max<std::size_t>(count * element_bytes(type), 1));
  std::memset(values.data(), 0, values.bytes());
  RandomStream random(key);
  if (type == ElementType::f32)
    for (float& value : values.as<float>()) value = static_cast<float>(0.05 + 0.9 * random.uniform());
  if (type == ElementType::f64)
    for (double& value : values.as<double>()) value = 0.05 + 0.9 * random.uniform();
  return values;
}

}  // namespace astrolabe
