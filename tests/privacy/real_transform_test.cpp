// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/privacy/real_transform.h"

#include <cmath>
#include <numbers>
#include <vector>

#include <gtest/gtest.h>

#include "astrolabe/base/random.h"

namespace astrolabe {
namespace {

// By the definition.
std::vector<double> slow_inverse(const Spectrum& spectrum, std::size_t length) {
  std::vector<double> values(length, 0.0);
  for (std::size_t n = 0; n < length; ++n)
    for (std::size_t k = 0; k < spectrum.size(); ++k) {
      const double phase =
          2 * std::numbers::pi * static_cast<double>(k * n % length) / static_cast<double>(length);
      const double twice = k == 0 || 2 * k == length ? 1 : 2;
      values[n] += twice / static_cast<double>(length) * (spectrum[k] * std::polar(1.0, phase)).real();
    }
  return values;
}

TEST(RealTransform, goes_there_and_back) {
  RealTransform transform;
  for (const std::size_t length : {2, 24, 1024, 1536}) {
    std::vector<double> values;
    for (std::size_t i = 0; i < length; ++i) values.push_back(random_uniform(Key::from_seed(length), i));
    const std::vector<double> back = transform.inverse(transform.forward(values), length);
    for (std::size_t i = 0; i < length; ++i) EXPECT_NEAR(back[i], values[i], 1e-14);
  }
}

TEST(RealTransform, of_few_frequencies_equals_the_definition) {
  RealTransform transform;
  for (const std::size_t length : {1024, 1536})
    for (const std::size_t used : {1, 7, 31, 32, 100}) {
      Spectrum spectrum(length / 2 + 1, 0.0);
      for (std::size_t k = 0; k < used; ++k)
        spectrum[k] = {random_uniform(Key::from_seed(used), 2 * k),
                       random_uniform(Key::from_seed(used), 2 * k + 1)};
      spectrum[0] = 1;
      const std::vector<double> found = transform.inverse(spectrum, length);
      const std::vector<double> slow = slow_inverse(spectrum, length);
      for (std::size_t i = 0; i < length; ++i) EXPECT_NEAR(found[i], slow[i], 1e-13) << length << " " << used;
    }
}

}  // namespace
}  // namespace astrolabe
