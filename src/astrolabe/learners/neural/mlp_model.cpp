// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/learners/neural/mlp_model.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <mutex>
#include <numeric>

#include <fmt/format.h>

#include "astrolabe/base/error.h"
#include "astrolabe/base/text.h"
#include "astrolabe/learners/neural/fitted_weights.h"
#include "astrolabe/model/limited_fit.h"

namespace astrolabe::neural {
namespace {

constexpr std::uint8_t kFormat = 1;
constexpr std::uint8_t kPictureFormat = 2;   // what a net of pictures reads stands behind it
constexpr std::uint8_t kMirroredFormat = 3;  // the same, of one that looks into the mirror too
constexpr std::size_t kMostSide = 1 << 12;   // of a picture
constexpr std::size_t kMaxText = 16384;
constexpr std::array<std::size_t, 2> kPictureBlocks{1, 64};  // as kAnswerBlocks, of pictures
constexpr double kMost = std::numeric_limits<double>::max();

class MlpModel : public Model, public RecordedFit, public LimitedFit, public StartedFit {
 public:
  explicit MlpModel(MlpParts parts)
      : parts_(std::move(parts)),
        net_(make_net(parts_.texts, parts_.plan, parts_.outputs, parts_.picture)),
        layout_(layout_of(net_)),
        blocks_(parts_.picture.is_there() ? kPictureBlocks : kAnswerBlocks) {}

  [[nodiscard]] const ParameterLayout& layout() const { return layout_; }
  [[nodiscard]] const NetSpec& net() const { return net_; }
  [[nodiscard]] const MlpParts& parts() const { return parts_; }

  void predict(const FeatureMatrix& features, std::span<double> out) const override {
    ASTROLABE_CHECK(features.features() == parts_.plan.features() && out.size() == features.rows * outputs(),
                    "the features that the model was trained on");
    if (features.rows == 0) return;
    const std::size_t size = features.rows <= blocks_[0] ? 0 : 1;
    const std::size_t block = blocks_[size];
    const PictureRows pictures = parts_.picture.read(features.pixels);
    std::vector<float> values(block * net_.trunk.picture.count());
    std::vector<std::int32_t> shown(block);
    Execution run(executable(size));
    bind_fitted(run, net_, {parts_.w, parts_.running, parts_.bins});
    for (std::size_t begin = 0; begin < features.rows; begin += block) {
      const std::size_t count = std::min(block, features.rows - begin);
      EncodedRows rows = parts_.plan.encode(features, begin, begin + count);
      rows.x.resize(block * parts_.plan.numbers());
      run.bind_input("x", rows.x.data());
      for (std::size_t i = 0; i < rows.codes.size(); ++i) {
        rows.codes[i].resize(block);
        run.bind_input(fmt::format("codes{}", i), rows.codes[i].data());
      }
      if (parts_.picture.is_there()) {
        std::iota(shown.begin(), shown.end(), static_cast<std::int32_t>(begin));
        read_pictures(pictures, parts_.picture.size, std::span(shown).first(count), values);
        run.bind_input("pictures", values.data());
      }
      run.run();
      const std::span<double> answers = out.subspan(begin * outputs(), count * outputs());
      answer(run, block, count, answers);
      if (!parts_.picture.mirrors) continue;
      mirror_pictures(parts_.picture.size, values);
      run.run();
      std::vector<double> mirrored(answers.size());
      answer(run, block, count, mirrored);
      for (std::size_t i = 0; i < answers.size(); ++i) answers[i] = answers[i] / 2 + mirrored[i] / 2;
    }
  }

  [[nodiscard]] const FitCurve& curve() const override { return parts_.curve; }
  [[nodiscard]] const std::string& memory_words() const override { return parts_.memory; }
  [[nodiscard]] const StartFacts& start() const override { return parts_.started; }
  [[nodiscard]] std::size_t outputs() const override { return parts_.outputs; }
  [[nodiscard]] std::vector<double> importance() const override { return parts_.importance; }
  [[nodiscard]] bool was_cut_short() const override { return parts_.cut_short; }
  [[nodiscard]] bool has_diverged() const override { return parts_.diverged; }

  [[nodiscard]] SettingValues settings_found() const override {
    // 0 would mean "find out" and "never".
    SettingValues found{
        {"epochs", static_cast<std::int64_t>(std::max<std::uint64_t>(parts_.epochs, 1))},
        {"stop_after", static_cast<std::int64_t>(std::max<std::uint64_t>(parts_.best_epoch, 1))}};
    if (parts_.learning_rate > 0) found["learning_rate"] = parts_.learning_rate;
    return found;
  }

  [[nodiscard]] std::string summary() const override {
    if (parts_.best_epoch == 0)
      return fmt::format("{} {}, never better than {}{}", parts_.texts.architecture, parts_.texts.activation,
                         parts_.started.is_warm ? "what it began with" : "the best constant",
                         parts_.diverged ? ": training diverged" : "");
    // A loss of exactly 0 was not measured: private training measures none.
    const std::string loss =
        parts_.loss == 0
            ? ""
            : fmt::format(", {} loss {:.4g}", parts_.watched ? "watched" : "training", parts_.loss);
    return fmt::format(
        "{} {}, {} of {} epochs, {} parameters{}{}{}", parts_.texts.architecture, parts_.texts.activation,
        format_count(parts_.best_epoch), format_count(parts_.epochs), format_count(layout_.count()), loss,
        parts_.learning_rate > 0 ? fmt::format(", learning rate {:.2g}", parts_.learning_rate) : "",
        parts_.diverged ? ", then training diverged" : "");
  }

  void save(ArchiveWriter& archive) const override;

 private:
  [[nodiscard]] std::shared_ptr<const Executable> executable(std::size_t size) const {
    const std::scoped_lock lock(mutex_);
    std::shared_ptr<const Executable>& made = executables_[size];
    if (made == nullptr)
      made = compile(
          answer_program(net_, layout_, parts_.answer.head, parts_.answer.is_logarithmic, blocks_[size]));
    return made;
  }

  // Of the first `count` rows of a block. What is not finite is answered by the constant.
  void answer(const Execution& run, std::size_t block, std::size_t count, std::span<double> out) const {
    const std::span<const float> first = run.output<float>(0);
    if (parts_.answer.head == Head::classes) {
      const std::size_t classes = outputs();
      for (std::size_t row = 0; row < count; ++row) {
        double total = 0;
        for (std::size_t k = 0; k < classes; ++k) total += static_cast<double>(first[k * block + row]);
        const bool is_sound = std::isfinite(total) && total > 0;
        for (std::size_t k = 0; k < classes; ++k)
          out[row * classes + k] = is_sound ? static_cast<double>(first[k * block + row]) / total
                                            : 1.0 / static_cast<double>(classes);
      }
      return;
    }
    for (std::size_t row = 0; row < count; ++row) {
      const auto z = static_cast<double>(first[row]);
      out[row] = parts_.answer.head == Head::number
                     ? number(z)
                     : probability(z, static_cast<double>(run.output<float>(1)[row]));
    }
  }

  // 1 / (1 + exp(-z)) from exp(-|z|): exact near 0 and near 1.
  static double probability(double z, double e) {
    if (!std::isfinite(z) || !std::isfinite(e)) return z > 0 ? 1 : z < 0 ? 0 : 0.5;
    return z >= 0 ? 1 / (1 + e) : e / (1 + e);
  }

  [[nodiscard]] double number(double z) const {
    const Answer& answer = parts_.answer;
    if (answer.is_logarithmic)
      return std::isnan(z) ? answer.scale : std::min(answer.scale * z, answer.highest);
    if (std::isnan(z)) return answer.centre;
    // The ends of double stand for what lies beyond.
    return std::clamp(answer.scale == 0 ? answer.centre : answer.centre + answer.scale * z, -kMost, kMost);
  }

  MlpParts parts_;
  NetSpec net_;
  ParameterLayout layout_;
  std::array<std::size_t, 2> blocks_;
  mutable std::mutex mutex_;
  mutable std::array<std::shared_ptr<const Executable>, kAnswerBlocks.size()> executables_;
};

void MlpModel::save(ArchiveWriter& archive) const {
  archive.put(!parts_.picture.is_there() ? kFormat
              : parts_.picture.mirrors   ? kMirroredFormat
                                         : kPictureFormat);
  archive.put_text(parts_.texts.architecture);
  archive.put_text(parts_.texts.activation);
  archive.put_text(parts_.texts.normalization);
  archive.put_text(parts_.texts.numeric_embedding);
  archive.put(static_cast<std::uint8_t>(parts_.answer.head));
  archive.put<std::uint8_t>(parts_.answer.is_logarithmic ? 1 : 0);
  archive.put(parts_.answer.centre);
  archive.put(parts_.answer.scale);
  archive.put(parts_.answer.highest);
  archive.put(parts_.epochs);
  archive.put(parts_.best_epoch);
  archive.put(parts_.learning_rate);
  archive.put(parts_.loss);
  for (const bool flag : {parts_.watched, parts_.cut_short, parts_.diverged})
    archive.put<std::uint8_t>(flag ? 1 : 0);
  if (parts_.picture.is_there()) {
    for (const std::size_t side :
         {parts_.picture.size.height, parts_.picture.size.width, parts_.picture.size.channels})
      archive.put(static_cast<std::uint32_t>(side));
    archive.put(parts_.picture.centre);
    archive.put(parts_.picture.scale);
  }
  parts_.plan.save(archive);
  archive.put_array<double>(parts_.importance);
  archive.put_array<float>(parts_.bins.low);
  archive.put_array<float>(parts_.bins.scale);
  archive.put_array<float>(parts_.w);
  archive.put_array<float>(parts_.running);
}

template <class T>
void require_finite(const std::vector<T>& values) {
  if (!std::ranges::all_of(values, [](T value) { return std::isfinite(value); }))
    ArchiveReader::damaged("the numbers of a net");
}

Answer load_answer(ArchiveReader& archive, std::size_t outputs) {
  Answer answer;
  answer.head = static_cast<Head>(archive.get_between<std::uint8_t>(0, 2, "what a net answers"));
  if (outputs == 0 || (answer.head == Head::classes) != (outputs > 1))
    ArchiveReader::damaged("the outputs of a net");
  answer.is_logarithmic = archive.get<bool>();
  answer.centre = archive.get_between(-kMost, kMost, "the centre of a net's answers");
  answer.scale = archive.get_between(0.0, kMost, "the scale of a net's answers");
  answer.highest = archive.get_between(0.0, kMost, "the limit of a net's answers");
  return answer;
}

PictureInput load_picture(ArchiveReader& archive) {
  const auto side = [&](std::size_t most) {
    return archive.get_between<std::uint32_t>(1, static_cast<std::uint32_t>(most), "the pictures of a net");
  };
  PictureInput picture;
  picture.size.height = side(kMostSide);
  picture.size.width = side(kMostSide);
  picture.size.channels = side(4);
  picture.centre = archive.get_between(0.0F, 255.0F, "the pictures of a net");
  picture.scale = archive.get_between(0.0F, 1.0F, "the pictures of a net");
  return picture;
}

}  // namespace

std::unique_ptr<const Model> make_mlp_model(MlpParts parts) {
  return std::make_unique<MlpModel>(std::move(parts));
}

const MlpParts* parts_of(const Model& model) {
  const auto* const net = dynamic_cast<const MlpModel*>(&model);
  return net == nullptr ? nullptr : &net->parts();
}

std::unique_ptr<const Model> load_mlp_model(ArchiveReader& archive, std::size_t features, std::size_t outputs,
                                            bool reads_pictures) {
  MlpParts parts;
  const auto format =
      archive.get_between<std::uint8_t>(reads_pictures ? kPictureFormat : kFormat,
                                        reads_pictures ? kMirroredFormat : kFormat, "the version of a net");
  parts.texts = {.architecture = archive.get_text(kMaxText),
                 .activation = archive.get_text(kMaxText),
                 .normalization = archive.get_text(kMaxText),
                 .numeric_embedding = archive.get_text(kMaxText)};
  parts.answer = load_answer(archive, outputs);
  parts.outputs = outputs;
  parts.epochs = archive.get_between<std::uint64_t>(0, INT32_MAX, "the epochs of a net");
  parts.best_epoch = archive.get_between<std::uint64_t>(0, INT32_MAX, "the epochs of a net");
  parts.learning_rate = archive.get_between(0.0, kMost, "the learning rate of a net");
  parts.loss = archive.get_between(-kMost, kMost, "the loss of a net");
  parts.watched = archive.get<bool>();
  parts.cut_short = archive.get<bool>();
  parts.diverged = archive.get<bool>();
  if (reads_pictures) parts.picture = load_picture(archive);
  parts.picture.mirrors = format == kMirroredFormat;
  parts.plan = InputPlan::load(archive, features);
  parts.importance = archive.get_array<double>(features);
  if (parts.importance.size() != features ||
      !std::ranges::all_of(parts.importance, [](double share) { return share >= 0 && share <= 1; }))
    ArchiveReader::damaged("the importance of a net");
  parts.bins.low = archive.get_array<float>();
  parts.bins.scale = archive.get_array<float>();
  parts.w = archive.get_array<float>(kMaxParameters);
  parts.running = archive.get_array<float>(kMaxParameters);
  require_finite(parts.bins.low);
  require_finite(parts.bins.scale);
  require_finite(parts.w);
  require_finite(parts.running);
  try {
    // Texts are read again under the limits of their languages; sizes must then be what they lead to.
    auto model = std::make_unique<MlpModel>(parts);
    const std::size_t bins = model->net().embedded * model->net().bins;
    if (parts.bins.low.size() == bins && parts.bins.scale.size() == bins &&
        parts.w.size() == model->layout().size && parts.running.size() == model->layout().running_size)
      return model;
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::usage) throw;
  }
  ArchiveReader::damaged("the parameters of a net");
}

}  // namespace astrolabe::neural
