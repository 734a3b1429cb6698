// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/evaluate/candidate.h"

#include <algorithm>
#include <optional>

#include "astrolabe/base/error.h"
#include "astrolabe/evaluate/target_scale.h"
#include "astrolabe/features/extend.h"

namespace astrolabe {

std::vector<double> FittedCandidate::predict(const Table& table, std::span<const RowIndex> rows,
                                             ThreadPool& pool) const {
  const std::size_t outputs = model->outputs();
  std::vector<double> predictions(rows.size() * outputs);
  const bool are_pictures = std::ranges::any_of(
      encoder->columns(), [](const WantedColumn& column) { return column.picture.size() > 0; });
  if (!are_pictures) {
    model->predict(encoder->encode(table, rows, pool), predictions);
    return predictions;
  }
  // Answers about pictures take long, and each is what it is in any company.
  const std::size_t parts = std::min(pool.size(), rows.size());
  pool.for_each(parts, [&](std::size_t k) {
    const std::size_t begin = k * rows.size() / parts, end = (k + 1) * rows.size() / parts;
    ThreadPool own(1);
    model->predict(encoder->encode(table, rows.subspan(begin, end - begin), own),
                   std::span(predictions).subspan(begin * outputs, (end - begin) * outputs));
  });
  return predictions;
}

Labels take_labels(const Labels& all, std::span<const RowIndex> rows) {
  Labels taken{.kind = all.kind, .classes = all.classes, .values = {}, .weights = {}};
  taken.values.reserve(rows.size());
  for (const RowIndex row : rows) taken.values.push_back(all.values[row]);
  if (!all.groups.empty())
    for (const RowIndex row : rows) taken.groups.push_back(all.groups[row]);
  if (all.weights.empty()) return taken;
  taken.weights.reserve(rows.size());
  for (const RowIndex row : rows) taken.weights.push_back(all.weights[row]);
  return taken;
}

namespace {

// Features of the training rows, and how what is gone on from reads them.
struct Beginning {
  std::shared_ptr<const Encoder> encoder;
  FeatureMatrix train;
  std::optional<StartMap> map = {};
};

Beginning begin_fit(const Candidate& candidate, const FittedCandidate* from, const CandidateFit& fit,
                    const Labels& labels) {
  if (from != nullptr && candidate.transfer == nullptr)
    return {.encoder = from->encoder, .train = from->encoder->encode(fit.table, fit.train, fit.pool)};
  const EncodingRequest request{.table = fit.table,
                                .rows = fit.train,
                                .labels = labels,
                                .needs = candidate.learner->needs(),
                                .key = fit.key.split("encoder")};
  if (from == nullptr) {
    FittedEncoding fitted = fit_encoder(request, fit.pool);
    return {.encoder = std::move(fitted.encoder), .train = std::move(fitted.train)};
  }
  ExtendedEncoding extended = extend_encoder(*from->encoder, request, fit.pool);
  extended.map.class_of = candidate.transfer->class_of;
  if (labels.kind == TaskKind::regression)
    fit_target_scale(*from->model, extended.train, labels, extended.map);
  return {.encoder = std::move(extended.encoder),
          .train = std::move(extended.train),
          .map = std::move(extended.map)};
}

// What the teacher says of the training rows.
std::vector<double> taught_rows(const Candidate& candidate, std::span<const RowIndex> rows,
                                std::size_t outputs) {
  std::vector<double> taken;
  if (candidate.taught == nullptr) return taken;
  for (const RowIndex row : rows) {
    const double* const first = candidate.taught->data() + std::size_t{row} * outputs;
    taken.insert(taken.end(), first, first + outputs);
  }
  return taken;
}

}  // namespace

FittedCandidate fit_candidate(const Candidate& candidate, const CandidateFit& fit) {
  ASTROLABE_CHECK(fit.labels.rows() == fit.table.rows(), "one label per row of the table");
  const Learner& learner = *candidate.learner;
  Labels labels = take_labels(fit.labels, fit.train);
  const FittedCandidate* const from =
      candidate.from == nullptr ? nullptr : &(*candidate.from)[fit.turn % candidate.from->size()];
  Beginning encoding = begin_fit(candidate, from, fit, labels);
  const std::vector<double> taught = taught_rows(candidate, fit.train, labels.outputs());
  const TrainingData train{.features = std::move(encoding.train), .labels = std::move(labels)};
  TrainingData watch;
  if (!fit.watch.empty()) {
    watch.features = encoding.encoder->encode(fit.table, fit.watch, fit.pool);
    watch.labels = take_labels(fit.labels, fit.watch);
  }
  std::shared_ptr<const Model> model = learner.fit({.train = train,
                                                    .watch = fit.watch.empty() ? nullptr : &watch,
                                                    .settings = candidate.settings,
                                                    .key = fit.key.split("model"),
                                                    .pool = fit.pool,
                                                    .budget = fit.budget,
                                                    .progress = fit.progress,
                                                    .tell = fit.tell,
                                                    .start = from != nullptr ? from->model.get() : fit.start,
                                                    .start_map = encoding.map ? &*encoding.map : nullptr,
                                                    .taught = taught});
  return {.encoder = std::move(encoding.encoder), .model = std::move(model)};
}

}  // namespace astrolabe
