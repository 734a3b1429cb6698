// SPDX-License-Identifier: Apache-2.0
// JSON: as report/privacy_account.h says.
#include <fmt/format.h>

#include "astrolabe/base/file.h"
#include "astrolabe/cli/command.h"
#include "astrolabe/workflow/account_privacy.h"

namespace astrolabe {
namespace {

struct PrivacyArguments {
  PrivacyQuestion question;
  std::string curve;
};

int account_and_print(PrivacyArguments arguments, const Face& face) {
  arguments.question.with_curve = !arguments.curve.empty();
  const PrivacyAccount account = account_privacy(arguments.question);
  if (!arguments.curve.empty()) {
    write_file_atomically(arguments.curve, privacy_curve_svg(account));
    face.say("curve   " + arguments.curve);
  }
  fmt::print("{}", face.json ? privacy_json(account) : privacy_text(account, face.style()));
  return 0;
}

void add_options(CLI::App& command, PrivacyArguments& arguments) {
  PrivacyQuestion& question = arguments.question;
  command.add_option("--rows", question.rows, "Rows that are trained on")->required()->type_name("N");
  command.add_option("--batch", question.batch, "Rows in a step, on average: each is drawn on its own")
      ->required()
      ->type_name("N");
  command.add_option("--sigma", question.sigma, "Noise, in units of the norm that a row is clipped to")
      ->type_name("X");
  command
      .add_option("--target-epsilon", question.target_epsilon,
                  "Instead: find the noise that keeps this budget")
      ->type_name("X");
  command.add_option("--epochs", question.epochs, "Passes over the rows; may be a fraction")->type_name("X");
  command.add_option("--steps", question.steps, "Instead: the number of steps")->type_name("N");
  command.add_option("--delta", question.delta, "Chance that the promise fails; well below 1 / rows")
      ->capture_default_str()
      ->type_name("X");
  command
      .add_option("--neighbours", question.neighbours,
                  "add-remove hides that a row took part, replace-one what it says")
      ->capture_default_str()
      ->type_name("KIND");
  command
      .add_option("--also", question.also,
                  "What else is released, such as laplace(20) or gaussian(8); with rate and times if need be")
      ->type_name("MECHANISM");
  command.add_option("--at-epsilon", question.at_epsilon, "Show the delta at this epsilon instead")
      ->type_name("X");
  command
      .add_option("--orders", question.orders, "Of Renyi divergences: fine, or classic as in older figures")
      ->capture_default_str()
      ->type_name("KIND");
  command.add_option("--curve", arguments.curve, "Draw delta against epsilon, to this file")
      ->type_name("FILE.svg");
}

}  // namespace

void add_privacy_command(CLI::App& app, Session& session) {
  auto arguments = std::make_shared<PrivacyArguments>();
  CLI::App* command =
      app.add_subcommand("privacy", "What private training would promise: every accountant side by side");
  add_options(*command, *arguments);
  add_face_options(*command, session.face);
  command->callback([arguments, &session] {
    session.action = [arguments, &session] { return account_and_print(*arguments, session.face); };
  });
}

}  // namespace astrolabe
