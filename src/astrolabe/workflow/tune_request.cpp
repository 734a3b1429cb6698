// SPDX-License-Identifier: Apache-2.0
// From what the user wrote to classes of work.
#include <algorithm>
#include <map>
#include <memory>
#include <set>

#include <fmt/format.h>

#include "astrolabe/base/error.h"
#include "astrolabe/base/file.h"
#include "astrolabe/base/text.h"
#include "astrolabe/learners/neural/net_programs.h"
#include "astrolabe/pipeline/shipped_model.h"
#include "astrolabe/runtime/compile.h"
#include "astrolabe/runtime/convolve_class.h"
#include "astrolabe/runtime/convolve_runner.h"
#include "astrolabe/runtime/schedules.h"
#include "astrolabe/workflow/tune.h"

namespace astrolabe {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMaxListBytes = 1 << 20;
constexpr std::size_t kMostShapes = 1000;
constexpr double kLeastNest = 2000;  // elements times operations; smaller nests are all overhead

std::shared_ptr<const Plan> plan_of(const Program& program) {
  auto plan = std::make_shared<Plan>();
  static_cast<void>(compile(program, {.tier = Tier::tiles, .on_pass = [&](const PassReport& pass) {
                                        if (pass.plan != nullptr) *plan = *pass.plan;
                                      }}));
  return plan;
}

// Classes in the order of their first sight, each once; and the programs that they come from.
class Shapes {
 public:
  explicit Shapes(std::size_t threads) : threads_(threads) {}

  void add_product(const GemmShape& shape, const std::string& where) {
    if (shape.a == GemmShape::Form::other || shape.b == GemmShape::Form::other) return;
    const double work =
        2 * static_cast<double>(shape.m) * static_cast<double>(shape.n) * static_cast<double>(shape.k);
    add({.threads = 1, .product = shape, .name = shape_text(shape), .where = where, .work = work});
    if (threads_ < 2) return;
    add({.threads = kTunedThreads,
         .product = shape,
         .name = fmt::format("{} on {} threads", shape_text(shape), kTunedThreads),
         .where = where,
         .work = work});
  }

  void add_convolution(const ConvolveStep& step, const std::string& where) {
    add({.kind = ScheduleKind::convolution,
         .convolution = step,
         .name = convolve_class(step),
         .where = where,
         .work = 2 * convolve_work(step) / static_cast<double>(step.batch)});
  }

  // Members of one system have equal programs; those of another get a number.
  void add_program(const NetProgram& each) {
    const std::shared_ptr<const Plan> plan = plan_of(each.program);
    if (!plans_.insert(each.name + "\n" + print_plan(*plan)).second) return;
    const std::size_t number = ++uses_[each.name];
    const std::string name = number == 1 ? each.name : fmt::format("{} ({})", each.name, number);
    add_plan(plan, name);
    programs_.push_back({name, std::make_shared<const Program>(each.program)});
  }

  void add_plan(const std::shared_ptr<const Plan>& plan, const std::string& where) {
    for (std::size_t i = 0; i < plan->steps.size(); ++i) {
      if (const auto* scan = std::get_if<RecurrenceStep>(&plan->steps[i])) add_plan(scan->plan, where);
      if (const auto* windows = std::get_if<ConvolveStep>(&plan->steps[i])) add_convolution(*windows, where);
      if (const auto* dot = std::get_if<DotStep>(&plan->steps[i])) add_product(shape_of(*dot), where);
      if (const auto* nest = std::get_if<NestStep>(&plan->steps[i])) add_nest(plan, i, *nest, where);
    }
  }

  TuneRequest sorted() && {
    std::ranges::sort(shapes_, [](const TuneShape& one, const TuneShape& other) {
      return one.work != other.work ? one.work > other.work : one.name < other.name;
    });
    return {.shapes = std::move(shapes_), .programs = std::move(programs_)};
  }

 private:
  void add_nest(const std::shared_ptr<const Plan>& plan, std::size_t step, const NestStep& nest,
                const std::string& where) {
    auto work = static_cast<double>(nest.code.body.size());
    std::string extents;
    for (const std::int64_t extent : nest.extents) {
      work *= static_cast<double>(extent);
      extents += fmt::format("{}{}", extents.empty() ? "" : "x", extent);
    }
    if (work < kLeastNest || nest_schedules(nest.code, best_instruction_set()).empty()) return;
    if (!classes_.insert(nest_class(nest)).second) return;
    shapes_.push_back({.kind = ScheduleKind::nest,
                       .plan = plan,
                       .step = step,
                       .name = fmt::format("nest {}, {} operations", extents, nest.code.body.size()),
                       .where = where,
                       .work = work});
  }

  void add(TuneShape shape) {
    if (classes_.insert(shape.name).second) shapes_.push_back(std::move(shape));
  }

  std::size_t threads_;
  std::set<std::string> classes_;
  std::vector<TuneShape> shapes_;
  std::vector<TuneProgram> programs_;
  std::set<std::string> plans_;
  std::map<std::string, std::size_t> uses_;
};

// Rows that a member was fitted on: of members of one system, which are the folds', a part was left out.
// Parts differ by a row, which may make another batch.
std::set<std::size_t> rows_of(const ShippedModel& model, const Member& member) {
  const auto folds =
      static_cast<std::size_t>(std::ranges::count_if(model.members(), [&](const Member& other) {
        return other.system == member.system && other.learner == member.learner &&
               other.settings.size() == member.settings.size();
      }));
  const std::size_t rows = model.card().rows;
  if (folds < 2) return {rows};
  return {rows - rows / folds, rows - (rows + folds - 1) / folds};
}

void add_model(const fs::path& path, Shapes& shapes) {
  const ShippedModel model = load_model(path);
  std::set<std::string> learners;
  bool has_net = false;
  for (const Member& member : model.members()) {
    learners.insert(member.learner);
    for (const std::size_t rows : rows_of(model, member)) {
      for (const NetProgram& each : programs_of(*member.model, member.settings, rows)) {
        shapes.add_program(each);
        has_net = true;
      }
    }
  }
  if (has_net) return;
  throw bad_input({.attempted = "finding the shapes of " + path.string(),
                   .expected = "a model with a net in it",
                   .found = "one of " +
                            join(std::vector<std::string>(learners.begin(), learners.end()), " and ") +
                            ", which has no products to tune",
                   .remedy = "Give a run with --learner mlp, or shapes such as 128x784x256."});
}

// A product or a convolution; false for another text.
bool add_text(std::string_view text, Shapes& shapes) {
  if (const auto product = parse_shape(text)) return shapes.add_product(*product, {}), true;
  if (const auto step = parse_convolve_class(text)) return shapes.add_convolution(*step, {}), true;
  return false;
}

void require_shape(const std::string& text, Shapes& shapes) {
  if (add_text(text, shapes)) return;
  throw usage_error({.attempted = "reading a shape",
                     .expected =
                         "rows x inputs x outputs, such as 128x784x256, then NN, NT, TN or TT if A or B "
                         "lies by columns; or a convolution of pictures by filters, such as "
                         "conv 64x28x28x16 3x3x32 (conv-input, conv-filters: its gradients)",
                     .found = "'" + text + "'",
                     .remedy = "Or give a run's folder, a model.astro, or a file with one shape a line."});
}

void add_list(const fs::path& path, Shapes& shapes) {
  const std::string text = read_file(path, "list of shapes", kMaxListBytes);
  std::size_t number = 0, count = 0;
  for (const std::string& line : split(text, '\n')) {
    ++number;
    const std::string_view shape = trim(std::string_view(line).substr(0, line.find('#')));
    if (shape.empty()) continue;
    const bool is_read = add_text(shape, shapes);
    if (!is_read || ++count > kMostShapes)
      throw bad_input({.attempted = fmt::format("reading line {} of {}", number, path.string()),
                       .expected = is_read ? fmt::format("at most {} shapes", kMostShapes)
                                           : "a shape such as 128x784x256, 128x256x784 NT or "
                                             "conv 64x28x28x16 3x3x32",
                       .found = "'" + std::string(shape.substr(0, 60)) + "'",
                       .remedy = "One shape a line; # begins a comment."});
  }
  if (count == 0)
    throw bad_input({.attempted = "reading shapes from " + path.string(),
                     .expected = "one shape a line, such as 128x784x256",
                     .found = "none",
                     .remedy = {}});
}

// What begins neither with a number nor as a convolution was meant for a file.
bool looks_like_path(const std::string& request) {
  return request.find('/') != std::string::npos ||
         (request.find(',') == std::string::npos && request.find_first_of("0123456789-") != 0 &&
          !request.starts_with("conv"));
}

}  // namespace

TuneRequest shapes_of_request(const std::string& request, std::size_t threads) {
  Shapes shapes(threads);
  std::error_code error;
  const fs::path path = request;
  if (fs::is_directory(path, error)) {
    add_model(path / "model.astro", shapes);
  } else if (fs::exists(path, error)) {
    if (path.extension() == ".astro")
      add_model(path, shapes);
    else
      add_list(path, shapes);
  } else if (looks_like_path(request)) {
    throw bad_input(
        {.attempted = "finding shapes in " + request,
         .expected = "a run's folder, a model.astro, a file of shapes, or shapes such as 128x784x256",
         .found = "no such file or folder",
         .remedy = {}});
  } else {
    for (const std::string& text : split(request, ',')) require_shape(std::string(trim(text)), shapes);
  }
  return std::move(shapes).sorted();
}

}  // namespace astrolabe
