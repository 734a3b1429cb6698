// SPDX-License-Identifier: Apache-2.0
// A fit that begins with a net of other inputs or outputs (model/start_map.h): its plan extended, its weights
// grown to the new ends, and the proof that it starts as the old one.
//
//   const Transfer transfer(*request.start, *request.start_map, used, target, ...);
//   if (transfer.is_warm()) trainer.start(transfer.weights().w);
//   parts.started = transfer.certify(parts, features);
#pragma once

#include <optional>

#include "astrolabe/learners/neural/fit_rows.h"
#include "astrolabe/learners/neural/mlp_model.h"
#include "astrolabe/model/learner.h"
#include "astrolabe/model/start_map.h"
#include "astrolabe/train/grow.h"

namespace astrolabe::neural {

// Rows on which the first answers are compared.
inline constexpr std::size_t kCertifiedRows = 512;
// Of the learning rate, where the settings leave it open and nothing is new to the net but its size: what is
// known should not be shaken. What is new (an input, an output) is learned at all of it.
inline constexpr double kTransferRate = 0.5;

// And the epochs then, of `all` from nothing: a third of what the old net `needed`, so that watching and
// fitting again together cost at most a third of what they cost from nothing; at least 8, so that a line of
// nets that go on from each other does not come to rest, or 20 where it does not know all, because what the
// old net needed says nothing of what is new; and never more than a third of all. The schedule runs to its
// end within them. 0 needed: nobody knows. At least 1. Measured in benchmarks/growth.
[[nodiscard]] std::size_t transfer_epochs(std::size_t all, std::size_t needed, bool knows_all);
// Epochs without a better loss on watched rows: half of such a horizon, unless less was asked for.
[[nodiscard]] std::size_t transfer_patience(std::size_t asked, std::size_t epochs);
// Whether a net that met new inputs (and no new outputs) had less than a quarter of what there is to know, by
// losses of watched rows: of the constant answer, of its start, and after such a horizon. Then it is the new
// inputs that decide, and they have to be learned as from nothing.
[[nodiscard]] bool knew_little(double of_constant, double at_start, double at_end);

// What a net of these texts, fitted on these rows from nothing, would be given.
struct TransferRequest {
  const Model* start = nullptr;
  const StartMap* map = nullptr;
  const UsedRows& used;
  const Target& target;
  Initialization initialization;
  Key key;
  ThreadPool& pool;
  std::size_t cells = 0;  // as InputPlan::fit takes them
};

class Transfer {
 public:
  // `parts` are those of a fit from nothing, without bins. Where the start can be taken over, parts.plan,
  // parts.answer and parts.bins become what they must be for it; otherwise they stay, and facts().why says
  // why.
  Transfer(const TransferRequest& request, MlpParts& parts);

  [[nodiscard]] bool is_warm() const { return grown_.growth != Growth::none; }
  // Of a warm one, for all epochs and the whole rate from nothing.
  [[nodiscard]] std::size_t epochs(std::size_t all) const;
  [[nodiscard]] double rate_share() const { return knows_all_ ? kTransferRate : 1; }
  [[nodiscard]] bool only_inputs_are_new() const { return only_inputs_are_new_; }
  [[nodiscard]] const Grown& weights() const { return grown_; }
  // Before the first step: what the start says of the first rows against what `parts` with these weights say.
  [[nodiscard]] StartFacts certify(const MlpParts& parts, const FeatureMatrix& features) const;

 private:
  [[nodiscard]] std::string take_over(MlpParts& parts);
  [[nodiscard]] std::string take_over_answer(MlpParts& parts, NetEnds& ends) const;
  void take_over_bins(MlpParts& parts, const NetEnds& ends) const;

  const TransferRequest& request_;
  const MlpParts* parent_;
  Grown grown_;
  StartFacts facts_;
  bool only_inputs_are_new_ = false;
  bool knows_all_ = false;  // nothing is new to the net but its size
};

}  // namespace astrolabe::neural
