// SPDX-License-Identifier: Apache-2.0
// The leakage scan on real tables: it finds the leaks that people know of, and raises no false alarm.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "astrolabe/data/reader.h"
#include "astrolabe/evaluate/leakage.h"

namespace astrolabe {
namespace {

struct Scanned {
  std::vector<Leak> leaks;

  [[nodiscard]] const Leak* find(std::string_view column) const {
    const auto at = std::ranges::find(leaks, column, &Leak::column);
    return at == leaks.end() ? nullptr : &*at;
  }
  [[nodiscard]] LeakKind kind(std::string_view column) const {
    const Leak* leak = find(column);
    EXPECT_NE(leak, nullptr) << column;
    return leak == nullptr ? LeakKind::constant : leak->kind;
  }
  // What a run would warn of.
  [[nodiscard]] std::vector<std::string> alarms() const {
    std::vector<std::string> messages;
    for (const Leak& leak : leaks) {
      if (!leak.drop && leak.kind != LeakKind::identifier) messages.push_back(leak.message);
    }
    return messages;
  }
};

class RealLeakage : public testing::Test {
 protected:
  void SetUp() override {
    if (std::getenv("ASTROLABE_DATA") == nullptr) {
      GTEST_SKIP() << "ASTROLABE_DATA is not set: the shared data is not here";
    }
  }

  Scanned scan(const std::string& file, const std::string& target, TaskKind kind,
               const ReadOptions& options = {}) {
    const auto path = std::filesystem::path(std::getenv("ASTROLABE_DATA")) / "tabular" / file;
    const Table table = read_table(path, options, pool_).table;
    const Column& truth = table.require(target, "target");
    Task task{.kind = kind, .target = target, .classes = {}, .metric = "", .weight = {}};
    Labels labels{.kind = kind, .classes = 0, .values = truth.numbers, .weights = {}};
    if (kind != TaskKind::regression) {
      std::map<std::string, double> codes;
      labels.values.clear();
      for (std::size_t row = 0; row < truth.rows(); ++row) codes[truth.cell(row)] = 0;
      for (auto& [name, code] : codes) {
        code = static_cast<double>(task.classes.size());
        task.classes.push_back(name);
      }
      for (std::size_t row = 0; row < truth.rows(); ++row) labels.values.push_back(codes[truth.cell(row)]);
      labels.classes = codes.size();
    }
    const std::vector<std::string> target_name{target};
    const Table features = table.without_columns(target_name);
    Scanned scanned{scan_for_leaks({.table = features,
                                    .labels = labels,
                                    .task = task,
                                    .rule = {},
                                    .key = Key::from_seed(1),
                                    .pool = pool_})};
    for (const Leak& leak : scanned.leaks) {
      RecordProperty(std::string(leak_kind_name(leak.kind)) + ":" + leak.column, leak.message);
    }
    return scanned;
  }

  ThreadPool pool_{2};
};

TEST_F(RealLeakage, of_titanic_is_in_the_columns_that_were_filled_in_afterwards) {
  const Scanned scanned = scan("titanic_openml.csv.gz", "survived", TaskKind::binary);
  EXPECT_EQ(scanned.kind("boat"), LeakKind::knows_the_future);
  EXPECT_EQ(scanned.kind("body"), LeakKind::knows_the_future);
  EXPECT_EQ(scanned.alarms().size(), 2U);
}

TEST_F(RealLeakage, of_bike_sharing_is_in_the_two_parts_of_the_count) {
  const Scanned scanned = scan("bike_sharing_hour.csv.gz", "cnt", TaskKind::regression);
  EXPECT_EQ(scanned.kind("casual"), LeakKind::near_copy);
  EXPECT_EQ(scanned.kind("registered"), LeakKind::near_copy);
  EXPECT_EQ(scanned.kind("instant"), LeakKind::identifier);
  EXPECT_TRUE(scanned.find("instant")->drop);
  EXPECT_EQ(scanned.alarms().size(), 2U);
}

TEST_F(RealLeakage, of_taxi_rides_is_in_what_the_total_is_made_of) {
  const Scanned scanned = scan("nyc_taxis.csv.gz", "total", TaskKind::regression);
  EXPECT_EQ(scanned.kind("fare"), LeakKind::near_copy);
  EXPECT_EQ(scanned.kind("tip"), LeakKind::near_copy);
  EXPECT_EQ(scanned.kind("tolls"), LeakKind::near_copy);
  EXPECT_EQ(scanned.alarms().size(), 3U);
}

TEST_F(RealLeakage, of_telco_churn_is_none_but_the_customer_is_left_out) {
  const Scanned scanned = scan("telco_churn.csv.gz", "Churn", TaskKind::binary);
  EXPECT_EQ(scanned.kind("customerID"), LeakKind::identifier);
  EXPECT_TRUE(scanned.find("customerID")->drop);
  EXPECT_EQ(scanned.alarms(), std::vector<std::string>());
}

TEST_F(RealLeakage, of_the_bank_is_not_claimed_for_a_duration_that_is_merely_strong) {
  EXPECT_EQ(scan("bank-full.csv.gz", "y", TaskKind::binary).alarms(), std::vector<std::string>());
}

TEST_F(RealLeakage, is_not_claimed_for_honest_tables) {
  EXPECT_EQ(scan("adult.data.gz", "15", TaskKind::binary, {.header = Header::absent}).alarms(),
            std::vector<std::string>());
  EXPECT_EQ(scan("california_housing.csv.gz", "MedHouseVal", TaskKind::regression).alarms(),
            std::vector<std::string>());
  EXPECT_EQ(scan("diamonds.csv.gz", "price", TaskKind::regression).alarms(), std::vector<std::string>());
  EXPECT_EQ(scan("electricity.csv.gz", "class", TaskKind::binary).alarms(), std::vector<std::string>());
  EXPECT_EQ(scan("credit-g.csv.gz", "class", TaskKind::binary).alarms(), std::vector<std::string>());
}

TEST_F(RealLeakage, of_letters_and_wines_is_in_the_copied_rows_alone) {
  const Scanned letters = scan("letter.csv.gz", "class", TaskKind::multiclass);
  EXPECT_EQ(letters.kind(""), LeakKind::duplicate_rows);
  EXPECT_EQ(letters.alarms().size(), 1U);
  const Scanned wines =
      scan("winequality-white.csv.gz", "12", TaskKind::regression, {.header = Header::absent});
  EXPECT_EQ(wines.kind(""), LeakKind::duplicate_rows);
  EXPECT_EQ(wines.alarms().size(), 1U);
}

}  // namespace
}  // namespace astrolabe
