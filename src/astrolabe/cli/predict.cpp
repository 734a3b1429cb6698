// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <memory>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "astrolabe/base/text.h"
#include "astrolabe/cli/command.h"
#include "astrolabe/workflow/apply_model.h"

namespace astrolabe {
namespace {

struct PredictArguments {
  std::string model, data, out;
  bool header = false, no_header = false, contributions = false;
  std::size_t threads = 0;
};

int predict_and_write(const PredictArguments& arguments, const Face& face) {
  // A name that cannot be written is told before the work, not after it.
  if (!arguments.out.empty()) static_cast<void>(prediction_format(arguments.out));
  ThreadPool pool(arguments.threads);
  const ShippedModel model = load_model(arguments.model);
  const Header header = arguments.header      ? Header::present
                        : arguments.no_header ? Header::absent
                                              : Header::detect;
  const Predictions predictions = predict_file(model, arguments.data, header, pool, arguments.contributions);
  for (const std::string& note : predictions.notes) face.say(note);
  if (arguments.out.empty() && !face.json) {
    const std::string csv = predictions_csv(predictions);
    std::fwrite(csv.data(), 1, csv.size(), stdout);
    return 0;
  }
  if (!arguments.out.empty()) write_predictions(predictions, arguments.out);
  if (face.json) {
    nlohmann::json object = {
        {"rows", predictions.rows}, {"out", arguments.out}, {"notes", predictions.notes}};
    if (predictions.contributions) {
      object["contributions"] = {{"columns", predictions.contributions->columns},
                                 {"expected_scores", predictions.contributions->expected}};
    }
    fmt::print("{}\n", object.dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
  } else {
    face.say(fmt::format("{} predictions in {}", format_count(predictions.rows), arguments.out));
  }
  return 0;
}

}  // namespace

void add_predict_command(CLI::App& app, Session& session) {
  auto arguments = std::make_shared<PredictArguments>();
  CLI::App* predict = app.add_subcommand("predict", "Predict the rows of a file, or pictures, with a model");
  predict->add_option("model", arguments->model, "A model.astro")->required()->type_name("MODEL");
  predict
      ->add_option("data", arguments->data,
                   "The rows to predict: a table, a picture, or a folder of pictures")
      ->required()
      ->type_name("FILE");
  predict
      ->add_option("--out", arguments->out, "Where to: CSV or Parquet by its ending. Default: CSV to stdout")
      ->type_name("FILE");
  auto* header = predict->add_flag("--header", arguments->header, "The first line has the column names");
  predict->add_flag("--no-header", arguments->no_header, "There is no header: columns are named 1, 2, ...")
      ->excludes(header);
  predict->add_flag(
      "--contributions", arguments->contributions,
      "Also how much each column moved each prediction (models of trees): exact Shapley values, in "
      "units of the score (log-odds of classes)");
  predict->add_option("--threads", arguments->threads, "Threads. Default: all cores")->check(from_one());
  add_face_options(*predict, session.face);
  predict->callback([arguments, &session] {
    session.action = [arguments, &session] { return predict_and_write(*arguments, session.face); };
  });
}

}  // namespace astrolabe
