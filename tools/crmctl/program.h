#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <iostream>
#include <memory>
#include <string>

#include "tools/crmctl/session.h"

// The command line: what there is to type, and what it runs.
namespace crm::ctl {

struct Program {
  Program();

  CLI::App app;
  GlobalOptions options;
  // What the chosen command does; gives the exit code.
  std::function<int(Session&)> run;

  // A command, its arguments kept in an `Arguments` that `declare` binds to options.
  template <class Arguments>
  CLI::App* Add(CLI::App* parent, const std::string& name, const std::string& text,
                const std::function<void(CLI::App*, Arguments&)>& declare,
                std::function<int(Session&, Arguments&)> body) {
    auto arguments = std::make_shared<Arguments>();
    CLI::App* command = parent->add_subcommand(name, text);
    declare(command, *arguments);
    command->callback([this, arguments, body] {
      run = [arguments, body](Session& session) { return body(session, *arguments); };
    });
    return command;
  }
};

// For texts that name something.
CLI::Validator NotEmpty();
// --request-id.
void AddRequestId(CLI::App* command, std::string& id);

void AddGet(Program& program);
void AddList(Program& program);
void AddCreate(Program& program);
void AddUpdate(Program& program);
void AddDelete(Program& program);
void AddDescriptors(Program& program);
void AddHistory(Program& program);
void AddWatch(Program& program);
void AddCall(Program& program);
void AddTypes(Program& program);
void AddImport(Program& program);
void AddImportCards(Program& program);
void AddImportMail(Program& program);
void AddLoad(Program& program);
void AddEvents(Program& program);
void AddVerify(Program& program);
void AddLog(Program& program);
void AddReactor(Program& program);
void AddAccess(Program& program);
void AddCompletion(Program& program);

// What a file holds; `-`: standard input. Throws UsageError.
std::string ReadFile(const std::string& path);

}  // namespace crm::ctl
