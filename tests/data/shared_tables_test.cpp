// SPDX-License-Identifier: Apache-2.0
// The shared tables are read as their README describes them: rows, columns and missing cells are its numbers.
// A type per column: n number, w whole_number, b boolean, c category, d datetime, t text, i identifier.
#include <cctype>
#include <ostream>

#include "tests/data/reading.h"

namespace astrolabe {
namespace {

struct SharedTable {
  const char* file;
  std::size_t rows;
  const char* types;
  std::uint64_t missing;
};

void PrintTo(const SharedTable& table, std::ostream* out) {  // NOLINT(readability-identifier-naming)
  *out << table.file;
}

class SharedTables : public testing::TestWithParam<SharedTable> {};

TEST_P(SharedTables, are_read_as_described) {
  const char* folder = std::getenv("ASTROLABE_DATA");
  if (folder == nullptr) GTEST_SKIP() << "ASTROLABE_DATA does not say where the shared data is";
  const SharedTable& expected = GetParam();
  const ReadResult read = read_file_at(std::filesystem::path(folder) / "tabular" / expected.file);
  EXPECT_EQ(read.table.rows(), expected.rows);
  std::string types;
  std::uint64_t missing = 0;
  for (const ColumnReading& column : read.columns) {
    types += column_type_name(column.type).front();
    missing += column.missing;
  }
  EXPECT_EQ(types, expected.types);
  EXPECT_EQ(missing, expected.missing);
}

// clang-format off
INSTANTIATE_TEST_SUITE_P(Files, SharedTables, testing::Values(
    SharedTable{"abalone.csv.gz", 4177, "cnnnnnnnw", 0},
    SharedTable{"adult.data.gz", 32561, "wcwcwcccccwwwcc", 4262},
    SharedTable{"adult.test.gz", 16281, "wcwcwcccccwwwcc", 2203},
    SharedTable{"amazon_employee_access.csv.gz", 32769, "wwwwwwwwww", 0},
    SharedTable{"ames_housing.tsv.gz", 2930, "iiccwwccccccccccccwwwwcccccwcccccccwcwwwccbcwwwwwwwwwwcwcwccwcwwcccwwwwwwcccwwwccw", 13997},
    SharedTable{"bank-full.csv.gz", 45211, "wcccbwbbcwcwwwwcb", 0},
    SharedTable{"bike_sharing_hour.csv.gz", 17379, "idwwwwwwwwnnnnwww", 0},
    SharedTable{"boston_housing.data.gz", 506, "nnnwnnnnwwnnnn", 0},
    SharedTable{"california_housing.csv.gz", 20640, "nwnnwnnnn", 0},
    SharedTable{"car.csv.gz", 1728, "ccccccc", 0},
    SharedTable{"connect-4.csv.gz", 67557, "wwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwww", 0},
    SharedTable{"covertype_20k.csv.gz", 20000, "wwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwww", 0},
    SharedTable{"credit-g.csv.gz", 1000, "cwccwccwccwcwccwcwcbc", 0},
    SharedTable{"diabetes130us.csv.gz", 101766, "iwccccwwwwccwwwwwwcccwccccccccccccccccccccccccccbc", 192849},
    SharedTable{"diamonds.csv.gz", 53940, "ncccnnwnnn", 0},
    SharedTable{"electricity.csv.gz", 45312, "nwnnnnnnc", 0},
    SharedTable{"fine_foods_text.test.csv.gz", 1000, "itc", 0},
    SharedTable{"fine_foods_text.train.csv.gz", 4000, "itc", 0},
    SharedTable{"flight_delays_25k_valid.csv.gz", 25000, "ccwcccwwwccw", 0},
    SharedTable{"flight_delays_75k_train.csv.gz", 75000, "ccwcccwwwccw", 0},
    SharedTable{"fremtpl2freq.csv.gz", 677991, "iwnwwwwcccwc", 0},
    SharedTable{"higgs_lightgbm.test.tsv.gz", 500, "wnnnnnnnnnnnnnnnnnnnnnnnnnnnn", 0},
    SharedTable{"higgs_lightgbm.train.tsv.gz", 7000, "wnnnnnnnnnnnnnnnnnnnnnnnnnnnn", 0},
    SharedTable{"hr_job_change.csv.gz", 19158, "icncccccccccww", 20733},
    SharedTable{"kddcup99_10pct.csv.gz", 494020, "wwwwwwwwwwwwwwwwwwwwwwwwnnnnnnnwwnnnnnnnnw", 0},
    SharedTable{"kin8nm.txt.gz", 8192, "nnnnnnnnn", 0},
    SharedTable{"letter.csv.gz", 20000, "wwwwwwwwwwwwwwwwc", 0},
    SharedTable{"nyc_taxis.csv.gz", 6433, "ddwnnnnncccccc", 186},
    SharedTable{"nycflights13.csv.gz", 336776, "wwwwwwwccwccwwww", 63105},
    SharedTable{"phoneme.csv.gz", 5404, "nnnnnw", 0},
    SharedTable{"power_plant.txt.gz", 9568, "nnnnn", 0},
    SharedTable{"protein_casp.txt.gz", 45730, "nnnnnnnwnn", 0},
    SharedTable{"segment.csv.gz", 2310, "wwwnnnnnnnnnnnnnnnnc", 0},
    SharedTable{"splice.csv.gz", 3190, "iccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc", 0},
    SharedTable{"telco_churn.csv.gz", 7043, "icwbbwbcccccccccbcnnb", 11},
    SharedTable{"titanic_openml.csv.gz", 1309, "wwtcnwwtntccwt", 3855},
    SharedTable{"winequality-white.csv.gz", 4898, "nnnnnnnnnnnw", 0}
    ),
    [](const auto& table) {
      std::string name(table.param.file);
      name.resize(name.size() - 3);
      for (char& c : name)
        if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
      return name;
    });
// clang-format on

}  // namespace
}  // namespace astrolabe
