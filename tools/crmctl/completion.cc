#include <algorithm>
#include <sstream>

#include "tools/crmctl/program.h"
#include "tools/crmctl/reflection.h"
#include "tools/crmctl/text.h"

namespace crm::ctl {
namespace {

struct Arguments {
  std::string shell;
};

struct CommandWords {
  std::string name;
  std::string text;
  std::vector<std::string> words;  // options and subcommands
  bool takes_collection = false;
};

std::vector<std::string> OptionsOf(const CLI::App* app) {
  std::vector<std::string> words;
  for (const auto* option : app->get_options()) {
    for (const auto& name : option->get_snames()) words.push_back("-" + name);
    for (const auto& name : option->get_lnames()) words.push_back("--" + name);
  }
  return words;
}

std::vector<CommandWords> CommandsOf(const CLI::App& app) {
  std::vector<CommandWords> commands;
  std::vector<std::string> global = OptionsOf(&app);
  for (const auto* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    if (command->get_group().empty()) continue;  // hidden
    CommandWords words{command->get_name(), command->get_description(), OptionsOf(command), false};
    words.words.insert(words.words.end(), global.begin(), global.end());
    for (const auto* nested : command->get_subcommands([](const CLI::App*) { return true; })) {
      words.words.push_back(nested->get_name());
      for (const auto& option : OptionsOf(nested)) words.words.push_back(option);
    }
    for (const auto* option : command->get_options()) {
      if (option->get_name() == "COLLECTION") words.takes_collection = true;
    }
    std::sort(words.words.begin(), words.words.end());
    words.words.erase(std::unique(words.words.begin(), words.words.end()), words.words.end());
    commands.push_back(words);
  }
  return commands;
}

// One line for each command of a case statement that sets `offered`.
std::string Cases(const std::vector<CommandWords>& commands, const std::string& indent) {
  std::ostringstream out;
  for (const auto& command : commands) {
    out << indent << command.name << ") offered=\"" << Join(command.words, " ")
        << (command.takes_collection ? " $(crmctl --timeout 2 __collections 2>/dev/null)" : "")
        << "\" ;;\n";
  }
  return out.str();
}

std::string NamesOf(const std::vector<CommandWords>& commands) {
  std::vector<std::string> names;
  for (const auto& command : commands) names.push_back(command.name);
  return Join(names, " ");
}

void PrintBash(const std::vector<CommandWords>& commands) {
  std::cout << "# bash completion of crmctl: source <(crmctl completion bash)\n"
               "_crmctl() {\n"
               "  local current=${COMP_WORDS[COMP_CWORD]} command= offered= word\n"
               "  for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
               "    case \" "
            << NamesOf(commands)
            << " \" in *\" $word \"*) command=$word; break ;; esac\n"
               "  done\n"
               "  case $command in\n"
            << Cases(commands, "    ") << "    *) offered=\"" << NamesOf(commands)
            << "\" ;;\n"
               "  esac\n"
               "  COMPREPLY=($(compgen -W \"$offered\" -- \"$current\"))\n"
               "}\n"
               "complete -o default -F _crmctl crmctl\n";
}

void PrintZsh(const std::vector<CommandWords>& commands) {
  std::cout << "#compdef crmctl\n"
               "# zsh completion of crmctl: source <(crmctl completion zsh), after compinit\n"
               "_crmctl() {\n"
               "  local command= offered= word\n"
               "  for word in ${words[2,CURRENT-1]}; do\n"
               "    case \" "
            << NamesOf(commands)
            << " \" in *\" $word \"*) command=$word; break ;; esac\n"
               "  done\n"
               "  case $command in\n"
            << Cases(commands, "    ") << "    *) offered=\"" << NamesOf(commands)
            << "\" ;;\n"
               "  esac\n"
               "  compadd -- ${=offered}\n"
               "  [[ -n $command ]] && _files\n"
               "}\n"
               "compdef _crmctl crmctl\n";
}

std::string FishQuoted(std::string text) {
  for (size_t at = 0; (at = text.find('\'', at)) != std::string::npos; at += 2)
    text.insert(at, 1, '\\');
  return "'" + text + "'";
}

void PrintFish(const std::vector<CommandWords>& commands) {
  std::cout << "# fish completion of crmctl: crmctl completion fish | source\n";
  for (const auto& command : commands) {
    std::cout << "complete -c crmctl -n __fish_use_subcommand -f -a " << command.name << " -d "
              << FishQuoted(command.text) << '\n';
    std::string seen = FishQuoted("__fish_seen_subcommand_from " + command.name);
    if (command.takes_collection) {
      std::cout << "complete -c crmctl -n " << seen
                << " -f -a '(crmctl --timeout 2 __collections 2>/dev/null)'\n";
    }
    for (const auto& word : command.words) {
      std::cout << "complete -c crmctl -n " << seen;
      if (word.compare(0, 2, "--") == 0) {
        std::cout << " -l " << word.substr(2) << '\n';
      } else if (word[0] == '-') {
        std::cout << " -s " << word.substr(1) << '\n';
      } else {
        std::cout << " -a " << word << '\n';
      }
    }
  }
}

// Somebody waits for it in the middle of a word: no retries.
int PrintCollections(Session& session, Arguments&) {
  auto schema = Reflect(session.connection(), 0);
  for (const auto& [collection, type] : schema->types()) std::cout << collection << '\n';
  return kExitOk;
}

}  // namespace

void AddCompletion(Program& program) {
  program.Add<Arguments>(
      &program.app, "completion", "Print what teaches a shell to complete crmctl's words",
      [](CLI::App* command, Arguments& arguments) {
        command->add_option("SHELL", arguments.shell, "bash, zsh or fish")
            ->required()
            ->check(CLI::IsMember({"bash", "zsh", "fish"}));
      },
      [&program](Session&, Arguments& arguments) {
        auto commands = CommandsOf(program.app);
        if (arguments.shell == "bash") PrintBash(commands);
        if (arguments.shell == "zsh") PrintZsh(commands);
        if (arguments.shell == "fish") PrintFish(commands);
        return static_cast<int>(kExitOk);
      });
  program.Add<Arguments>(
      &program.app, "__collections", "", [](CLI::App* command, Arguments&) { command->group(""); },
      PrintCollections);
}

}  // namespace crm::ctl
