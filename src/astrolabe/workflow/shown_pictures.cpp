// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/workflow/shown_pictures.h"

#include <algorithm>
#include <functional>
#include <map>
#include <tuple>
#include <utility>

namespace astrolabe {
namespace {

constexpr std::size_t kShown = 20;

const Column* find_pictures(const Table& rows) {
  const auto found = std::ranges::find_if(rows.columns(), &Column::is_image);
  return found == rows.columns().end() ? nullptr : &*found;
}

ShownPicture shown(const Column& pictures, std::size_t row, std::string label) {
  const std::span<const std::uint8_t> picture = pictures.pixels.picture(row);
  return {
      .shape = pictures.pixels.shape, .bytes = {picture.begin(), picture.end()}, .label = std::move(label)};
}

}  // namespace

std::vector<ShownPicture> examples_of(const Table& rows, const Task& task) {
  const Column* pictures = find_pictures(rows);
  if (pictures == nullptr) return {};
  const Column& target = rows.require(task.target, "target");
  // By how many of its class came before, then by class, then by row: (round, class, row).
  std::vector<std::tuple<std::size_t, std::string, std::size_t>> order;
  std::map<std::string, std::size_t> seen;
  const bool has_classes = task.kind != TaskKind::regression;
  for (std::size_t row = 0; row < rows.rows(); ++row) {
    if (pictures->is_missing(row)) continue;
    std::string label = target.cell(row);
    const std::size_t round = has_classes ? seen[label]++ : order.size();
    if (round < kShown) order.emplace_back(round, std::move(label), row);
  }
  std::ranges::sort(order);
  if (order.size() > kShown) order.resize(kShown);
  std::ranges::sort(order, {},
                    [](const auto& each) { return std::tuple(std::get<1>(each), std::get<2>(each)); });
  std::vector<ShownPicture> examples;
  for (const auto& [round, label, row] : order) examples.push_back(shown(*pictures, row, label));
  return examples;
}

std::vector<ShownPicture> surest_mistakes(const Table& rows, const Labels& labels,
                                          std::span<const double> predictions, const Task& task) {
  const Column* pictures = find_pictures(rows);
  if (pictures == nullptr || task.kind == TaskKind::regression) return {};
  const bool is_binary = task.kind == TaskKind::binary;
  const auto probability = [&](std::size_t row, std::size_t index) {
    if (is_binary) return index == 1 ? predictions[row] : 1 - predictions[row];
    return predictions[row * task.classes.size() + index];
  };
  struct Mistake {
    double probability;
    std::size_t row, said;
  };
  std::vector<Mistake> mistakes;
  for (std::size_t row = 0; row < rows.rows(); ++row) {
    std::size_t best = 0;
    for (std::size_t i = 1; i < task.classes.size(); ++i)
      if (probability(row, i) > probability(row, best)) best = i;
    if (static_cast<double>(best) != labels.values[row] && !pictures->is_missing(row))
      mistakes.push_back({probability(row, best), row, best});
  }
  std::ranges::stable_sort(mistakes, std::greater<>(), &Mistake::probability);
  if (mistakes.size() > kShown) mistakes.resize(kShown);
  std::vector<ShownPicture> worst;
  for (const Mistake& mistake : mistakes) {
    worst.push_back(
        shown(*pictures, mistake.row, task.classes[static_cast<std::size_t>(labels.values[mistake.row])]));
    worst.back().predicted = task.classes[mistake.said];
    worst.back().probability = mistake.probability;
  }
  return worst;
}

}  // namespace astrolabe
