// SPDX-License-Identifier: Apache-2.0
// A fresh study for a test, on either database.
//
//   class StudyStoreContract : public AnyStudy {};
//   TEST_P(StudyStoreContract, ...) { StudyStore store = new_study(); ... }
//   INSTANTIATE_TEST_SUITE_P(Both, StudyStoreContract, any_backend(), backend_name);
#pragma once

#include <chrono>
#include <filesystem>
#include <string>

#include <gtest/gtest.h>

#include "astrolabe/search/study_store.h"

namespace astrolabe {

enum class Backend { sqlite, postgres };

class AnyStudy : public testing::TestWithParam<Backend> {
 protected:
  void SetUp() override;
  void TearDown() override;
  // Opens the test's study, created if need be. `lease` 0: the usual one.
  [[nodiscard]] StudyStore new_study(std::chrono::milliseconds lease = {}) const;

  std::filesystem::path folder_;  // of the test's own
  StudyAddress address_;
};

[[nodiscard]] NewTrial numbered_trial(std::uint64_t number);  // {"x":7}, key k7

inline auto any_backend() {
  return testing::Values(Backend::sqlite, Backend::postgres);
}
inline std::string backend_name(const testing::TestParamInfo<Backend>& of) {
  return of.param == Backend::sqlite ? "sqlite" : "postgres";
}

}  // namespace astrolabe
