// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/search/random_proposer.h"

namespace astrolabe {
namespace {

class RandomProposer final : public Proposer {
 public:
  explicit RandomProposer(const Space& space) : space_(space) {}

  [[nodiscard]] std::optional<Proposal> propose(Key key) override {
    return Proposal{.point = random_point(space_, key), .by = "random"};
  }
  void observe(const Observation&) override {}

 private:
  Space space_;
};

}  // namespace

std::unique_ptr<Proposer> make_random_proposer(const Space& space) {
  return std::make_unique<RandomProposer>(space);
}

}  // namespace astrolabe
