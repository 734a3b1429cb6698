// SPDX-License-Identifier: Apache-2.0
#include "tests/workflow/small_runs.h"

#include <fstream>

#include <fmt/format.h>

#include "astrolabe/base/file.h"
#include "astrolabe/base/progress.h"
#include "astrolabe/base/random.h"
#include "astrolabe/workflow/run.h"

namespace astrolabe::testing {

std::filesystem::path Run::write(const std::string& name, const std::string& text) const {
  std::ofstream(folder_ / name, std::ios::binary) << text;
  return folder_ / name;
}

std::filesystem::path Run::write_table(std::size_t rows, const std::string& weight) const {
  RandomStream random(Key::from_seed(4));
  std::string text = "x1,x2,city,w,y\n";
  for (std::size_t row = 0; row < rows; ++row) {
    const double x1 = random.normal(), x2 = random.uniform();
    const std::uint64_t city = random.below(4);
    const bool is_yes = x1 + (city == 1 ? 1 : 0) + 0.5 * random.normal() > 0.3;
    text += fmt::format("{:.4f},{:.4f},{},{},{}\n", x1, x2,
                        city == 0   ? ""
                        : city == 1 ? "Oslo"
                                    : "Rome",
                        weight, is_yes ? "yes" : "no");
  }
  return write("t.csv", text);
}

std::filesystem::path Run::write_sums(std::size_t rows) const {
  RandomStream random(Key::from_seed(5));
  std::string text = "x1,x2,x3,y\n";
  for (std::size_t row = 0; row < rows; ++row) {
    const double x1 = random.uniform(), x2 = random.normal(), x3 = random.normal();
    const double y = 3 * x2 + (x3 > 0 ? 2 : 0) + (0.1 + x1) * random.normal();
    text += fmt::format("{:.4f},{:.4f},{:.4f},{:.4f}\n", x1, x2, x3, y);
  }
  return write("sums.csv", text);
}

RunOptions Run::options(const std::filesystem::path& data, const std::string& out) const {
  RunOptions options;
  options.data = data;
  options.target = "y";
  options.trials = 4;
  options.out = folder_ / out;
  options.reading.drop = {"w"};
  return options;
}

RunResult Run::run_quietly(const RunOptions& options) {
  const auto progress = silent_progress();
  return run(options, *progress, {});
}

std::string Run::model_bytes(const std::string& out) const {
  return read_file(folder_ / out / "model.astro", "model");
}

std::string Run::complaint(const RunOptions& options, ErrorKind kind) {
  try {
    static_cast<void>(run_quietly(options));
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), kind) << error.what();
    EXPECT_FALSE(std::filesystem::exists(options.out)) << "bad input leaves no folder";
    return error.what();
  }
  ADD_FAILURE() << "it ran";
  return "";
}

}  // namespace astrolabe::testing
