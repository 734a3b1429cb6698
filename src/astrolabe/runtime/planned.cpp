// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/runtime/planned.h"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <deque>
#include <limits>
#include <mutex>

#include "astrolabe/base/error.h"
#include "astrolabe/gemm/gemm.h"
#include "astrolabe/graph/scan.h"
#include "astrolabe/graph/threefry.h"
#include "astrolabe/runtime/convolve_runner.h"
#include "astrolabe/runtime/nest_runner.h"
#include "astrolabe/runtime/recurrence_runner.h"
#include "astrolabe/runtime/schedules.h"
#include "astrolabe/runtime/team.h"

namespace astrolabe {
namespace {

// Compiling a nest takes about as long as the tile interpreter takes for this much work (elements times
// instructions); machine code is about twice as fast as tiles, so it pays once as much has been run, or twice
// as much will be.
constexpr double kCompileWork = 1.5e7, kCompileWorkPerInstruction = 6e5;
constexpr double kTileOverhead = 5e3;  // of running a nest by tiles at all, as work
constexpr double kSharedWork = 2e6;    // of a program, from which threads share it
constexpr double kSharedStep = 1e5;    // of a step

// One address of one step, before the memory of a run is known.
struct Address {
  std::uint32_t buffer;
  std::int64_t bytes;
};

template <class T>
T* at(std::byte* address) {
  return reinterpret_cast<T*>(address);
}

GemmScratch& scratch_of_thread() {
  thread_local GemmScratch scratch;
  return scratch;
}

// How a product is computed by one thread, and by all together.
struct DotSchedules {
  GemmSchedule alone, shared;
};

void run_dot(const DotStep& step, const DotSchedules& schedules, std::byte* const* at_addresses,
             InstructionSet set, std::size_t part, std::size_t parts) {
  const GemmSchedule& schedule = parts == 1 ? schedules.alone : schedules.shared;
  for (std::size_t i = 0; i < step.batch; ++i) {
    const auto batch = static_cast<std::int64_t>(i);
    const Gemm whole{.m = step.m,
                     .n = step.n,
                     .k = step.k,
                     .a = at<const float>(at_addresses[0]) + batch * step.a_batch,
                     .a_row = step.a_row,
                     .a_column = step.a_column,
                     .b = at<const float>(at_addresses[1]) + batch * step.b_batch,
                     .b_row = step.b_row,
                     .b_column = step.b_column,
                     .c = at<float>(at_addresses[2]) + batch * step.c_batch,
                     .c_row = step.c_row};
    gemm(parts == 1 ? whole : gemm_part(whole, parts, part, schedule.split), set, scratch_of_thread(),
         schedule);
  }
}

void run_bits(const BitsStep& step, std::byte* const* addresses) {
  const auto* keys = at<const std::uint32_t>(addresses[0]);
  auto* out = at<std::uint32_t>(addresses[1]);
  for (std::size_t member = 0; member < step.batch; ++member)
    for (std::size_t i = 0; i < step.count; ++i)
      *out++ =
          threefry({keys[2 * member], keys[2 * member + 1]}, {static_cast<std::uint32_t>(i), step.stream})[0];
}

std::size_t clamped(std::int32_t index, std::size_t rows) {
  return static_cast<std::size_t>(std::clamp<std::int64_t>(index, 0, static_cast<std::int64_t>(rows) - 1));
}

void run_take(const TakeStep& step, std::byte* const* addresses) {
  const auto* index = at<const std::int32_t>(addresses[1]);
  for (std::size_t i = 0; i < step.count; ++i)
    std::memcpy(addresses[2] + i * step.row_bytes,
                addresses[0] + clamped(index[i], step.table_rows) * step.row_bytes, step.row_bytes);
}

void run_add_at(const AddAtStep& step, std::byte* const* addresses) {
  const auto* rows = at<const float>(addresses[0]);
  const auto* index = at<const std::int32_t>(addresses[1]);
  auto* table = at<float>(addresses[2]);
  std::fill_n(table, step.table_rows * step.row_elements, 0.0F);
  for (std::size_t i = 0; i < step.count; ++i) {
    float* const to = table + clamped(index[i], step.table_rows) * step.row_elements;
    const float* const from = rows + i * step.row_elements;
    for (std::size_t j = 0; j < step.row_elements; ++j) to[j] += from[j];
  }
}

class Planned : public Executable {
 public:
  Planned(const Graph& graph, std::span<const NodeId> outputs, Plan plan, const CompileOptions& options)
      : plan_(std::move(plan)), set_(options.set) {
    inputs_.assign(graph.input_slots().begin(), graph.input_slots().end());
    states_.assign(graph.state_slots().begin(), graph.state_slots().end());
    scalars_.assign(graph.scalar_slots().begin(), graph.scalar_slots().end());
    for (const NodeId output : outputs) outputs_.push_back({graph.type(output), graph.shape(output)});
    recomputation_ = plan_.recomputation;
    // Schedules were measured with the best set.
    const auto schedules = set_ == best_instruction_set() ? current_schedules() : nullptr;
    const Schedules none;
    add_steps(schedules == nullptr ? none : *schedules);
    add_recurrences(options);
    if (options.tier == Tier::compiled) compile(all_nests());
    if (options.tier == Tier::automatic) {
      use_what_is_there();
      compile(nests_that_will_pay(static_cast<double>(options.expected_runs)));
      plan_next_look(0);
    }
  }

  [[nodiscard]] std::size_t arena_bytes() const override { return plan_.arena_bytes; }

  void run(const Memory& memory, ThreadPool* pool) const override {
    compile_when_it_pays();
    const WorkspaceLease lease;
    auto& [bases, addresses, rows] = *lease;
    find_bases(memory, bases);
    addresses.resize(addresses_.size());
    for (std::size_t i = 0; i < addresses_.size(); ++i)
      addresses[i] = bases[addresses_[i].buffer] + addresses_[i].bytes;
    std::byte* const* const all = addresses.data();
    if (pool == nullptr || pool->size() == 1 || work_ < kSharedWork) {
      for (const Task& task : tasks_) run_task(task, all, 0, 1);
    } else {
      run_as_team(
          *pool, tasks_.size(), [&](std::size_t task) { return parts_of(tasks_[task], pool->size()); },
          [&](std::size_t task, std::size_t part, std::size_t parts) {
            run_task(tasks_[task], all, part, parts);
          });
    }
  }

 private:
  struct Task {
    const Step* step;
    NestRunner* nest;                     // of a nest
    const Planned* recurrence = nullptr;  // the step of a scan
    std::size_t first_address;
    double work;
    DotSchedules schedules;  // of a product
    std::size_t addresses = 0;
    std::size_t chunk = 0, chunks = 1;  // of the pictures
    ConvolveSchedule windows = {};
  };

  // Steps of recurrences are plans of their own.
  void add_recurrences(const CompileOptions& options) {
    for (Task& task : tasks_) {
      const auto* scan = std::get_if<RecurrenceStep>(task.step);
      if (scan == nullptr) continue;
      CompileOptions of_step = options;
      of_step.expected_runs *= scan->steps;
      recurrences_.push_back(std::make_unique<const Planned>(
          scan->body->graph, std::span(&scan->body->next, 1), *scan->plan, of_step));
      task.recurrence = recurrences_.back().get();
      task.work = static_cast<double>(scan->steps) * task.recurrence->work_;
      work_ += task.work;
    }
  }

  // Steps in order, those of a run for the first pictures, then for the next ones, ...
  void add_steps(const Schedules& schedules) {
    auto run = plan_.runs.begin();
    for (std::size_t at = 0; at < plan_.steps.size();) {
      if (run == plan_.runs.end() || run->first != at) {
        add_step(plan_.steps[at++], schedules);
        continue;
      }
      const std::size_t begin = tasks_.size();
      for (; at < run->first + run->count; ++at) add_step(plan_.steps[at], schedules);
      const std::size_t end = tasks_.size();
      for (std::size_t chunk = 0; chunk < run->chunks; ++chunk)
        for (std::size_t i = begin; i < end; ++i) add_chunk(i, chunk, run->chunks);
      tasks_.erase(tasks_.begin() + static_cast<std::ptrdiff_t>(begin),
                   tasks_.begin() + static_cast<std::ptrdiff_t>(end));
      ++run;
    }
  }

  // What a few pictures need of a task. A buffer that holds the pictures of one chunk holds each in its turn.
  void add_chunk(std::size_t whole, std::size_t chunk, std::size_t chunks) {
    Task task = tasks_[whole];
    const std::size_t begin = task.first_address, end = begin + task.addresses;
    task.first_address = addresses_.size();
    task.work /= static_cast<double>(chunks);
    task.chunk = chunk;
    task.chunks = chunks;
    for (std::size_t i = begin; i < end; ++i) {
      Address address = addresses_[i];
      const PlanBuffer& buffer = plan_.buffers[address.buffer];
      if (buffer.chunks > 1)
        address.bytes -=
            static_cast<std::int64_t>(chunk * (buffer.elements / chunks) * element_bytes(buffer.type));
      addresses_.push_back(address);
    }
    tasks_.push_back(task);
  }

  void add_step(const Step& step, const Schedules& schedules) {
    Task task{.step = &step, .nest = nullptr, .first_address = addresses_.size(), .work = 0, .schedules = {}};
    const auto add = [&](const Region& region) {
      const auto size = static_cast<std::int64_t>(element_bytes(plan_.buffers[region.buffer].type));
      addresses_.push_back({static_cast<std::uint32_t>(region.buffer), region.offset * size});
    };
    if (const auto* nest = std::get_if<NestStep>(&step)) {
      for (const Region& region : nest->regions) add(region);
      task.nest = &nests_.emplace_back(*nest, set_, schedules.of_nest(*nest));
      task.work = task.nest->work();
    } else if (const auto* dot = std::get_if<DotStep>(&step)) {
      for (const Region& region : {dot->a, dot->b, dot->c}) add(region);
      task.work = static_cast<double>(dot->m * dot->n * dot->k * dot->batch);
      task.schedules = {.alone = schedules.of_product(shape_of(*dot), 1),
                        .shared = schedules.of_product(shape_of(*dot), kTunedThreads)};
    } else if (const auto* windows = std::get_if<ConvolveStep>(&step)) {
      for (const Region& region : {windows->a, windows->b, windows->out}) add(region);
      task.work = convolve_work(*windows);
      task.windows = schedules.of_convolution(*windows);
    } else if (const auto* scan = std::get_if<RecurrenceStep>(&step)) {
      for (const Region& region : scan->inputs) add(region);
      add(scan->out);
      add(scan->scratch);
    } else if (const auto* bits = std::get_if<BitsStep>(&step)) {
      for (const Region& region : {bits->key, bits->out}) add(region);
    } else if (const auto* take = std::get_if<TakeStep>(&step)) {
      for (const Region& region : {take->table, take->index, take->out}) add(region);
    } else {
      const auto& add_at = std::get<AddAtStep>(step);
      for (const Region& region : {add_at.rows, add_at.index, add_at.table}) add(region);
    }
    work_ += task.work;
    task.addresses = addresses_.size() - task.first_address;
    tasks_.push_back(task);
  }

  [[nodiscard]] std::vector<NestRunner*> all_nests() const {
    std::vector<NestRunner*> all;
    for (NestRunner& nest : nests_) all.push_back(&nest);
    return all;
  }

  static std::vector<const NestCode*> codes_of(std::span<NestRunner* const> nests) {
    std::vector<const NestCode*> codes;
    for (const NestRunner* nest : nests) codes.push_back(&nest->step().code);
    return codes;
  }

  static std::vector<NestSchedule> schedules_of(std::span<NestRunner* const> nests) {
    std::vector<NestSchedule> schedules;
    for (const NestRunner* nest : nests) schedules.push_back(nest->schedule());
    return schedules;
  }

  void compile(const std::vector<NestRunner*>& nests) const {
    if (nests.empty()) return;
    std::vector<Routine> routines = routine_cache().get(codes_of(nests), set_, schedules_of(nests));
    for (std::size_t i = 0; i < nests.size(); ++i) nests[i]->use(std::move(routines[i]));
  }

  void use_what_is_there() const {
    const std::vector<NestRunner*> nests = all_nests();
    std::vector<Routine> routines = routine_cache().find(codes_of(nests), set_, schedules_of(nests));
    for (std::size_t i = 0; i < nests.size(); ++i)
      if (routines[i].function != nullptr) nests[i]->use(std::move(routines[i]));
  }

  static double compile_work(const NestRunner& nest) {
    return kCompileWork + kCompileWorkPerInstruction * static_cast<double>(nest.step().code.body.size());
  }

  // Runs after which compiling a nest has cost no more than running it so far.
  static double runs_to_pay(const NestRunner& nest) {
    return compile_work(nest) / (nest.work() + kTileOverhead);
  }

  [[nodiscard]] std::vector<NestRunner*> nests_that_will_pay(double runs) const {
    std::vector<NestRunner*> paying;
    for (NestRunner& nest : nests_) {
      if (runs == 0 || nest.is_compiled()) continue;
      const double heat =
          routine_cache().add_heat(nest.step().code, set_, runs * (nest.work() + kTileOverhead));
      if (heat >= 2 * compile_work(nest)) paying.push_back(&nest);
    }
    return paying;
  }

  [[nodiscard]] std::vector<NestRunner*> nests_that_pay_after(double runs) const {
    std::vector<NestRunner*> paying;
    for (NestRunner& nest : nests_)
      if (!nest.is_compiled() && runs_to_pay(nest) <= runs) paying.push_back(&nest);
    return paying;
  }

  void plan_next_look(double runs) const {
    double next = std::numeric_limits<double>::infinity();
    for (const NestRunner& nest : nests_)
      if (!nest.is_compiled()) next = std::min(next, runs_to_pay(nest));
    // Looking rarely lets nests that fall due together be compiled together.
    next_look_.store(next == std::numeric_limits<double>::infinity()
                         ? UINT64_MAX
                         : static_cast<std::uint64_t>(std::max(next, 1.25 * runs) + 1),
                     std::memory_order_relaxed);
  }

  // The decision depends on how often the program ran, not on a clock; bytes do not depend on it at all.
  void compile_when_it_pays() const {
    const std::uint64_t runs = runs_.fetch_add(1, std::memory_order_relaxed);
    if (runs < next_look_.load(std::memory_order_relaxed)) return;
    const std::lock_guard lock(compiling_);
    if (runs < next_look_.load(std::memory_order_relaxed)) return;
    compile(nests_that_pay_after(static_cast<double>(runs)));
    plan_next_look(static_cast<double>(runs));
  }

  void find_bases(const Memory& memory, std::vector<std::byte*>& bases) const {
    bases.resize(plan_.buffers.size());
    for (std::size_t i = 0; i < bases.size(); ++i) {
      const PlanBuffer& buffer = plan_.buffers[i];
      // Steps only read inputs and scalars; one type of address serves all.
      bases[i] = buffer.place == Place::input    ? const_cast<std::byte*>(memory.inputs[buffer.slot])
                 : buffer.place == Place::state  ? memory.states[buffer.slot]
                 : buffer.place == Place::scalar ? const_cast<std::byte*>(memory.scalars[buffer.slot])
                 : buffer.place == Place::output ? memory.outputs[buffer.slot]
                                                 : memory.arena + buffer.offset;
    }
  }

  static std::size_t parts_of(const Task& task, std::size_t threads) {
    if (task.work < kSharedStep || task.recurrence != nullptr) return 1;
    if (task.nest != nullptr && task.nest->split_extent() < 2 * task.nest->split_grain()) return 1;
    return threads;
  }

  static void run_nest(const Task& task, std::byte* const* addresses, std::size_t part, std::size_t parts) {
    const std::int64_t extent = task.nest->split_extent(), grain = task.nest->split_grain();
    const std::int64_t units = (extent + grain - 1) / grain;
    const auto bound = [&](std::size_t i) {
      return std::min(extent, units * static_cast<std::int64_t>(task.chunk * parts + i) /
                                  static_cast<std::int64_t>(task.chunks * parts) * grain);
    };
    if (bound(part) < bound(part + 1)) task.nest->run(addresses, bound(part), bound(part + 1));
  }

  void run_task(const Task& task, std::byte* const* all, std::size_t part, std::size_t parts) const {
    std::byte* const* const addresses = all + task.first_address;
    if (task.nest != nullptr) {
      run_nest(task, addresses, part, parts);
    } else if (const auto* dot = std::get_if<DotStep>(task.step)) {
      run_dot(*dot, task.schedules, addresses, set_, part, parts);
    } else if (const auto* windows = std::get_if<ConvolveStep>(task.step)) {
      run_convolve(*windows, addresses, {set_, part, parts, task.chunk, task.chunks, task.windows},
                   scratch_of_thread());
    } else if (task.recurrence != nullptr) {
      if (part == 0) run_recurrence(std::get<RecurrenceStep>(*task.step), *task.recurrence, addresses);
    } else if (part == 0) {
      if (const auto* bits = std::get_if<BitsStep>(task.step)) run_bits(*bits, addresses);
      if (const auto* take = std::get_if<TakeStep>(task.step)) run_take(*take, addresses);
      if (const auto* add_at = std::get_if<AddAtStep>(task.step)) run_add_at(*add_at, addresses);
    }
  }

  Plan plan_;
  InstructionSet set_;
  mutable std::deque<NestRunner> nests_;
  std::vector<std::unique_ptr<const Planned>> recurrences_;
  std::vector<Task> tasks_;
  std::vector<Address> addresses_;
  double work_ = 0;
  mutable std::atomic<std::uint64_t> runs_{0};
  mutable std::atomic<std::uint64_t> next_look_{UINT64_MAX};  // runs after which to ask what pays
  mutable std::mutex compiling_;
};

}  // namespace

std::shared_ptr<const Executable> make_planned(const Graph& graph, std::span<const NodeId> outputs, Plan plan,
                                               const CompileOptions& options) {
  return std::make_shared<Planned>(graph, outputs, std::move(plan), options);
}

}  // namespace astrolabe
