// SPDX-License-Identifier: Apache-2.0
// Times gemm() against OpenBLAS and oneDNN: equal results first, then the three take turns in short bursts,
// and every figure is a median over rounds, so that a neighbour that takes the core for a while spoils few of
// them.
//
//   astrolabe_bench_gemm [--rounds N] [--threads 1|2] [--set avx512|avx2|plain] [--only square|layer|small]
//   [--tsv]
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#ifdef ASTROLABE_BENCH_OPENBLAS
#include <cblas.h>
#endif
#ifdef ASTROLABE_BENCH_DNNL
#include <dnnl.h>
#endif
#include "benchmarks/bench_measures.h"
#include <fmt/format.h>
#include <immintrin.h>
#include <sys/resource.h>

#include "astrolabe/base/random.h"
#include "astrolabe/gemm/gemm.h"

namespace astrolabe {
namespace {

struct Case {
  std::size_t m, n, k;
  char a, b;  // N or T
  std::string group;
  [[nodiscard]] std::string name() const { return fmt::format("{}x{}x{} {}{}", m, k, n, a, b); }
};

struct Settings {
  int rounds = 31;
  int threads = 1;
  InstructionSet set = best_instruction_set();
  std::string only;
};

// One worker that spins between start() and wait() of a burst: starting a thread costs more than most of
// these products. It sleeps while the rivals run, which use both cores themselves.
class Worker {
 public:
  Worker() : thread_([this] { run(); }) {}
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;
  ~Worker() {
    set_awake(true);
    stop_ = true;
    thread_.join();
  }
  void set_awake(bool awake) {
    awake_ = awake;
    awake_.notify_one();
  }
  void start(const Gemm& part, InstructionSet set) {
    part_ = part;
    set_ = set;
    asked_.store(asked_.load(std::memory_order_relaxed) + 1, std::memory_order_release);
  }
  void wait() const {
    while (done_.load(std::memory_order_acquire) != asked_.load(std::memory_order_relaxed)) _mm_pause();
  }

 private:
  void run() {
    GemmScratch scratch;
    unsigned seen = 0;
    while (!stop_.load(std::memory_order_relaxed)) {
      if (asked_.load(std::memory_order_acquire) == seen) {
        awake_.wait(false);
        _mm_pause();
        continue;
      }
      ++seen;
      gemm(part_, set_, scratch);
      done_.store(seen, std::memory_order_release);
    }
  }

  Gemm part_;
  InstructionSet set_ = InstructionSet::plain;
  alignas(64) std::atomic<unsigned> asked_{0};
  alignas(64) std::atomic<unsigned> done_{0};
  alignas(64) std::atomic<bool> awake_{false};
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

// How often the system took a core from one of our threads.
long preemptions() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_nivcsw;
}

// Seconds per call of a burst that ran undisturbed, if one of a few does; else of the fastest.
double seconds_of(const std::function<void()>& body, int calls, int pause, Worker* worker) {
  constexpr int kAttempts = 8;
  double fastest = std::numeric_limits<double>::infinity();
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    // Threads that still spin after the last burst (those of oneDNN do) would take a core from this one, and
    // who has slept is let run.
    std::this_thread::sleep_for(std::chrono::milliseconds(pause));
    if (worker != nullptr) worker->set_awake(true);
    body();
    body();
    const long before = preemptions();
    const auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < calls; ++i) body();
    const double seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count() / calls;
    const bool is_clean = preemptions() == before;
    if (worker != nullptr) worker->set_awake(false);
    if (is_clean) return seconds;
    fastest = std::min(fastest, seconds);
  }
  return fastest;
}

// Aligned as tensors are, for everybody.
Buffer random_floats(std::size_t count, std::uint64_t number) {
  RandomStream stream(Key::from_seed(7).split(number));
  Buffer values(count * sizeof(float));
  for (float& value : values.as<float>()) value = static_cast<float>(stream.uniform() - 0.5);
  return values;
}

std::vector<Case> make_cases() {
  std::vector<Case> cases;
  for (const std::size_t n : {16, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024})
    cases.push_back({n, n, n, 'N', 'N', "square"});
  const std::size_t layers[][3] = {{64, 16, 64},    {64, 64, 64},    {256, 32, 64},  {256, 64, 64},
                                   {128, 64, 128},  {128, 128, 128}, {128, 128, 10}, {128, 784, 256},
                                   {128, 256, 256}, {1024, 784, 256}};
  for (const auto& form : {"NN", "NT", "TN"}) {
    for (const auto& [m, k, n] : layers) cases.push_back({m, n, k, form[0], form[1], "layer"});
  }
  const std::size_t small[][3] = {{64, 64, 2}, {64, 2, 64},  {2, 64, 64}, {128, 128, 10},
                                  {64, 64, 1}, {1, 64, 64},  {64, 1, 64}, {64, 64, 4},
                                  {64, 64, 8}, {64, 64, 16}, {8, 8, 8},   {16, 16, 16}};
  for (const auto& form : {"NN", "NT", "TN"}) {
    for (const auto& [m, k, n] : small) cases.push_back({m, n, k, form[0], form[1], "small"});
  }
  return cases;
}

// What a program computes C = A B with, given where the operands lie.
struct Operands {
  std::size_t m, n, k;
  bool at, bt;
  std::ptrdiff_t lda, ldb;
  const float* a;
  const float* b;
};

struct Rival {
  std::string name;
  void (*multiply)(const Operands& operands, float* c);
};

// Who was there when this was built.
std::vector<Rival> rivals() {
  std::vector<Rival> all;
#ifdef ASTROLABE_BENCH_OPENBLAS
  all.push_back({"OpenBLAS", [](const Operands& o, float* c) {
                   cblas_sgemm(CblasRowMajor, o.at ? CblasTrans : CblasNoTrans,
                               o.bt ? CblasTrans : CblasNoTrans, static_cast<blasint>(o.m),
                               static_cast<blasint>(o.n), static_cast<blasint>(o.k), 1.0F, o.a,
                               static_cast<blasint>(o.lda), o.b, static_cast<blasint>(o.ldb), 0.0F, c,
                               static_cast<blasint>(o.n));
                 }});
#endif
#ifdef ASTROLABE_BENCH_DNNL
  all.push_back({"oneDNN", [](const Operands& o, float* c) {
                   dnnl_sgemm(o.at ? 'T' : 'N', o.bt ? 'T' : 'N', static_cast<dnnl_dim_t>(o.m),
                              static_cast<dnnl_dim_t>(o.n), static_cast<dnnl_dim_t>(o.k), 1.0F, o.a, o.lda,
                              o.b, o.ldb, 0.0F, c, static_cast<dnnl_dim_t>(o.n));
                 }});
#endif
  return all;
}

struct Row {
  Case shape;
  std::vector<double> gflops;  // ours, then the rivals'
  double ratio = 0;            // to the better rival, in the same round
};

// A product of random matrices, and all who compute it, each into memory of its own: 0 is ours.
class Contest {
 public:
  // With a worker ours is shared by two threads. The worker must outlive it.
  Contest(const Case& shape, InstructionSet set, Worker* worker)
      : shape_(shape),
        set_(set),
        worker_(worker),
        a_(random_floats(shape.m * shape.k, 1)),
        b_(random_floats(shape.k * shape.n, 2)),
        rivals_(rivals()) {
    bodies_.emplace_back([this] { multiply(); });
    for (std::size_t rival = 0; rival < rivals_.size(); ++rival)
      bodies_.emplace_back(
          [this, rival] { rivals_[rival].multiply(operands_, result_of(rival + 1).data()); });
    for (std::size_t who = 0; who < contestants(); ++who) c_.emplace_back(shape.m * shape.n * sizeof(float));
    place_operands();
  }
  Contest(const Contest&) = delete;
  Contest& operator=(const Contest&) = delete;

  [[nodiscard]] std::size_t contestants() const { return bodies_.size(); }

  // Ends the program where a rival's result is not ours.
  void require_equal_results() {
    if (worker_ != nullptr) worker_->set_awake(true);
    for (const auto& body : bodies_) body();
    if (worker_ != nullptr) worker_->set_awake(false);
    const std::span<const float> ours = result_of(0);
    for (std::size_t who = 1; who < contestants(); ++who) {
      const std::span<const float> theirs = result_of(who);
      for (std::size_t i = 0; i < ours.size(); ++i) {
        if (!(std::abs(ours[i] - theirs[i]) <= 1e-5F * static_cast<float>(shape_.k))) {
          fmt::print(stderr, "{}: {} against {} at {}\n", shape_.name(), ours[i], theirs[i], i);
          std::exit(1);
        }
      }
    }
  }

  // Seconds per call of one burst.
  double time(std::size_t who, int calls) {
    return seconds_of(bodies_[who], calls, worker_ != nullptr ? 3 : 1, who == 0 ? worker_ : nullptr);
  }

 private:
  void place_operands() {
    const auto& [m, n, k, ta, tb, group] = shape_;
    const bool at = ta == 'T';
    const bool bt = tb == 'T';
    const auto lda = static_cast<std::ptrdiff_t>(at ? m : k);
    const auto ldb = static_cast<std::ptrdiff_t>(bt ? k : n);
    const float* a = a_.as<float>().data();
    const float* b = b_.as<float>().data();
    operands_ = {m, n, k, at, bt, lda, ldb, a, b};
    product_ = {.m = m,
                .n = n,
                .k = k,
                .a = a,
                .a_row = at ? 1 : lda,
                .a_column = at ? lda : 1,
                .b = b,
                .b_row = bt ? 1 : ldb,
                .b_column = bt ? ldb : 1,
                .c = result_of(0).data(),
                .c_row = static_cast<std::ptrdiff_t>(n),
                .accumulate = false};
  }

  std::span<float> result_of(std::size_t who) { return c_[who].as<float>(); }

  void multiply() {
    if (worker_ == nullptr) {
      gemm(product_, set_, scratch_);
      return;
    }
    const Gemm theirs = gemm_part(product_, 2, 1);
    if (theirs.m != 0 && theirs.n != 0) worker_->start(theirs, set_);
    gemm(gemm_part(product_, 2, 0), set_, scratch_);
    worker_->wait();
  }

  const Case& shape_;
  InstructionSet set_;
  Worker* worker_;
  Buffer a_, b_;
  std::vector<Rival> rivals_;
  std::vector<Buffer> c_;  // [contestants]
  std::vector<std::function<void()>> bodies_;
  Operands operands_{};
  Gemm product_;
  GemmScratch scratch_;
};

Row measure(const Case& shape, const Settings& settings, Worker* worker) {
  Contest contest(shape, settings.set, worker);
  contest.require_equal_results();
  const double flops = 2.0 * static_cast<double>(shape.m * shape.n * shape.k);
  const int calls = std::max(1, static_cast<int>(100e-6 / (flops / 100e9 + 100e-9)));
  std::vector<std::vector<double>> times(contest.contestants());
  std::vector<double> ratios;
  for (int round = 0; round < settings.rounds; ++round) {
    for (std::size_t which = 0; which < times.size(); ++which) {
      const std::size_t who = (which + static_cast<std::size_t>(round)) % times.size();
      times[who].push_back(contest.time(who, calls));
    }
    double better = std::numeric_limits<double>::infinity();
    for (std::size_t who = 1; who < times.size(); ++who) better = std::min(better, times[who].back());
    ratios.push_back(better / times[0].back());
  }
  Row row{.shape = shape, .gflops = {}};
  for (const std::vector<double>& seconds : times) row.gflops.push_back(flops / median(seconds) / 1e9);
  row.ratio = median(ratios);
  return row;
}

// Geometric mean of the ratios and its spread over cases (one standard deviation, as a factor).
void print_mean(const std::vector<Row>& rows, std::string_view group) {
  double sum = 0;
  double squares = 0;
  int count = 0;
  for (const Row& row : rows) {
    if (row.shape.group != group) continue;
    sum += std::log(row.ratio);
    squares += std::log(row.ratio) * std::log(row.ratio);
    ++count;
  }
  if (count == 0) return;
  const double mean = sum / count;
  const double spread = std::sqrt(std::max(0.0, squares / count - mean * mean));
  fmt::print("geometric mean of {}: {:.3f} (spread x{:.2f}, {} shapes)\n", group, std::exp(mean),
             std::exp(spread), count);
}

int run(const Settings& settings) {
  std::string core = "not there";
#ifdef ASTROLABE_BENCH_OPENBLAS
  openblas_set_num_threads(settings.threads);
  core = openblas_get_corename();
#endif
  fmt::print("astrolabe: {}; OpenBLAS core: {}; threads: {}; rounds: {}\n",
             instruction_set_name(settings.set), core, settings.threads, settings.rounds);
  fmt::print("{:<8} {:<18} {:>10}", "group", "MxKxN", "astrolabe");
  for (const Rival& rival : rivals()) fmt::print(" {:>10}", rival.name);
  fmt::print(" {:>7}\n", "ratio");
  std::vector<Row> rows;
  std::unique_ptr<Worker> worker;
  if (settings.threads == 2) worker = std::make_unique<Worker>();
  for (const Case& shape : make_cases()) {
    if (shape.group != settings.only && !shape.name().starts_with(settings.only)) continue;
    rows.push_back(measure(shape, settings, worker.get()));
    const Row& row = rows.back();
    fmt::print("{:<8} {:<18}", shape.group, shape.name());
    for (const double speed : row.gflops) fmt::print(" {:>10.1f}", speed);
    fmt::print(" {:>7.3f}\n", row.ratio);
    std::fflush(stdout);
  }
  for (const auto* const group : {"square", "layer", "small"}) print_mean(rows, group);
  return 0;
}

}  // namespace
}  // namespace astrolabe

int main(int count, char** arguments) {
  astrolabe::Settings settings;
  for (int i = 1; i + 1 < count; i += 2) {
    const std::string_view name = arguments[i];
    const std::string value = arguments[i + 1];
    if (name == "--rounds") settings.rounds = std::atoi(value.c_str());
    if (name == "--threads") settings.threads = std::atoi(value.c_str());
    if (name == "--set") settings.set = astrolabe::parse_instruction_set(value).value();
    if (name == "--only") settings.only = value;
  }
  return astrolabe::run(settings);
}
