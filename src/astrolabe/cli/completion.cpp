// SPDX-License-Identifier: Apache-2.0
// Shell completion and the man page, both generated from the option tree, so they cannot fall behind it.
#include <algorithm>
#include <cstdio>
#include <memory>

#include <fmt/format.h>

#include "astrolabe/base/text.h"
#include "astrolabe/base/version.h"
#include "astrolabe/cli/command.h"

namespace astrolabe {
namespace {

std::vector<std::string> command_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    names.push_back(command->get_name());
  }
  return names;
}

std::vector<std::string> flags_of(const CLI::App& command) {
  std::vector<std::string> flags;
  for (const CLI::Option* option : command.get_options()) {
    for (const std::string& name : option->get_lnames()) flags.push_back("--" + name);
  }
  return flags;
}

std::string bash_script(const CLI::App& app) {
  std::string script =
      "_astrolabe() {\n  local word=\"${COMP_WORDS[COMP_CWORD]}\"\n  case \"${COMP_WORDS[1]}\" in\n";
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    script += fmt::format("    {}) [[ $word == -* ]] && COMPREPLY=($(compgen -W \"{}\" -- \"$word\")) ;;\n",
                          command->get_name(), join(flags_of(*command), " "));
  }
  script += fmt::format("    *) [[ $COMP_CWORD == 1 ]] && COMPREPLY=($(compgen -W \"{}\" -- \"$word\")) ;;\n",
                        join(command_names(app), " "));
  return script + "  esac\n}\ncomplete -o default -F _astrolabe astrolabe\n";
}

std::string zsh_script(const CLI::App& app) {
  return "autoload -U +X bashcompinit && bashcompinit\n" + bash_script(app);
}

std::string quoted_for_fish(const std::string& text) {
  std::string quoted;
  for (const char c : text) quoted += c == '\'' || c == '\\' ? std::string("\\") + c : std::string(1, c);
  return "'" + quoted + "'";
}

std::string fish_script(const CLI::App& app) {
  std::string script;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    script += fmt::format("complete -c astrolabe -n __fish_use_subcommand -a {} -d {}\n", command->get_name(),
                          quoted_for_fish(command->get_description()));
    for (const CLI::Option* option : command->get_options()) {
      for (const std::string& name : option->get_lnames()) {
        script += fmt::format("complete -c astrolabe -n '__fish_seen_subcommand_from {}' -l {} -d {}\n",
                              command->get_name(), name, quoted_for_fish(option->get_description()));
      }
    }
  }
  return script;
}

// A line of roff must not start with a dot or a quote, and backslashes are its own.
std::string roff(const std::string& text) {
  std::string escaped;
  for (const char c : text) escaped += c == '\\' ? "\\e" : c == '-' ? "\\-" : std::string(1, c);
  return (escaped.starts_with('.') || escaped.starts_with('\'') ? "\\&" : "") + escaped;
}

std::string man_page(const CLI::App& app) {
  std::string page = fmt::format(
      ".TH ASTROLABE 1 \"\" \"astrolabe {}\"\n.SH NAME\nastrolabe \\- {}\n.SH SYNOPSIS\n"
      ".B astrolabe\n.I COMMAND\n[options]\n",
      version(), roff(app.get_description()));
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    std::string name = command->get_name();
    std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::toupper(c); });
    page += fmt::format(".SH {}\n{}\n", name, roff(command->get_description()));
    for (const CLI::Option* option : command->get_options()) {
      page += fmt::format(".TP\n.B {}\n{}\n", roff(option->get_name()), roff(option->get_description()));
    }
  }
  return page +
         ".SH EXIT STATUS\n0 success, 1 failure, 2 usage, 3 bad input, 4 nothing could be fitted, 75 try "
         "again, "
         "130 or 143 ended by a signal\n";
}

}  // namespace

void add_completion_command(CLI::App& app, Session& session) {
  auto shell = std::make_shared<std::string>();
  CLI::App* command = app.add_subcommand("completion", "A completion script for bash, zsh or fish");
  command->add_option("shell", *shell, "bash, zsh or fish")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}));
  command->callback([shell, &app, &session] {
    session.action = [shell, &app] {
      const std::string script = *shell == "bash"  ? bash_script(app)
                                 : *shell == "zsh" ? zsh_script(app)
                                                   : fish_script(app);
      fmt::print("{}", script);
      return 0;
    };
  });
}

void add_man_command(CLI::App& app, Session& session) {
  CLI::App* command = app.add_subcommand("man", "The manual page: astrolabe man | man -l -");
  command->callback([&app, &session] {
    session.action = [&app] {
      fmt::print("{}", man_page(app));
      return 0;
    };
  });
}

}  // namespace astrolabe
