// SPDX-License-Identifier: Apache-2.0
// The run's study.db: what was asked, which data, every trial, every opening of the seal. Written as things
// happen.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "astrolabe/data/seal.h"
#include "astrolabe/report/run_result.h"
#include "astrolabe/store/sqlite.h"

namespace astrolabe {

class RunJournal : public SealJournal {
 public:
  // Creates study.db in the folder. Throws `failure` when the disk refuses.
  explicit RunJournal(const std::filesystem::path& folder);

  void record_option(std::string_view name, std::string_view value);
  void record_trial(const LeaderboardRow& row, std::string_view metric);
  void finish();  // folds the log into the one file

 private:
  std::uint64_t write(std::string_view slice, std::string_view purpose) override;
  Database database_;
};

}  // namespace astrolabe
