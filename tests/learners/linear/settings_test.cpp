// SPDX-License-Identifier: Apache-2.0
#include "tests/learners/linear/sample.h"
#include <gtest/gtest.h>

#include "astrolabe/base/error.h"
#include "astrolabe/learners/linear/linear_model.h"

namespace astrolabe::linear {
namespace {

std::string usage_error_of(const TrainingData& data, const SettingValues& settings) {
  try {
    (void)fit(data, settings);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::usage);
    return error.what();
  }
  return "nothing was thrown";
}

TEST(LinearSettings, a_family_of_classes_does_not_fit_numbers) {
  EXPECT_EQ(
      usage_error_of(make_sample({}, 1), {{"family", std::string("logistic")}}),
      "setting linear.family: expected gaussian or poisson for a regression, found \"logistic\". Leave it at "
      "auto.");
}

TEST(LinearSettings, a_family_of_numbers_does_not_fit_classes) {
  EXPECT_EQ(
      usage_error_of(make_sample({.kind = TaskKind::binary}, 1), {{"family", std::string("gaussian")}}),
      "setting linear.family: expected logistic for these classes, found \"gaussian\". Leave it at auto.");
}

TEST(LinearSettings, poisson_takes_no_negative_target) {
  TrainingData data = make_sample({}, 1);
  data.labels.values.assign(data.labels.rows(), -2);
  EXPECT_EQ(usage_error_of(data, {{"family", std::string("poisson")}}),
            "setting linear.family to poisson: expected a target that is never negative, found -2. Use "
            "gaussian for "
            "such a target.");
}

TEST(LinearSettings, the_summary_counts_the_features_in_use) {
  const TrainingData data = make_sample({}, 1);
  EXPECT_EQ(fit(data, {{"penalty", 0.01}})->summary(),
            "gaussian regression on 8 of 8 features, penalty 0.01");
  EXPECT_EQ(fit(data, {{"penalty", 1000.0}, {"l1_ratio", 1.0}})->summary(),
            "gaussian regression on 0 of 8 features, penalty 1e+03, l1 ratio 1");
}

std::string damage_of(const ArchiveWriter& archive) {
  ArchiveReader reader(archive.bytes());
  try {
    (void)load_linear_model(reader, 1, 1);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::bad_input);
    return error.what();
  }
  return "nothing was thrown";
}

struct Written {
  double scale = 1;
  double intercept = 0;
  std::vector<double> coefficients = {1};
  std::vector<double> importance = {1};
  Family family = Family::gaussian;
};

ArchiveWriter write(const Written& written) {
  ArchiveWriter archive;
  archive.put(static_cast<std::uint8_t>(written.family));
  archive.put(0.1);
  archive.put(0.0);
  archive.put(0.0);
  archive.put(written.scale);
  archive.put(0.0);
  archive.put(false);
  archive.put_array<double>(std::vector{written.intercept});
  archive.put_array<double>(written.coefficients);
  archive.put_array<double>(written.importance);
  return archive;
}

TEST(LinearFile, names_what_is_damaged) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(damage_of(write({})), "nothing was thrown");
  EXPECT_NE(damage_of(write({.scale = -1})).find("the scale of a linear model"), std::string::npos);
  EXPECT_NE(damage_of(write({.intercept = nan})).find("the coefficients of a linear model"),
            std::string::npos);
  EXPECT_NE(damage_of(write({.coefficients = {}})).find("the features of a linear model"), std::string::npos);
  EXPECT_NE(damage_of(write({.importance = {2}})).find("the importance of a linear model"),
            std::string::npos);
  EXPECT_NE(damage_of(write({.family = Family::multinomial})).find("the outputs of a linear model"),
            std::string::npos);
}

}  // namespace
}  // namespace astrolabe::linear
