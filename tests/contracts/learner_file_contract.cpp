// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "tests/contracts/learner_contract.h"

#include "astrolabe/base/error.h"

namespace astrolabe {
namespace {

constexpr std::size_t kDamagedFiles = 300;

std::unique_ptr<const Model> load(const Learner& learner, std::string_view bytes, std::size_t features,
                                  std::size_t outputs) {
  ArchiveReader archive(bytes);
  auto model = learner.load(archive, features, outputs);
  archive.require_end();
  return model;
}

// Refuses the file as damaged, or gives a model that predicts; anything else fails the test.
void expect_refused_or_sound(const Learner& learner, std::string_view bytes, const FeatureMatrix& features,
                             std::size_t outputs) {
  try {
    const auto model = load(learner, bytes, features.features(), outputs);
    ASSERT_EQ(model->outputs(), outputs);
    ASSERT_EQ(predict(*model, features).size(), features.rows * outputs);
    ASSERT_EQ(model->importance().size(), features.features());
    ASSERT_FALSE(model->summary().empty());
    (void)model->settings_found();
  } catch (const Error& error) {
    ASSERT_EQ(error.kind(), ErrorKind::bad_input) << error.what();
  }
}

TEST_P(LearnerContract, a_loaded_model_is_the_saved_one_to_the_bit) {
  const auto model = fit(data());
  const FeatureMatrix fresh = data(100, 2).features;
  const std::string bytes = save(*model);
  const auto loaded = load(learner(), bytes, fresh.features(), model->outputs());
  EXPECT_EQ(predict(*model, fresh), predict(*loaded, fresh));
  EXPECT_EQ(model->importance(), loaded->importance());
  EXPECT_EQ(model->settings_found(), loaded->settings_found());
  EXPECT_EQ(model->summary(), loaded->summary());
  EXPECT_EQ(save(*loaded), bytes);
}

TEST_P(LearnerContract, refuses_a_file_for_other_features_or_outputs) {
  const auto model = fit(data());
  const std::string bytes = save(*model);
  const std::size_t features = data().features.features();
  EXPECT_THROW((void)load(learner(), bytes, features + 1, model->outputs()), Error);
  EXPECT_THROW((void)load(learner(), bytes, features, model->outputs() + 3), Error);
}

TEST_P(LearnerContract, refuses_a_file_cut_short) {
  const FeatureMatrix fresh = data(10, 2).features;
  const auto model = fit(data());
  const std::string bytes = save(*model);
  const std::size_t step = std::max<std::size_t>(1, bytes.size() / kDamagedFiles);
  for (std::size_t size = 0; size < bytes.size(); size += step) {
    try {
      (void)load(learner(), std::string_view(bytes).substr(0, size), fresh.features(), model->outputs());
      ADD_FAILURE() << "loaded the first " << size << " of " << bytes.size() << " bytes";
    } catch (const Error& error) {
      ASSERT_EQ(error.kind(), ErrorKind::bad_input) << error.what();
    }
  }
}

TEST_P(LearnerContract, survives_a_file_with_a_flipped_bit) {
  const FeatureMatrix fresh = data(10, 2).features;
  const auto model = fit(data());
  const std::string bytes = save(*model);
  RandomStream random(Key::from_seed(4));
  for (std::size_t trial = 0; trial < kDamagedFiles; ++trial) {
    std::string damaged = bytes;
    // The head holds the counts, so half of the flips go there.
    const std::size_t reach = trial % 2 == 0 ? std::min<std::size_t>(bytes.size(), 128) : bytes.size();
    damaged[random.below(reach)] ^= static_cast<char>(1 << random.below(8));
    expect_refused_or_sound(learner(), damaged, fresh, model->outputs());
  }
}

TEST_P(LearnerContract, survives_a_file_of_noise) {
  const FeatureMatrix fresh = data(10, 2).features;
  const std::size_t outputs = fit(data(20))->outputs();
  RandomStream random(Key::from_seed(5));
  for (std::size_t trial = 0; trial < kDamagedFiles; ++trial) {
    std::string noise(random.below(200), '\0');
    for (char& byte : noise) byte = static_cast<char>(random.below(trial % 2 == 0 ? 256 : 4));
    expect_refused_or_sound(learner(), noise, fresh, outputs);
  }
}

}  // namespace
}  // namespace astrolabe
