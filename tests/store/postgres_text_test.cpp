// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/store/postgres_text.h"

#include <gtest/gtest.h>

namespace astrolabe {
namespace {

TEST(PostgresText, numbers_placeholders_but_not_question_marks_in_quotes) {
  EXPECT_EQ(numbered_placeholders("SELECT 1"), "SELECT 1");
  EXPECT_EQ(numbered_placeholders("a = ? AND b = '?' AND \"c?\" = ?"), "a = $1 AND b = '?' AND \"c?\" = $2");
  EXPECT_EQ(numbered_placeholders("'it''s ?' ?"), "'it''s ?' $1");
  std::string many;
  for (int i = 0; i < 12; ++i) many += '?';
  EXPECT_EQ(numbered_placeholders(many), "$1$2$3$4$5$6$7$8$9$10$11$12");
}

TEST(PostgresText, blames_conflicts_connections_disks_and_rights) {
  EXPECT_EQ(blame_of("40001"), Blame::conflict);
  EXPECT_EQ(blame_of("40P01"), Blame::conflict);
  EXPECT_EQ(blame_of("08006"), Blame::connection);
  EXPECT_EQ(blame_of("57P01"), Blame::connection);
  EXPECT_EQ(blame_of("57P03"), Blame::connection);
  EXPECT_EQ(blame_of("53300"), Blame::connection);
  EXPECT_EQ(blame_of("53100"), Blame::disk);
  EXPECT_EQ(blame_of("42501"), Blame::rights);
  EXPECT_EQ(blame_of("25006"), Blame::rights);
  EXPECT_EQ(blame_of("42P01"), Blame::other);
  EXPECT_EQ(blame_of(""), Blame::other);
}

TEST(PostgresText, tells_a_server_that_comes_back_from_one_that_says_no) {
  EXPECT_TRUE(
      may_connect_later("connection to server on socket \"/tmp/.s.PGSQL.5432\" failed: No such file"));
  EXPECT_TRUE(may_connect_later("connection to server failed: FATAL:  the database system is starting up"));
  EXPECT_TRUE(may_connect_later("FATAL:  the database system is not yet accepting connections"));
  EXPECT_TRUE(may_connect_later("FATAL:  sorry, too many clients already"));
  EXPECT_FALSE(may_connect_later("invalid integer value \"port\" for connection option \"port\""));
  EXPECT_FALSE(may_connect_later("FATAL:  password authentication failed for user \"a\""));
  EXPECT_FALSE(may_connect_later("FATAL:  database \"none\" does not exist"));
}

TEST(PostgresText, shows_the_first_line) {
  EXPECT_EQ(first_line("a\nb\n"), "a");
  EXPECT_EQ(first_line(""), "");
}

}  // namespace
}  // namespace astrolabe
