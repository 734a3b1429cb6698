// SPDX-License-Identifier: Apache-2.0
// Times convolutions and their two gradients against oneDNN on one thread: equal results first, then both
// take turns in short bursts on the processor's clock, and every figure is a median over rounds. oneDNN lays
// out pictures, filters and answers as it likes best; moving them there is not counted.
//
//   astrolabe_bench_convolution [--rounds N] [--set avx512|avx2|plain] [--only NAME]
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "benchmarks/bench_measures.h"
#include <dnnl.hpp>
#include <fmt/format.h>

#include "astrolabe/base/random.h"
#include "astrolabe/gemm/convolution.h"

namespace astrolabe {
namespace {

using dnnl::memory;

constexpr double kBurst = 4e-3;  // seconds

struct Settings {
  int rounds = 31;
  InstructionSet set = best_instruction_set();
  std::string only;
};

struct Layer {
  std::string name;
  Convolution how;
  int count = 0;  // in ResNet-20
};

Layer layer(const std::string& name, int count, std::size_t size, std::size_t c, std::size_t f,
            std::size_t stride = 1) {
  constexpr std::size_t kBatch = 64, kWindow = 3;
  const std::size_t out = (size + stride - 1) / stride;
  const std::size_t before = stride == 1 ? 1 : 0;  // the zeros of longer steps lie behind
  return {name,
          {.n = kBatch,
           .h = size,
           .w = size,
           .c = c,
           .kh = kWindow,
           .kw = kWindow,
           .f = f,
           .oh = out,
           .ow = out,
           .stride = {stride, stride},
           .before = {before, before}},
          count};
}

// The convolutions of ResNet-20 on 32 x 32 x 3, and the two of the net in bench_convolution_step.
std::vector<Layer> layers() {
  return {layer("resnet first", 1, 32, 3, 16),        layer("resnet 16", 6, 32, 16, 16),
          layer("resnet 16 to 32", 1, 32, 16, 32, 2), layer("resnet 32", 5, 16, 32, 32),
          layer("resnet 32 to 64", 1, 16, 32, 64, 2), layer("resnet 64", 5, 8, 64, 64),
          layer("cnn first", 0, 28, 1, 16),           layer("cnn second", 0, 14, 16, 32)};
}

double seconds_now() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

Buffer random_floats(std::size_t count, std::uint64_t number) {
  RandomStream stream(Key::from_seed(7).split(number));
  Buffer values(count * sizeof(float));
  for (float& value : values.as<float>()) value = static_cast<float>(stream.uniform() - 0.5);
  return values;
}

memory::dim dim(std::size_t size) {
  return static_cast<memory::dim>(size);
}

// One layer: operands of ours, and oneDNN's primitives with memory in the layouts that they asked for.
class Race {
 public:
  explicit Race(const Convolution& how)
      : how_(how),
        pictures_(random_floats(how.n * how.h * how.w * how.c, 1)),
        filters_(random_floats(how.kh * how.kw * how.c * how.f, 2)),
        answers_(random_floats(how.n * how.oh * how.ow * how.f, 3)),
        to_answers_(answers_.bytes()),
        to_pictures_(pictures_.bytes()),
        to_filters_(filters_.bytes()) {
    const auto behind = [&](std::size_t out, std::size_t stride, std::size_t before, std::size_t window,
                            std::size_t size) {
      return dim((out - 1) * stride + window) - dim(before + size);
    };
    after_ = {behind(how.oh, how.stride[0], how.before[0], how.kh, how.h),
              behind(how.ow, how.stride[1], how.before[1], how.kw, how.w)};
    prepare();
  }

  struct Direction {
    std::string name;
    std::function<void(InstructionSet)> ours;
    std::function<void()> rival;
    std::function<double()> difference;  // the largest, after both have run
  };

  std::vector<Direction> directions() {
    const auto ours = [this](auto run, std::size_t parts, Buffer& a, Buffer& b, Buffer& result) {
      return [this, run, parts, &a, &b, &result](InstructionSet set) {
        run(how_, {a.as<float>().data(), b.as<float>().data(), result.as<float>().data(), 0, parts}, set,
            scratch_, {});
      };
    };
    const auto rival = [this](dnnl::primitive& primitive, const std::unordered_map<int, memory>& arguments) {
      return [this, &primitive, arguments] {
        primitive.execute(stream_, arguments);
        stream_.wait();
      };
    };
    return {
        {"forward", ours(convolve, convolve_parts(how_), pictures_, filters_, to_answers_),
         rival(forward_, {{DNNL_ARG_SRC, x_}, {DNNL_ARG_WEIGHTS, w_}, {DNNL_ARG_DST, y_}}),
         [this] { return difference(y_, answers_plain(), to_answers_); }},
        {"to pictures", ours(convolve_input, convolve_input_parts(how_), answers_, filters_, to_pictures_),
         rival(backward_data_,
               {{DNNL_ARG_DIFF_DST, dy_data_}, {DNNL_ARG_WEIGHTS, w_data_}, {DNNL_ARG_DIFF_SRC, dx_}}),
         [this] { return difference(dx_, pictures_plain(), to_pictures_); }},
        {"to filters", ours(convolve_filters, convolve_filters_parts(how_), pictures_, answers_, to_filters_),
         rival(backward_weights_,
               {{DNNL_ARG_SRC, x_weights_}, {DNNL_ARG_DIFF_DST, dy_weights_}, {DNNL_ARG_DIFF_WEIGHTS, dw_}}),
         [this] { return difference(dw_, filters_plain(), to_filters_); }}};
  }

 private:
  using Tag = memory::format_tag;

  [[nodiscard]] memory::dims pictures_dims() const {
    return {dim(how_.n), dim(how_.c), dim(how_.h), dim(how_.w)};
  }
  [[nodiscard]] memory::dims filters_dims() const {
    return {dim(how_.f), dim(how_.c), dim(how_.kh), dim(how_.kw)};
  }
  [[nodiscard]] memory::dims answers_dims() const {
    return {dim(how_.n), dim(how_.f), dim(how_.oh), dim(how_.ow)};
  }
  static memory::desc described(const memory::dims& dims, Tag tag) {
    return {dims, memory::data_type::f32, tag};
  }
  [[nodiscard]] memory::desc pictures_plain() const { return described(pictures_dims(), Tag::nhwc); }
  [[nodiscard]] memory::desc filters_plain() const { return described(filters_dims(), Tag::hwio); }
  [[nodiscard]] memory::desc answers_plain() const { return described(answers_dims(), Tag::nhwc); }

  // A copy of ours in the layout that a primitive wants.
  memory moved(const memory::desc& plain, Buffer& from, const memory::desc& wanted) {
    memory source(plain, engine_, from.as<float>().data());
    memory target(wanted, engine_);
    dnnl::reorder(source, target).execute(stream_, source, target);
    stream_.wait();
    return target;
  }

  double difference(memory& theirs, const memory::desc& plain, Buffer& ours) {
    Buffer found(ours.bytes());
    memory target(plain, engine_, found.as<float>().data());
    dnnl::reorder(theirs, target).execute(stream_, theirs, target);
    stream_.wait();
    double most = 0;
    const auto a = found.as<float>(), b = ours.as<float>();
    for (std::size_t i = 0; i < a.size(); ++i)
      most = std::max(most, std::abs(static_cast<double>(a[i]) - b[i]));
    return most;
  }

  void prepare() {
    const memory::desc x = described(pictures_dims(), Tag::any), w = described(filters_dims(), Tag::any),
                       y = described(answers_dims(), Tag::any);
    const memory::dims steps = {dim(how_.stride[0]), dim(how_.stride[1])};
    const memory::dims before = {dim(how_.before[0]), dim(how_.before[1])};
    const auto direct = dnnl::algorithm::convolution_direct;
    const dnnl::convolution_forward::primitive_desc forward(
        {dnnl::prop_kind::forward_training, direct, x, w, y, steps, before, after_}, engine_);
    const dnnl::convolution_backward_data::primitive_desc data({direct, x, w, y, steps, before, after_},
                                                               engine_, forward);
    const dnnl::convolution_backward_weights::primitive_desc weights({direct, x, w, y, steps, before, after_},
                                                                     engine_, forward);
    forward_ = dnnl::convolution_forward(forward);
    backward_data_ = dnnl::convolution_backward_data(data);
    backward_weights_ = dnnl::convolution_backward_weights(weights);
    x_ = moved(pictures_plain(), pictures_, forward.src_desc());
    w_ = moved(filters_plain(), filters_, forward.weights_desc());
    y_ = memory(forward.dst_desc(), engine_);
    dy_data_ = moved(answers_plain(), answers_, data.diff_dst_desc());
    w_data_ = moved(filters_plain(), filters_, data.weights_desc());
    dx_ = memory(data.diff_src_desc(), engine_);
    x_weights_ = moved(pictures_plain(), pictures_, weights.src_desc());
    dy_weights_ = moved(answers_plain(), answers_, weights.diff_dst_desc());
    dw_ = memory(weights.diff_weights_desc(), engine_);
  }

  Convolution how_;
  Buffer pictures_, filters_, answers_, to_answers_, to_pictures_, to_filters_;
  GemmScratch scratch_;
  memory::dims after_;
  dnnl::engine engine_{dnnl::engine::kind::cpu, 0};
  dnnl::stream stream_{engine_};
  dnnl::primitive forward_, backward_data_, backward_weights_;
  memory x_, w_, y_, dy_data_, w_data_, dx_, x_weights_, dy_weights_, dw_;
};

void run(const Settings& settings) {
  fmt::print(
      "| layer, batch 64 | direction | astrolabe, GFLOP/s | oneDNN | oneDNN's time / ours "
      "|\n|---|---|---|---|---|\n");
  std::vector<double> resnet;
  double ours_in_all = 0, rival_in_all = 0;
  for (const Layer& one : layers()) {
    if (!one.name.starts_with(settings.only)) continue;
    Race race(one.how);
    const Convolution& how = one.how;
    const double flops = 2.0 * static_cast<double>(how.n * how.oh * how.ow * how.f * how.kh * how.kw * how.c);
    for (const Race::Direction& direction : race.directions()) {
      direction.ours(settings.set);
      direction.rival();
      const double terms = direction.name == "to filters"
                               ? static_cast<double>(how.n * how.oh * how.ow)
                               : static_cast<double>(how.kh * how.kw * std::max(how.c, how.f));
      if (!(direction.difference() <= 1e-6 * terms + 1e-5)) {
        fmt::print(stderr, "{} {}: results differ by {}\n", one.name, direction.name, direction.difference());
        std::exit(1);
      }
      const int calls = std::max(1, static_cast<int>(kBurst / (flops / 150e9)));
      const auto seconds_of = [&](const auto& body) {
        body();
        const double begin = seconds_now();
        for (int i = 0; i < calls; ++i) body();
        return (seconds_now() - begin) / calls;
      };
      std::vector<double> ours, rival, ratios;
      for (int round = 0; round < settings.rounds; ++round) {
        const auto time_ours = [&] { ours.push_back(seconds_of([&] { direction.ours(settings.set); })); };
        if (round % 2 == 0) time_ours();
        rival.push_back(seconds_of(direction.rival));
        if (round % 2 == 1) time_ours();
        ratios.push_back(rival.back() / ours.back());
      }
      fmt::print("| {} | {} | {:.1f} | {:.1f} | {:.3f} |\n", one.name, direction.name,
                 flops / median(ours) / 1e9, flops / median(rival) / 1e9, median(ratios));
      std::fflush(stdout);
      if (one.count == 0) continue;
      resnet.push_back(std::log(median(ratios)));
      // Nobody asks for the slope of the data.
      if (one.name == "resnet first" && direction.name == "to pictures") continue;
      ours_in_all += one.count * median(ours);
      rival_in_all += one.count * median(rival);
    }
  }
  if (resnet.empty()) return;
  double sum = 0;
  for (const double ratio : resnet) sum += ratio;
  fmt::print("\nAll convolutions of a step of ResNet-20: {:.1f} ms, oneDNN {:.1f} ms, ratio {:.3f}\n",
             1e3 * ours_in_all, 1e3 * rival_in_all, rival_in_all / ours_in_all);
  fmt::print("Geometric mean of the rows: {:.3f}\n", std::exp(sum / static_cast<double>(resnet.size())));
}

int parse_and_run(const std::vector<std::string>& words) {
  Settings settings;
  for (std::size_t i = 0; i + 1 < words.size(); i += 2) {
    if (words[i] == "--rounds") settings.rounds = std::atoi(words[i + 1].c_str());
    if (words[i] == "--only") settings.only = words[i + 1];
    if (words[i] == "--set") settings.set = parse_instruction_set(words[i + 1]).value_or(settings.set);
  }
  run(settings);
  return 0;
}

}  // namespace
}  // namespace astrolabe

int main(int count, char** arguments) {
  return astrolabe::parse_and_run({arguments + 1, arguments + count});
}
