// SPDX-License-Identifier: Apache-2.0
// What a run ships: encoders and models of the chosen system as one immutable thing, with the card that says
// what it is.
//
//   ShippedModel model = load_model("runs/adult/model.astro");
//   ReadResult data = read_table_as("new.csv", model.wanted_columns(), {}, {}, pool);
//   std::vector<double> p = model.predict(data.table, pool);
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "astrolabe/data/reader.h"
#include "astrolabe/evaluate/calibration.h"
#include "astrolabe/evaluate/second_level.h"
#include "astrolabe/features/encoder.h"
#include "astrolabe/model/learner.h"
#include "astrolabe/model/task.h"
#include "astrolabe/privacy/ledger.h"
#include "astrolabe/stats/interval.h"

namespace astrolabe {

// One fitted learner with its encoder. The prediction of a model is the weighted mean of its members', or
// what the card's second level makes of the means of its systems; then calibrated.
struct Member {
  std::string learner;     // a name of the catalogue
  SettingValues settings;  // as found
  double weight = 1;       // positive; they sum to 1, those of a stacked system to its weight there
  std::size_t system = 0;  // to which of the systems below a second level it belongs
  std::shared_ptr<const Encoder> encoder;
  std::shared_ptr<const Model> model;
};

struct ColumnShare {
  std::string column;
  double share = 0;  // of the importance that the members give to features made of this column; sums to 1
};

// A range around a regression value that held `coverage` of rows that the model did not train on.
struct PredictionRange {
  double low = 0, high = 0;  // added to the value; of a model that tells spreads, in units of the row's own
  double coverage = 0;
};

// What people want to know about a model file. No clock and no host name, so that equal runs give equal
// bytes.
struct ModelCard {
  std::string version;  // of Astrolabe
  Task task;
  std::string system;     // "trees", "mean of trees and linear"
  std::string data_name;  // file name without folders
  std::uint64_t data_hash = 0;
  std::uint64_t rows = 0;  // fitted on
  std::uint64_t seed = 0;
  std::string fitted_on;  // "rows outside the seal" or "all rows"
  std::optional<Estimate> validation;
  std::optional<Estimate> sealed;
  std::string sealed_label;                      // "sealed", "test file", "test part", "resampled"
  std::optional<PredictionRange> range;          // regression only
  Calibration calibration = {};                  // of the members' mean; classes only
  std::optional<SecondLevel> second_level = {};  // over the systems that the members make up
  // How training read the dates whose year comes last; files that are read for this model follow it.
  std::map<std::string, DateOrder> date_orders = {};
  // Of a private training: every mechanism that read rows. Such a card has no hash of the data.
  std::optional<PrivacyLedger> privacy = {};
};

class ShippedModel {
 public:
  // `spreads`: members that tell, together as a mean, how far the value of a regression may be off.
  ShippedModel(ModelCard card, std::vector<Member> members, std::vector<Member> spreads = {});

  [[nodiscard]] const ModelCard& card() const { return card_; }
  [[nodiscard]] const std::vector<Member>& members() const { return members_; }
  [[nodiscard]] const std::vector<Member>& spread_members() const { return spreads_; }
  // Columns that some member needs, each once.
  [[nodiscard]] const std::vector<WantedColumn>& wanted_columns() const { return wanted_; }
  // [rows * outputs] row-major; same bytes on any thread count. Throws bad_input when a column is absent.
  [[nodiscard]] std::vector<double> predict(const Table& table, ThreadPool& pool) const;
  // [rows] What the ends of the card's range are multiples of, positive; empty: of 1. As predict.
  [[nodiscard]] std::vector<double> spread(const Table& table, ThreadPool& pool) const;
  // Largest first; columns without any share are left out.
  [[nodiscard]] std::vector<ColumnShare> importance() const;

 private:
  ModelCard card_;
  std::vector<Member> members_, spreads_;
  std::vector<WantedColumn> wanted_;
};

// One file: magic, version, a table of sections with lengths and checksums, a JSON card, then encoders and
// models.
[[nodiscard]] std::string serialize_model(const ShippedModel& model);
// Validates everything (lengths, checksums, caps, what each learner's load checks). Throws bad_input.
[[nodiscard]] ShippedModel parse_model(std::string_view bytes);

void save_model(const ShippedModel& model, const std::filesystem::path& path);  // atomically
[[nodiscard]] ShippedModel load_model(const std::filesystem::path& path);       // messages name the path

}  // namespace astrolabe
