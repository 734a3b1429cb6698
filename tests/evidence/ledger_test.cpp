// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/evidence/ledger.h"

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <limits>

#include <gtest/gtest.h>

#include "astrolabe/store/sqlite.h"

namespace astrolabe {
namespace {

class LedgerTest : public testing::Test {
 protected:
  void SetUp() override { std::filesystem::remove_all(folder_); }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  const std::filesystem::path folder_ =
      std::filesystem::temp_directory_path() /
      ("astrolabe-ledger-" + std::string(testing::UnitTest::GetInstance()->current_test_info()->name()));
  const std::filesystem::path path_ = folder_ / "deep" / "claims.db";
};

TEST_F(LedgerTest, keeps_claims_in_their_order) {
  {
    Ledger ledger = Ledger::open(path_);
    EXPECT_TRUE(ledger.entries().empty());
    EXPECT_EQ(ledger.append({.slot = "activation",
                             .finding = "silu",
                             .baseline = "relu",
                             .verdict = Verdict::better,
                             .effect = 0.25,
                             .low = 0.125,
                             .high = std::numeric_limits<double>::infinity(),
                             .pairs = 12}),
              1U);
  }
  Ledger ledger = Ledger::open(path_);
  EXPECT_EQ(ledger.append({.slot = "loss", .verdict = Verdict::tie}), 2U);
  const std::vector<LedgerEntry> entries = ledger.entries();
  ASSERT_EQ(entries.size(), 2U);
  EXPECT_EQ(entries[0].finding, "silu");
  EXPECT_EQ(entries[0].verdict, Verdict::better);
  EXPECT_EQ(entries[0].effect, 0.25);
  EXPECT_TRUE(std::isinf(entries[0].high));
  EXPECT_EQ(entries[0].pairs, 12U);
  EXPECT_EQ(entries[1].slot, "loss");
  ASSERT_EQ(ledger.entries(1).size(), 1U);
  EXPECT_EQ(ledger.entries(1)[0].number, 2U);
}

TEST_F(LedgerTest, refuses_to_change_or_forget_a_claim) {
  Ledger::open(path_).append({.slot = "activation", .verdict = Verdict::worse});
  Database database = Database::open(path_);
  EXPECT_ANY_THROW(database.run("UPDATE claims SET verdict = 'better'"));
  EXPECT_ANY_THROW(database.run("DELETE FROM claims"));
  EXPECT_EQ(Ledger::open(path_).entries().front().verdict, Verdict::worse);
}

TEST_F(LedgerTest, is_where_the_environment_says) {
  ::setenv("ASTROLABE_CLAIMS", "/tmp/mine.db", 1);
  EXPECT_EQ(ledger_path(), "/tmp/mine.db");
  ::unsetenv("ASTROLABE_CLAIMS");
  ::setenv("XDG_DATA_HOME", "/tmp/data", 1);
  EXPECT_EQ(ledger_path(), "/tmp/data/astrolabe/claims.db");
  ::unsetenv("XDG_DATA_HOME");
}

}  // namespace
}  // namespace astrolabe
