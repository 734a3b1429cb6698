// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/learners/neural/transfer.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <fmt/format.h>

#include "astrolabe/base/error.h"

namespace astrolabe::neural {
namespace {

// Columns of x, and indices of categories, that each feature takes.
struct Place {
  std::size_t at = 0, width = 0;
  bool is_category = false;
};

Place place_of(const InputPlan::Route& route) {
  if (route.way == InputPlan::Way::index) return {.at = route.at, .width = 1, .is_category = true};
  return {.at = route.at, .width = route.way == InputPlan::Way::one_hot ? route.codes : 1U};
}

// Which inputs of a net on the plan `now` were which on the plan `before`.
void connect_inputs(const InputPlan& before, const InputPlan& now, const StartMap& map, NetEnds& ends) {
  ends.numbers.assign(now.numbers(), kNewBlock);
  ends.categories.assign(now.categories().size(), kNewBlock);
  if (map.keeps_features(now.features())) {  // shared buckets too
    std::iota(ends.numbers.begin(), ends.numbers.end(), std::size_t{0});
    std::iota(ends.categories.begin(), ends.categories.end(), std::size_t{0});
    return;
  }
  for (std::size_t feature = 0; feature < map.feature_of.size(); ++feature) {
    if (map.feature_of[feature] == StartMap::kGone) continue;
    const Place from = place_of(before.routes()[feature]);
    const Place to = place_of(now.routes()[map.feature_of[feature]]);
    for (std::size_t k = 0; k < to.width; ++k)
      (to.is_category ? ends.categories : ends.numbers)[to.at + k] = from.at + k;
  }
}

// What the parent's first layer reads where every cell is missing.
std::vector<float> input_of_missing(const MlpParts& parent, const NetSpec& net, const StartMap& map) {
  const EncodedRows row = parent.plan.encode(map.missing, 0, 1);
  std::vector<std::int32_t> codes;
  for (const std::vector<std::int32_t>& of_category : row.codes) codes.push_back(of_category[0]);
  return input_of_row(net, parent.w, parent.bins, row.x, codes);
}

// Two classes by one output become several: the first of them stays at 0, the second is the old output.
bool spreads_two_classes(const Answer& before, const Answer& now) {
  return before.head == Head::binary && now.head == Head::classes;
}

double mean_of(std::span<const float> values) {
  return std::accumulate(values.begin(), values.end(), 0.0,
                         [](double sum, float value) { return sum + static_cast<double>(value); }) /
         static_cast<double>(std::max<std::size_t>(values.size(), 1));
}

// Outputs of classes, and where those begin that are new: as likely, on average, as among the new rows.
void connect_classes(const MlpParts& parent, const NetSpec& parent_net, const StartMap& map,
                     const std::vector<float>& bias, bool spreads, NetEnds& ends) {
  const std::size_t outputs = ends.outputs.size();
  const ParameterLayout layout = layout_of(parent_net);
  const std::span<const float> old_bias =
      std::span(parent.w).subspan(layout.find("out.b").offset, parent_net.outputs);
  std::vector<float> known;  // of these rows, for the classes that the parent knows
  for (const std::size_t k : map.class_of) known.push_back(bias[k]);
  const double level = (spreads ? static_cast<double>(old_bias[0]) / 2 : mean_of(old_bias)) - mean_of(known);
  ends.bias.resize(outputs);
  for (std::size_t k = 0; k < outputs; ++k)
    ends.bias[k] = static_cast<float>(static_cast<double>(bias[k]) + level);
  for (std::size_t k = 0; k < map.class_of.size(); ++k) {
    if (!spreads)
      ends.outputs[map.class_of[k]] = k;
    else if (k == 1)
      ends.outputs[map.class_of[k]] = 0;
    else
      ends.bias[map.class_of[k]] = 0;
  }
}

constexpr std::size_t kShareOfEpochs = 3;  // one in so many
constexpr std::size_t kLeastEpochs = 8;
constexpr std::size_t kLeastEpochsOfNew = 20;
constexpr double kLittle = 0.25;  // of what there is to know

}  // namespace

std::size_t transfer_epochs(std::size_t all, std::size_t needed, bool knows_all) {
  const std::size_t most = std::max<std::size_t>(all / kShareOfEpochs, 1);
  if (needed == 0) return most;
  const std::size_t least = knows_all ? kLeastEpochs : kLeastEpochsOfNew;
  return std::min(most, std::max(least, (needed + kShareOfEpochs - 1) / kShareOfEpochs));
}

std::size_t transfer_patience(std::size_t asked, std::size_t epochs) {
  return std::min(asked, std::max<std::size_t>((epochs + 1) / 2, 1));
}

bool knew_little(double of_constant, double at_start, double at_end) {
  return at_start - at_end > (1 - kLittle) * (of_constant - at_end);
}

Transfer::Transfer(const TransferRequest& request, MlpParts& parts)
    : request_(request), parent_(request.start == nullptr ? nullptr : parts_of(*request.start)) {
  facts_.is = parts.texts.architecture;
  if (parent_ == nullptr) {
    facts_.why = "a model of another family";
    return;
  }
  facts_.was = parent_->texts.architecture;
  facts_.why = take_over(parts);
}

std::size_t Transfer::epochs(std::size_t all) const {
  return transfer_epochs(all, static_cast<std::size_t>(parent_->best_epoch), knows_all_);
}

std::string Transfer::take_over(MlpParts& parts) {
  std::optional<InputPlan> plan = InputPlan::extend(parent_->plan, *request_.map, request_.used.features(),
                                                    request_.used.weights(), request_.pool, request_.cells);
  if (!plan) return "more columns than a net has inputs";
  const NetSpec parent_net = make_net(parent_->texts, parent_->plan, parent_->outputs, parent_->picture);
  const NetSpec net = make_net(parts.texts, *plan, parts.outputs, parts.picture);
  NetEnds ends;
  connect_inputs(parent_->plan, *plan, *request_.map, ends);
  ends.outputs.assign(parts.outputs, kNewBlock);
  ends.bias.assign(parts.outputs, 0.0F);
  const Answer own = parts.answer;
  std::string why = take_over_answer(parts, ends);
  if (why.empty()) {
    const bool spreads = spreads_two_classes(parent_->answer, parts.answer);
    if (parts.answer.head == Head::classes)
      connect_classes(*parent_, parent_net, *request_.map, request_.target.bias, spreads, ends);
    else
      ends.outputs[0] = 0;
    if (request_.map->has_gone()) ends.gone = input_of_missing(*parent_, parent_net, *request_.map);
    grown_ = grow_weights(net, {.net = parent_net, .w = parent_->w, .running = parent_->running},
                          request_.initialization, request_.key, &ends);
    why = grown_.why;
  }
  if (!is_warm()) {
    parts.answer = own;
    return why;
  }
  const auto has_new = [](const std::vector<std::size_t>& ends_of_child) {
    return std::ranges::find(ends_of_child, kNewBlock) != ends_of_child.end();
  };
  const bool inputs_are_new = has_new(ends.numbers) || has_new(ends.categories);
  only_inputs_are_new_ = inputs_are_new && !has_new(ends.outputs);
  knows_all_ = !inputs_are_new && !has_new(ends.outputs);
  parts.plan = std::move(*plan);
  parts.picture = parent_->picture;
  take_over_bins(parts, ends);
  return why;
}

// What the answers of numbers are multiples of: the parent's while the target is where it was, so that
// nothing is rounded.
std::string Transfer::take_over_answer(MlpParts& parts, NetEnds& ends) const {
  const Answer &before = parent_->answer, own = parts.answer;
  const bool same_question = before.head == own.head || spreads_two_classes(before, own);
  if (!same_question || before.is_logarithmic != own.is_logarithmic) return "another kind of answer";
  if (own.head != Head::number) return {};
  if (!(before.scale > 0) || !(own.scale > 0)) return "a target that was constant";
  const double slope = request_.map->slope, shift = request_.map->shift;
  const double ratio = own.scale / before.scale;
  const bool stays = slope == 1 && shift == 0 && ratio > 0.5 && ratio < 2 &&
                     std::abs(own.centre - before.centre) < 2 * before.scale;
  if (stays) {
    parts.answer = before;
    parts.answer.highest = std::max(before.highest, own.highest);
    return {};
  }
  if (own.is_logarithmic) {
    // scale exp(z): a factor is a shift of z; what was added to it stays behind.
    ends.shift = std::log(std::max(slope, 1e-12) * before.scale / own.scale);
    return {};
  }
  ends.slope = slope * before.scale / own.scale;
  ends.shift = (shift + slope * before.centre - own.centre) / own.scale;
  return {};
}

// Of the numbers that the parent had, its own; of new ones, those of the rows.
void Transfer::take_over_bins(MlpParts& parts, const NetEnds& ends) const {
  const NetSpec net = make_net(parts.texts, parts.plan, parts.outputs, parts.picture);
  if (net.bins == 0) return;
  if (request_.map->keeps_features(parts.plan.features())) {
    parts.bins = parent_->bins;
    return;
  }
  const PreparedRows prepared(request_.used, parts.plan, parts.answer, parts.picture);
  parts.bins = parts.plan.bins(prepared.encoded(), request_.used.weights(), request_.pool);
  const std::size_t known = parent_->bins.low.size() / std::max<std::size_t>(net.bins, 1);
  for (std::size_t i = 0; i < net.embedded; ++i) {
    if (ends.numbers[i] >= known) continue;
    const auto from = static_cast<std::ptrdiff_t>(ends.numbers[i] * net.bins);
    const auto to = static_cast<std::ptrdiff_t>(i * net.bins), count = static_cast<std::ptrdiff_t>(net.bins);
    std::copy_n(parent_->bins.low.begin() + from, count, parts.bins.low.begin() + to);
    std::copy_n(parent_->bins.scale.begin() + from, count, parts.bins.scale.begin() + to);
  }
}

StartFacts Transfer::certify(const MlpParts& parts, const FeatureMatrix& features) const {
  StartFacts facts = facts_;
  facts.is_warm = is_warm();
  facts.is_exact = grown_.growth == Growth::exact;
  if (!facts.is_warm) return facts;
  std::vector<std::uint32_t> rows(std::min(kCertifiedRows, features.rows));
  std::iota(rows.begin(), rows.end(), 0U);
  const FeatureMatrix some = features.take_rows(rows);
  MlpParts first = parts;
  first.w = grown_.w;
  first.running = grown_.running;
  const std::unique_ptr<const Model> now = make_mlp_model(std::move(first));
  std::vector<double> said(rows.size() * now->outputs());
  now->predict(some, said);
  const std::vector<double> before = start_answers(*request_.start, *request_.map, some);
  facts.rows = rows.size();
  facts.difference =
      largest_difference(before, request_.start->outputs(), said, now->outputs(), *request_.map);
  facts.answer_scale = parts.answer.head == Head::number ? parts.answer.scale : 1;
  return facts;
}

}  // namespace astrolabe::neural
