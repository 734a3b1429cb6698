// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/data/seal.h"

#include <map>
#include <type_traits>

#include "tests/data/tables.h"
#include <gtest/gtest.h>

namespace astrolabe {
namespace {

class CountingJournal : public SealJournal {
 public:
  std::vector<std::string> purposes;

 private:
  std::uint64_t write(std::string_view slice, std::string_view purpose) override {
    purposes.emplace_back(purpose);
    return ++openings_[std::string(slice)];
  }
  std::map<std::string, std::uint64_t> openings_;
};

TEST(Seal, every_opening_is_in_the_journal_before_a_row_is_read) {
  CountingJournal journal;
  const SealedTable sealed("score", Table({numbers("x", {1, 2})}));
  EXPECT_TRUE(journal.purposes.empty());
  const Opening first = journal.record("score", "the run's sealed score");
  EXPECT_EQ(journal.purposes, std::vector<std::string>{"the run's sealed score"});
  EXPECT_EQ(first.number(), 1U);
  EXPECT_EQ(sealed.open(first).rows(), 2U);
  EXPECT_EQ(journal.record("score", "again").number(), 2U);
  EXPECT_EQ(journal.record("proof", "another slice").number(), 1U);
}

TEST(Seal, opening_another_slice_is_refused) {
  CountingJournal journal;
  const SealedTable sealed("proof", Table({numbers("x", {1, 2})}));
  const Opening score = journal.record("score", "a score");
  EXPECT_EQ(message_of(ErrorKind::usage, [&] { (void)sealed.open(score); }).substr(0, 30),
            "opening the sealed slice \"proo");
}

TEST(Seal, an_opening_that_was_moved_away_opens_nothing) {
  CountingJournal journal;
  const SealedTable sealed("a slice whose name is longer than a short string", Table({numbers("x", {1})}));
  Opening opening = journal.record(sealed.slice(), "a score");
  const Opening moved = std::move(opening);
  EXPECT_NO_THROW((void)sealed.open(moved));
  EXPECT_THROW((void)sealed.open(opening), Error);  // NOLINT(bugprone-use-after-move)
}

TEST(Seal, neither_openings_nor_sealed_rows_can_be_copied) {
  EXPECT_FALSE(std::is_copy_constructible_v<Opening>);
  EXPECT_FALSE(std::is_copy_assignable_v<Opening>);
  EXPECT_FALSE((std::is_constructible_v<Opening, std::string, std::uint64_t>));
  EXPECT_FALSE(std::is_copy_constructible_v<SealedTable>);
  EXPECT_FALSE(std::is_default_constructible_v<Opening>);
}

TEST(Seal, how_many_rows_are_sealed_is_no_secret) {
  EXPECT_EQ(SealedTable("score", Table({numbers("x", {1, 2, 3})})).rows(), 3U);
}

TEST(SealedShare, is_a_fifth_a_tenth_of_many_rows_and_nothing_of_few) {
  EXPECT_EQ(sealed_share(0), 0);
  EXPECT_EQ(sealed_share(999), 0);
  EXPECT_EQ(sealed_share(1'000), 0.2);
  EXPECT_EQ(sealed_share(100'000), 0.2);
  EXPECT_EQ(sealed_share(100'001), 0.1);
}

}  // namespace
}  // namespace astrolabe
