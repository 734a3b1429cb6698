// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/data/split.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <tuple>
#include <unordered_map>

#include <fmt/format.h>

#include "astrolabe/base/error.h"
#include "astrolabe/base/text.h"
#include "astrolabe/data/cell_hash.h"
#include "astrolabe/data/given_part.h"
#include "astrolabe/data/time_order.h"

namespace astrolabe {
namespace {

using Rows = std::vector<RowIndex>;

constexpr std::size_t kMinRowsToWatch = 20;
constexpr double kWatchShare = 0.15;
constexpr double kMaxWatched = 20'000;

Rows all_rows(const Table& table) {
  Rows rows(table.rows());
  std::iota(rows.begin(), rows.end(), RowIndex{0});
  return rows;
}

// Rows in an order that only the key and the row numbers decide.
void shuffle_by_key(Rows& rows, Key key) {
  std::ranges::sort(rows, {}, [&](RowIndex row) { return std::pair(random_bits(key, row), row); });
}

std::map<int, Rows> rows_by_stratum(std::span<const RowIndex> rows, std::span<const int> strata) {
  std::map<int, Rows> by_stratum;
  for (const RowIndex row : rows) by_stratum[strata.empty() ? 0 : strata[row]].push_back(row);
  return by_stratum;
}

// `some` out of `rows`; both parts ascending. `some` is disjoint, distinct and within `rows`.
Holdout separate(std::span<const RowIndex> rows, Rows some) {
  Holdout parts;
  std::ranges::sort(some);
  Rows sorted(rows.begin(), rows.end());
  std::ranges::sort(sorted);
  std::ranges::set_difference(sorted, some, std::back_inserter(parts.rest));
  parts.held_out = std::move(some);
  return parts;
}

// About share of every class: rounded down, and what is missing to the whole goes to the largest remainders.
Rows pick_random(std::span<const RowIndex> rows, std::span<const int> strata, double share, Key key) {
  struct Quota {
    Rows* rows;
    std::size_t taken;
    double remainder;
    int stratum;
  };
  std::map<int, Rows> by_stratum = rows_by_stratum(rows, strata);
  std::vector<Quota> quotas;
  auto wanted = static_cast<std::size_t>(std::llround(share * static_cast<double>(rows.size())));
  for (auto& [stratum, members] : by_stratum) {
    shuffle_by_key(members, key);
    const double exact = share * static_cast<double>(members.size());
    const double whole = std::min(std::floor(exact), static_cast<double>(members.size() - 1));
    quotas.push_back({&members, static_cast<std::size_t>(whole), exact - whole, stratum});
    wanted -= std::min(wanted, quotas.back().taken);
  }
  std::ranges::sort(quotas, {},
                    [](const Quota& quota) { return std::pair(-quota.remainder, quota.stratum); });
  for (Quota& quota : quotas) {
    if (wanted == 0) break;
    if (quota.taken + 1 >= quota.rows->size()) continue;
    ++quota.taken;
    --wanted;
  }
  Rows picked;
  for (const Quota& quota : quotas) {
    picked.insert(picked.end(), quota.rows->begin(),
                  quota.rows->begin() + static_cast<std::ptrdiff_t>(quota.taken));
  }
  return picked;
}

struct Group {
  std::uint64_t word = 0;   // of the cell that its rows share
  std::uint64_t order = 0;  // keyed
  Rows rows;
};

// In keyed order, which the values decide and the order of rows does not.
std::vector<Group> groups_of(const Column& column, std::span<const RowIndex> rows, Key key) {
  std::vector<Group> groups;
  std::unordered_map<std::uint64_t, std::size_t> index;
  const std::vector<std::uint64_t> words = cell_hashes(column, rows);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto [at, is_new] = index.try_emplace(words[i], groups.size());
    if (is_new) groups.push_back({words[i], random_bits(key, words[i]), {}});
    groups[at->second].rows.push_back(rows[i]);
  }
  std::ranges::sort(groups, {}, [](const Group& group) { return std::pair(group.order, group.word); });
  return groups;
}

// Groups in keyed order, as long as they fit; at least one, and never all. Empty when there is but one group.
Rows pick_groups(std::vector<Group> groups, std::size_t rows, double share) {
  if (groups.size() < 2) return {};
  const double wanted = share * static_cast<double>(rows);
  Rows picked;
  for (const Group& group : groups) {
    const auto with_group = static_cast<double>(picked.size() + group.rows.size());
    const bool comes_closer = with_group - wanted < wanted - static_cast<double>(picked.size());
    const bool is_all = picked.size() + group.rows.size() == rows;
    if (comes_closer && !is_all) picked.insert(picked.end(), group.rows.begin(), group.rows.end());
  }
  if (!picked.empty()) return picked;
  return std::ranges::min_element(groups, {}, [](const Group& group) { return group.rows.size(); })->rows;
}

// The latest rows; empty when all are of one moment.
Rows pick_latest(const TimeOrder& order, double share) {
  const auto rows = static_cast<double>(order.rows.size());
  const auto cut = order.cut_near(rows - share * rows);
  if (!cut) return {};
  return {order.rows.begin() + static_cast<std::ptrdiff_t>(*cut), order.rows.end()};
}

// A part of `rows` by the rule, as hold_out and the watched rows want it. Empty when the rule allows none.
Rows pick_part(const Table& table, std::span<const RowIndex> rows, const SplitRule& rule,
               std::span<const int> strata, double share, Key key) {
  if (rule.kind == SplitKind::group) {
    return pick_groups(groups_of(table.require(rule.column, "group"), rows, key), rows.size(), share);
  }
  if (rule.kind == SplitKind::time) {
    return pick_latest(order_by_time(table.require(rule.column, "time"), rows), share);
  }
  return pick_random(rows, strata, share, key);
}

Rows pick_watched(const Table& table, const Fold& fold, const SplitRule& rule, std::span<const int> strata,
                  Key key) {
  if (fold.train.size() < kMinRowsToWatch) return {};
  const double share = std::min(kWatchShare, kMaxWatched / static_cast<double>(fold.train.size()));
  Rows watched = pick_part(table, fold.train, rule, strata, share, key);
  std::ranges::sort(watched);
  return watched;
}

[[noreturn]] void too_few(std::size_t folds, std::string_view what, std::size_t needed, std::size_t found) {
  throw bad_input({.attempted = fmt::format("cutting the rows into {} folds", folds),
                   .expected = fmt::format("at least {} {}", needed, what),
                   .found = format_count(found),
                   .remedy = "Give more rows, or choose another --split."});
}

// Deals the classes out one after the other without starting anew, so that folds differ by one row at most.
std::vector<Rows> deal_random(std::span<const RowIndex> rows, std::span<const int> strata, std::size_t folds,
                              Key key) {
  if (rows.size() < folds) too_few(folds, "rows", folds, rows.size());
  std::vector<Rows> dealt(folds);
  std::size_t next = 0;
  for (auto& [stratum, members] : rows_by_stratum(rows, strata)) {
    Rows shuffled = members;
    shuffle_by_key(shuffled, key);
    for (const RowIndex row : shuffled) dealt[next++ % folds].push_back(row);
  }
  return dealt;
}

// The largest group first, each into the fold that has the fewest rows so far.
std::vector<Rows> deal_groups(const Column& column, std::span<const RowIndex> rows, std::size_t folds,
                              Key key) {
  std::vector<Group> groups = groups_of(column, rows, key);
  if (groups.size() < folds) {
    too_few(folds, fmt::format("different values in \"{}\"", column.name), folds, groups.size());
  }
  std::ranges::sort(groups, [](const Group& a, const Group& b) {
    return std::tuple(b.rows.size(), a.order, a.word) < std::tuple(a.rows.size(), b.order, b.word);
  });
  std::vector<Rows> dealt(folds);
  for (const Group& group : groups) {
    Rows& smallest = *std::ranges::min_element(dealt, {}, &Rows::size);
    smallest.insert(smallest.end(), group.rows.begin(), group.rows.end());
  }
  return dealt;
}

std::vector<Fold> chain_folds(const Column& column, std::span<const RowIndex> rows, std::size_t folds) {
  const TimeOrder order = order_by_time(column, rows);
  auto cuts = order.equal_cuts(folds);
  if (!cuts) {
    const std::size_t moments = order.rows.empty() ? 0 : order.cuts.size() + 1;
    too_few(folds, fmt::format("different values in \"{}\"", column.name), folds + 1, moments);
  }
  cuts->push_back(order.rows.size());
  std::vector<Fold> chained(folds);
  for (std::size_t i = 0; i < folds; ++i) {
    const auto begin = order.rows.begin() + static_cast<std::ptrdiff_t>((*cuts)[i]);
    const auto end = order.rows.begin() + static_cast<std::ptrdiff_t>((*cuts)[i + 1]);
    chained[i].train.assign(order.rows.begin(), begin);
    chained[i].valid.assign(begin, end);
    std::ranges::sort(chained[i].train);
    std::ranges::sort(chained[i].valid);
  }
  return chained;
}

}  // namespace

SplitRule parse_split_rule(std::string_view text) {
  const std::size_t colon = text.find(':');
  const std::string_view kind = text.substr(0, colon);
  const std::string_view column = colon == std::string_view::npos ? "" : text.substr(colon + 1);
  if (kind == "random" && colon == std::string_view::npos) return {};
  if (!column.empty()) {
    if (kind == "group") return {SplitKind::group, std::string(column)};
    if (kind == "time") return {SplitKind::time, std::string(column)};
    if (kind == "given") return {SplitKind::given, std::string(column)};
  }
  throw usage_error({.attempted = "reading --split",
                     .expected = "random, group:COLUMN, time:COLUMN or given:COLUMN",
                     .found = fmt::format("\"{}\"", text),
                     .remedy = "Write, for instance, --split time:date."});
}

Holdout hold_out(const Table& table, const SplitRule& rule, std::span<const int> strata, double share,
                 Key key) {
  ASTROLABE_CHECK(share >= 0 && share < 1, "a share leaves rows to train on");
  ASTROLABE_CHECK(strata.empty() || strata.size() == table.rows(), "one stratum per row");
  const Rows rows = all_rows(table);
  if (rule.kind == SplitKind::given) {
    const std::vector<bool> judged = given_part(table.require(rule.column, "split"));
    Holdout parts;
    for (const RowIndex row : rows) (judged[row] ? parts.held_out : parts.rest).push_back(row);
    return parts;
  }
  if (share == 0 || rows.empty()) return {rows, {}};
  Rows picked = pick_part(table, rows, rule, strata, share, key.split("hold out"));
  if (picked.empty() && rule.kind != SplitKind::random) {
    throw bad_input({.attempted = fmt::format("holding rows out by \"{}\"", rule.column),
                     .expected = "at least two different values",
                     .found = "one",
                     .remedy = "Choose another column, or --split random."});
  }
  return separate(rows, std::move(picked));
}

std::size_t most_folds(const Table& table, std::span<const RowIndex> rows, const SplitRule& rule) {
  if (rule.kind == SplitKind::group)
    return groups_of(table.require(rule.column, "group"), rows, Key()).size();
  if (rule.kind == SplitKind::time)
    return order_by_time(table.require(rule.column, "time"), rows).cuts.size();
  return rows.size();
}

std::vector<Fold> make_folds(const Table& table, std::span<const RowIndex> rows, const SplitRule& rule,
                             std::span<const int> strata, std::size_t folds, Key key) {
  ASTROLABE_CHECK(folds >= 2, "one fold has nothing to train on");
  ASTROLABE_CHECK(strata.empty() || strata.size() == table.rows(), "one stratum per row");
  std::vector<Fold> made;
  if (rule.kind == SplitKind::time) {
    made = chain_folds(table.require(rule.column, "time"), rows, folds);
  } else {
    const Key deal_key = key.split("deal");
    const std::vector<Rows> dealt =
        rule.kind == SplitKind::group
            ? deal_groups(table.require(rule.column, "group"), rows, folds, deal_key)
            : deal_random(rows, strata, folds, deal_key);
    for (const Rows& judged : dealt) {
      Holdout parts = separate(rows, judged);
      made.push_back({std::move(parts.rest), std::move(parts.held_out)});
    }
  }
  for (std::size_t i = 0; i < made.size(); ++i) {
    made[i].watch = pick_watched(table, made[i], rule, strata, key.split("watch").split(i));
  }
  return made;
}

std::vector<RowIndex> draw_rows(std::span<const RowIndex> rows, std::span<const std::uint32_t> groups,
                                std::size_t most, Key key) {
  Rows drawn(rows.begin(), rows.end());
  if (rows.size() <= most) return drawn;
  RandomStream(key).shuffle(drawn);
  if (groups.empty()) {
    drawn.resize(most);
  } else {
    std::unordered_map<std::uint32_t, std::size_t> sizes;
    for (const RowIndex row : drawn) ++sizes[groups[row]];
    std::unordered_map<std::uint32_t, bool> is_taken;
    std::size_t taken = 0;
    std::erase_if(drawn, [&](RowIndex row) {
      const auto [at, is_new] = is_taken.try_emplace(groups[row], false);
      if (!is_new) return !at->second;
      const std::size_t size = sizes[groups[row]];
      at->second = taken == 0 || taken + size <= most;
      if (at->second) taken += size;
      return !at->second;
    });
  }
  std::ranges::sort(drawn);
  return drawn;
}

}  // namespace astrolabe
