// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/lower/picture_runs.h"

#include <algorithm>
#include <optional>

namespace astrolabe {
namespace {

// Bytes of the memory of a buffer: [begin, end) for the first picture, `step` further for each one after it.
struct Touch {
  std::size_t space = 0;  // a buffer, the first of those that share its memory
  std::int64_t begin = 0, end = 0, step = 0;
  bool is_write = false;

  // Of the pictures [from, to).
  [[nodiscard]] std::int64_t low(std::int64_t from, std::int64_t to) const {
    return begin + std::min(step * from, step * (to - 1));
  }
  [[nodiscard]] std::int64_t high(std::int64_t from, std::int64_t to) const {
    return end + std::max(step * from, step * (to - 1));
  }
};

using Touches = std::vector<Touch>;

class RunFinder {
 public:
  RunFinder(std::span<const Step> steps, std::span<PlanBuffer> buffers, std::span<const std::size_t> lies_at,
            const RunLimits& limits)
      : steps_(steps), buffers_(buffers), lies_at_(lies_at), limits_(limits) {}

  std::vector<PictureRun> find() {
    std::vector<PictureRun> runs;
    for (std::size_t at = 0; at < steps_.size();) {
      const PictureRun run = run_from(at);
      if (run.chunks > 1) runs.push_back(run);
      at += run.count;
    }
    return runs;
  }

 private:
  // The pictures of the first convolution from a step on, nests alone lying between.
  [[nodiscard]] std::int64_t pictures_from(std::size_t first) const {
    for (std::size_t at = first; at < steps_.size(); ++at) {
      if (const auto* windows = std::get_if<ConvolveStep>(&steps_[at]))
        return windows->batch == 1 ? static_cast<std::int64_t>(windows->n) : 1;
      if (!std::holds_alternative<NestStep>(steps_[at])) return 1;
    }
    return 1;
  }

  static std::int64_t shared_bytes(const Touches& touches) {
    std::int64_t bytes = 0;
    for (const Touch& touch : touches) bytes += touch.step == 0 ? touch.end - touch.begin : 0;
    return bytes;
  }

  [[nodiscard]] PictureRun run_from(std::size_t first) {
    const PictureRun single{.first = first};
    const std::int64_t pictures = pictures_from(first);
    if (pictures < 2) return single;
    std::vector<Touches> touched;
    bool has_convolution = false;
    for (std::size_t at = first; at < steps_.size(); ++at) {
      auto touches = touches_of(steps_[at], pictures);
      if (!touches || shared_bytes(*touches) > limits_.shared ||
          !std::ranges::all_of(touched,
                               [&](const Touches& before) { return can_follow(before, *touches, pictures); }))
        break;
      touched.push_back(std::move(*touches));
      has_convolution = has_convolution || std::holds_alternative<ConvolveStep>(steps_[at]);
    }
    std::int64_t bytes = 0;  // of a picture
    for (const Touches& step : touched)
      for (const Touch& touch : step) bytes += touch.step == 0 ? 0 : touch.end - touch.begin;
    if (!has_convolution || touched.size() < 2 || bytes * pictures < limits_.least) return single;
    std::int64_t each =
        std::clamp(limits_.chunk / std::max<std::int64_t>(bytes, 1), std::int64_t{1}, pictures);
    while (pictures % each != 0) --each;
    const PictureRun run{
        .first = first, .count = touched.size(), .chunks = static_cast<std::size_t>(pictures / each)};
    shrink_buffers(run, touched, pictures);
    return run;
  }

  // Memory that lives in the run alone, and that every step walks through picture by picture.
  void shrink_buffers(const PictureRun& run, const std::vector<Touches>& touched, std::int64_t pictures) {
    std::vector<bool> can_shrink(buffers_.size(), true);
    for (std::size_t i = 0; i < buffers_.size(); ++i) {
      const PlanBuffer& buffer = buffers_[i];
      if (buffer.place != Place::arena || buffer.first_step < run.first ||
          buffer.last_step >= run.first + run.count)
        can_shrink[lies_at_[i]] = false;
    }
    for (const Touches& step : touched) {
      for (const Touch& touch : step) {
        const PlanBuffer& buffer = buffers_[touch.space];
        const auto all = static_cast<std::int64_t>(buffer.elements * element_bytes(buffer.type));
        if (touch.step * pictures != all || touch.begin < 0 || touch.end > touch.step)
          can_shrink[touch.space] = false;
      }
    }
    for (std::size_t i = 0; i < buffers_.size(); ++i)
      if (can_shrink[lies_at_[i]]) buffers_[i].chunks = run.chunks;
  }

  [[nodiscard]] Touch touch(const Region& region, std::int64_t low, std::int64_t high, std::int64_t step,
                            bool is_write) const {
    const auto size = static_cast<std::int64_t>(element_bytes(buffers_[region.buffer].type));
    return {.space = lies_at_[region.buffer],
            .begin = (region.offset + low) * size,
            .end = (region.offset + high + 1) * size,
            .step = step * size,
            .is_write = is_write};
  }

  // What a step touches for one picture; nothing when it cannot be cut into pictures.
  [[nodiscard]] std::optional<Touches> touches_of(const Step& step, std::int64_t pictures) const {
    if (const auto* nest = std::get_if<NestStep>(&step)) return touches_of_nest(*nest, pictures);
    if (const auto* windows = std::get_if<ConvolveStep>(&step)) return touches_of_windows(*windows, pictures);
    return std::nullopt;
  }

  [[nodiscard]] std::optional<Touches> touches_of_nest(const NestStep& nest, std::int64_t pictures) const {
    const std::size_t loops = nest.code.loops;
    if (loops < 2 || split_loop(nest.code) != 0 || nest.extents[0] % pictures != 0) return std::nullopt;
    const std::int64_t each = nest.extents[0] / pictures;
    Touches touches;
    for (std::size_t access = 0; access < nest.regions.size(); ++access) {
      std::int64_t low = 0, high = 0;
      for (std::size_t loop = 0; loop < loops; ++loop) {
        const std::int64_t last =
            ((loop == 0 ? each : nest.extents[loop]) - 1) * nest.strides[access * loops + loop];
        low += std::min<std::int64_t>(last, 0);
        high += std::max<std::int64_t>(last, 0);
      }
      touches.push_back(touch(nest.regions[access], low, high, each * nest.strides[access * loops],
                              is_written(nest.code, access)));
    }
    return touches;
  }

  static bool is_written(const NestCode& code, std::size_t access) {
    const auto writes = [&](const auto& write) { return write.access == access; };
    return std::ranges::any_of(code.stores, writes) || std::ranges::any_of(code.reductions, writes);
  }

  [[nodiscard]] std::optional<Touches> touches_of_windows(const ConvolveStep& step,
                                                          std::int64_t pictures) const {
    if (step.batch != 1 || static_cast<std::int64_t>(step.n) != pictures) return std::nullopt;
    const auto picture = static_cast<std::int64_t>(step.h * step.w * step.c);
    const auto answers = static_cast<std::int64_t>(step.oh * step.ow * step.f);
    const auto filters = static_cast<std::int64_t>(step.kh * step.kw * step.c * step.f);
    const auto by_picture = [&](const Region& region, std::int64_t elements, bool is_write) {
      return touch(region, 0, elements - 1, elements, is_write);
    };
    const auto whole = [&](const Region& region, bool is_write) {
      return touch(region, 0, filters - 1, 0, is_write);
    };
    switch (step.op) {
      case Op::convolve:
        return Touches{by_picture(step.a, picture, false), whole(step.b, false),
                       by_picture(step.out, answers, true)};
      case Op::convolve_input:
        return Touches{by_picture(step.a, answers, false), whole(step.b, false),
                       by_picture(step.out, picture, true)};
      default:
        return Touches{by_picture(step.a, picture, false), by_picture(step.b, answers, false),
                       whole(step.out, true)};
    }
  }

  // Whether `after` may be done for a picture while `before` is not done for those behind it.
  static bool can_follow(const Touches& before, const Touches& after, std::int64_t pictures) {
    return std::ranges::all_of(after, [&](const Touch& later) {
      return std::ranges::all_of(before, [&](const Touch& earlier) {
        if (earlier.space != later.space || !(earlier.is_write || later.is_write)) return true;
        for (std::int64_t i = 0; i + 1 < pictures; ++i)
          if (meet(earlier, i + 1, pictures, later, i)) return false;
        return true;
      });
    });
  }

  static bool meet(const Touch& many, std::int64_t from, std::int64_t to, const Touch& one, std::int64_t i) {
    return many.low(from, to) < one.high(i, i + 1) && one.low(i, i + 1) < many.high(from, to);
  }

  std::span<const Step> steps_;
  std::span<PlanBuffer> buffers_;
  std::span<const std::size_t> lies_at_;
  RunLimits limits_;
};

}  // namespace

std::vector<PictureRun> find_picture_runs(std::span<const Step> steps, std::span<PlanBuffer> buffers,
                                          std::span<const std::size_t> lies_at, const RunLimits& limits) {
  return RunFinder(steps, buffers, lies_at, limits).find();
}

}  // namespace astrolabe
