// SPDX-License-Identifier: Apache-2.0
// Lets one proposer search a space whose every cost is known, seed after seed, and prints a line per seed:
// proposer, space, seed, best score after 100, 300 and 1000 queries, queries until a score was near the best
// and until it was the best (0: never), duplicates proposed, milliseconds per proposal.
//
//   astrolabe_bench_controller --proposer 'rl(algorithm=ppo)' --table nb201.txt --seeds 1..100 --step 1
//   astrolabe_bench_controller --proposer evolution --made 6x5 --seeds 1..100
//
// A query is a point that was not asked for before. A duplicate is told the known cost and not counted, as
// the search loop does; a thousand of them in a row end the search.
#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "astrolabe/search/proposer.h"

namespace astrolabe {
namespace {

constexpr std::size_t kMostDuplicates = 1000;
constexpr double kEqual = 1e-9;

struct Options {
  std::string proposer = "rl", table, made;
  std::uint64_t first = 1, last = 100, step = 1;
  std::size_t queries = 1000;
};

// Every point's score, higher is better, in lexicographic order of options.
struct Landscape {
  std::size_t dimensions = 6, options = 5;
  std::vector<double> scores;
  double near = 0, best = 0;

  [[nodiscard]] std::size_t index_of(const Point& point) const {
    std::size_t index = 0;
    for (const double value : point.values) index = index * options + static_cast<std::size_t>(value);
    return index;
  }
};

std::size_t power(std::size_t base, std::size_t exponent) {
  std::size_t result = 1;
  for (std::size_t i = 0; i < exponent; ++i) result *= base;
  return result;
}

// Lines of six options and an accuracy, as write_table.py writes them. Near the best is 94.0 by convention.
Landscape read_table(const std::string& path) {
  Landscape landscape;
  landscape.scores.assign(power(5, 6), 0.0);
  std::ifstream file(path);
  std::size_t lines = 0;
  Point edges{std::vector<double>(6)};
  for (double accuracy = 0;; ++lines) {
    for (double& edge : edges.values) file >> edge;
    if (!(file >> accuracy)) break;
    landscape.scores[landscape.index_of(edges)] = accuracy;
  }
  if (lines != landscape.scores.size()) {
    fmt::print(stderr, "{}: {} architectures instead of {}\n", path, lines, landscape.scores.size());
    std::exit(1);
  }
  landscape.near = 94.0;
  return landscape;
}

// Normal numbers for every option and, half as large, for every pair of options: no two seeds alike, and
// nobody's favourite. Near the best is the best thousandth.
Landscape make_landscape(std::size_t dimensions, std::size_t options, Key key) {
  Landscape landscape{.dimensions = dimensions, .options = options, .scores = {}};
  RandomStream random(key);
  std::vector<double> single(dimensions * options), pair(dimensions * dimensions * options * options);
  for (double& value : single) value = random.normal();
  for (double& value : pair) value = random.normal() / 2;
  std::vector<std::size_t> point(dimensions, 0);
  for (std::size_t index = 0; index < power(options, dimensions); ++index) {
    for (std::size_t d = dimensions, rest = index; d-- > 0; rest /= options) point[d] = rest % options;
    double score = 0;
    for (std::size_t d = 0; d < dimensions; ++d) {
      score += single[d * options + point[d]];
      for (std::size_t e = 0; e < d; ++e)
        score += pair[((d * dimensions + e) * options + point[d]) * options + point[e]];
    }
    landscape.scores.push_back(score);
  }
  std::vector<double> sorted = landscape.scores;
  const auto place = sorted.begin() + static_cast<std::ptrdiff_t>(sorted.size() - sorted.size() / 1000 - 1);
  std::ranges::nth_element(sorted, place);
  landscape.near = *place;
  return landscape;
}

Space space_of(const Landscape& landscape) {
  Space space;
  for (std::size_t d = 0; d < landscape.dimensions; ++d) {
    Choices choices;
    for (std::size_t i = 0; i < landscape.options; ++i) choices.options.push_back(fmt::format("{}", i));
    space.add({.name = fmt::format("d{}", d), .domain = choices});
  }
  return space;
}

struct Result {
  double best_at[3] = {};  // after 100, 300, 1000 queries
  std::size_t until_near = 0, until_best = 0, duplicates = 0, queries = 0;
  double seconds = 0;  // inside the proposer
};

Result search_once(const Landscape& landscape, const ProposerChoice& choice, std::size_t queries, Key key) {
  constexpr std::size_t kMarks[3] = {100, 300, 1000};
  using Clock = std::chrono::steady_clock;
  const Space space = space_of(landscape);
  std::vector<bool> asked(landscape.scores.size(), false);
  Result result;
  double best = -1e300;
  std::size_t in_a_row = 0;
  auto start = Clock::now();
  const auto proposer = choice.row->make(space, choice.settings, key.split("proposer"));
  for (std::uint64_t i = 0; result.queries < queries && in_a_row < kMostDuplicates; ++i) {
    const std::optional<Proposal> proposal = proposer->propose(key.split("propose").split(i));
    result.seconds += std::chrono::duration<double>(Clock::now() - start).count();
    if (!proposal) break;
    const std::size_t index = landscape.index_of(proposal->point);
    const double score = landscape.scores[index];
    if (asked[index]) {
      ++in_a_row;
      ++result.duplicates;
    } else {
      in_a_row = 0;
      ++result.queries;
      asked[index] = true;
      best = std::max(best, score);
      if (result.until_near == 0 && best >= landscape.near) result.until_near = result.queries;
      if (result.until_best == 0 && best >= landscape.best - kEqual) result.until_best = result.queries;
      for (std::size_t mark = 0; mark < 3; ++mark)
        if (result.queries <= kMarks[mark]) result.best_at[mark] = best;
    }
    start = Clock::now();
    proposer->observe({.point = proposal->point,
                       .by = proposal->by,
                       .state = TrialState::complete,
                       .cost = -score,
                       .steps = 1});
  }
  return result;
}

int run(const Options& options) {
  const ProposerChoice choice = parse_proposer(options.proposer);
  Landscape landscape;
  if (!options.table.empty()) landscape = read_table(options.table);
  for (std::uint64_t seed = options.first; seed <= options.last; seed += options.step) {
    const Key key = Key::from_seed(seed);
    if (options.table.empty()) {
      const auto cross = options.made.find('x');
      landscape = make_landscape(std::stoul(options.made), std::stoul(options.made.substr(cross + 1)),
                                 key.split("landscape"));
    }
    landscape.best = *std::ranges::max_element(landscape.scores);
    const Result result = search_once(landscape, choice, options.queries, key);
    fmt::print("{}\t{}\t{}\t{:.4f}\t{:.4f}\t{:.4f}\t{}\t{}\t{}\t{:.4f}\n", options.proposer,
               options.table.empty() ? options.made : "table", seed, result.best_at[0], result.best_at[1],
               result.best_at[2], result.until_near, result.until_best, result.duplicates,
               1e3 * result.seconds / static_cast<double>(result.queries + result.duplicates));
    std::fflush(stdout);
  }
  return 0;
}

}  // namespace
}  // namespace astrolabe

int main(int count, char** arguments) {
  astrolabe::Options options;
  for (int i = 1; i + 1 < count; i += 2) {
    const std::string_view name = arguments[i];
    const std::string value = arguments[i + 1];
    if (name == "--proposer") options.proposer = value;
    if (name == "--table") options.table = value;
    if (name == "--made") options.made = value;
    if (name == "--queries") options.queries = std::stoul(value);
    if (name == "--step") options.step = std::stoul(value);
    if (name == "--seeds") {
      options.first = std::stoull(value);
      options.last = std::stoull(value.substr(value.find("..") + 2));
    }
  }
  return astrolabe::run(options);
}
