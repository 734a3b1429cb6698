// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/runtime/convolve_runner.h"

#include <algorithm>

#include "astrolabe/gemm/convolution.h"

namespace astrolabe {
namespace {

struct Path {
  std::size_t (*parts)(const Convolution&);
  void (*run)(const Convolution&, const ConvolutionCall&, InstructionSet, GemmScratch&,
              const ConvolveSchedule&);
};

Path path_of(Op op) {
  if (op == Op::convolve) return {convolve_parts, convolve};
  if (op == Op::convolve_input) return {convolve_input_parts, convolve_input};
  return {convolve_filters_parts, convolve_filters};
}

Convolution convolution_of(const ConvolveStep& step) {
  return {.n = step.n,
          .h = step.h,
          .w = step.w,
          .c = step.c,
          .kh = step.kh,
          .kw = step.kw,
          .f = step.f,
          .oh = step.oh,
          .ow = step.ow,
          .stride = step.stride,
          .before = step.before};
}

// Of one chunk of the pictures.
void run_filters(const ConvolveStep& step, std::byte* const* addresses, const ConvolveShare& share,
                 GemmScratch& scratch) {
  Convolution how = convolution_of(step);
  how.n = step.n / share.chunks;
  const std::size_t first = how.n * share.chunk, taps = convolve_filters_parts(how);
  convolve_filters(how,
                   {.a = reinterpret_cast<const float*>(addresses[0]) + first * step.h * step.w * step.c,
                    .b = reinterpret_cast<const float*>(addresses[1]) + first * step.oh * step.ow * step.f,
                    .result = reinterpret_cast<float*>(addresses[2]),
                    .begin = taps * share.part / share.parts,
                    .end = taps * (share.part + 1) / share.parts,
                    .accumulate = share.chunk != 0},
                   share.set, scratch, share.schedule);
}

}  // namespace

void run_convolve(const ConvolveStep& step, std::byte* const* addresses, const ConvolveShare& share,
                  GemmScratch& scratch) {
  if (share.chunks > 1 && step.op == Op::convolve_filters)
    return run_filters(step, addresses, share, scratch);
  const Convolution how = convolution_of(step);
  const Path path = path_of(step.op);
  // All members' parts in one row, of which this share is a run.
  const std::size_t each = path.parts(how), all = each * step.batch;
  const std::size_t part = share.chunk * share.parts + share.part, parts = share.chunks * share.parts;
  const std::size_t begin = all * part / parts, end = all * (part + 1) / parts;
  for (std::size_t member = each == 0 ? step.batch : begin / each; member < step.batch && member * each < end;
       ++member) {
    const auto offset = static_cast<std::int64_t>(member);
    path.run(how,
             {.a = reinterpret_cast<const float*>(addresses[0]) + offset * step.a_batch,
              .b = reinterpret_cast<const float*>(addresses[1]) + offset * step.b_batch,
              .result = reinterpret_cast<float*>(addresses[2]) + offset * step.out_batch,
              .begin = std::max(begin, member * each) - member * each,
              .end = std::min(end, (member + 1) * each) - member * each},
             share.set, scratch, share.schedule);
  }
}

double convolve_work(const ConvolveStep& step) {
  return static_cast<double>(step.batch * step.n * step.oh * step.ow) *
         static_cast<double>(step.kh * step.kw * step.c * step.f);
}

}  // namespace astrolabe
