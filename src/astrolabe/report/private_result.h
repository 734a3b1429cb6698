// SPDX-License-Identifier: Apache-2.0
// What a private run found out, as plain data. Nothing in it was counted or measured on rows without noise,
// but for what `not_covered` names.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "astrolabe/model/settings.h"
#include "astrolabe/model/task.h"
#include "astrolabe/privacy/ledger.h"
#include "astrolabe/stats/interval.h"

namespace astrolabe {

struct PrivateRunResult {
  // What was asked.
  std::string command;  // as typed, without a noise seed
  std::string version;
  std::string data_path;
  std::string data_format;
  std::uint64_t seed = 0;
  PrivacyBudget budget;
  std::string clipping;             // "automatic", "to length 1"
  bool noise_seed_is_told = false;  // then whoever knows it can take the noise off

  // What the data is.
  Task task;
  std::string task_reason;
  std::size_t rows = 0, rows_training = 0, rows_score = 0;
  std::vector<std::pair<std::string, std::string>> columns;  // name and type, of those that are read
  std::vector<std::string> left_out;                         // dates, texts and identifiers

  // What came out.
  PrivacyLedger ledger;
  double epsilon = 0;  // that the ledger guarantees
  double expected_batch = 0;
  std::string learner;
  std::string summary;
  SettingValues settings;
  std::optional<Estimate> score;  // of the rows held out, with noise
  std::vector<std::string> warnings;
  double seconds = 0;
  bool was_cut_short = false, was_interrupted = false;

  std::string model_path, report_path, folder;
};

// The unit of privacy, in words.
inline constexpr std::string_view kPrivacyUnit =
    "one row, added or removed: what is said holds for each row by itself, not for a person with many";

// What the guarantee says nothing about, a sentence each.
[[nodiscard]] std::span<const std::string_view> not_covered();

}  // namespace astrolabe
