#include <algorithm>
#include <nlohmann/json.hpp>

#include "crm/identity/v1/security_role.pb.h"
#include "crm/identity/v1/user.pb.h"
#include "crm/record/v1/access.pb.h"
#include "tools/crmctl/display.h"
#include "tools/crmctl/program.h"
#include "tools/crmctl/table.h"
#include "tools/crmctl/text.h"

// Who may do what: roles, seats, shares, and why.
namespace crm::ctl {
namespace {

using identity::v1::SecurityRole;
using record::v1::Right;

struct Arguments {
  std::string user;
  std::string record;
  std::string action;
  std::vector<std::string> roles;
  std::vector<std::string> modules;
  std::vector<std::string> actions;
  bool take_back = false;
};

Right RightOf(const std::string& action) {
  Right right;
  if (Right_Parse(Upper(action), &right) && right != record::v1::RIGHT_UNSPECIFIED) return right;
  throw UsageError(action +
                   " is none of create, read, write, delete, append, append_to, assign, share");
}

// `users/…` of a sign-in name; other names stay as they are.
std::string UserNamed(Session& session, const std::string& text) {
  if (text.find('/') != std::string::npos) return text;
  record::v1::ListRequest request;
  request.set_filter("sign_in_name = \"" + Lower(text) + "\"");
  identity::v1::ListUsersResponse page;
  session.Pages(session.schema().FindMethod("crm.identity.v1.Users/ListUsers"), &request, &page,
                [&] { return page.users().empty(); });
  if (page.users().empty()) throw UsageError("there is no user " + text);
  return page.users(0).name();
}

std::vector<SecurityRole> AllRoles(Session& session) {
  std::vector<SecurityRole> roles;
  record::v1::ListRequest request;
  request.set_page_size(1'000);
  identity::v1::ListSecurityRolesResponse page;
  session.Pages(session.schema().FindMethod("crm.identity.v1.SecurityRoles/ListSecurityRoles"),
                &request, &page, [&] {
                  roles.insert(roles.end(), page.security_roles().begin(),
                               page.security_roles().end());
                  return true;
                });
  return roles;
}

int Roles(Session& session, Arguments& arguments) {
  session.RefuseAsOf();
  std::vector<SecurityRole> roles = AllRoles(session);
  if (!arguments.user.empty()) {
    record::v1::GetRequest request;
    request.set_name(UserNamed(session, arguments.user));
    identity::v1::User user;
    session.Call(session.schema().FindMethod("crm.identity.v1.Users/GetUser"), request, &user);
    std::erase_if(roles, [&](const SecurityRole& role) {
      return std::find(user.roles().begin(), user.roles().end(), role.name()) == user.roles().end();
    });
  }
  Table table{{"NAME", "ROLE", "UNIT"}, {}};
  auto json = nlohmann::ordered_json::array();
  for (const SecurityRole& role : roles) {
    table.rows.push_back({role.name(), role.display_name(), role.business_unit()});
    json.push_back({{"name", role.name()},
                    {"role", role.display_name()},
                    {"business_unit", role.business_unit()}});
  }
  if (session.Json()) {
    std::cout << json.dump(1) << '\n';
  } else {
    PrintTable(table, TerminalWidth(), std::cout);
  }
  return kExitOk;
}

// By name or by title.
std::string RoleNamed(const std::vector<SecurityRole>& roles, const std::string& text) {
  std::vector<std::string> found;
  for (const SecurityRole& role : roles) {
    if (role.name() == text || Lower(role.display_name()) == Lower(text))
      found.push_back(role.name());
  }
  if (found.empty()) throw UsageError("there is no role " + text);
  if (found.size() > 1) throw UsageError("several roles are called " + text + "; use a name");
  return found.front();
}

template <class Request, class Response>
int GiveOrTake(Session& session, const Arguments& arguments, const std::string& method) {
  const std::vector<SecurityRole> roles = AllRoles(session);
  Request request;
  request.set_name(UserNamed(session, arguments.user));
  for (const std::string& role : arguments.roles) request.add_roles(RoleNamed(roles, role));
  SetRequestId(&request);
  Response response;
  session.Call(session.schema().FindMethod("crm.identity.v1.Users/" + method), request, &response);
  std::cout << response.name() << '\n';
  return kExitOk;
}

int Grant(Session& session, Arguments& arguments) {
  session.RefuseAsOf();
  if (arguments.take_back) {
    return GiveOrTake<identity::v1::RemoveUserRolesRequest, identity::v1::RemoveUserRolesResponse>(
        session, arguments, "RemoveUserRoles");
  }
  return GiveOrTake<identity::v1::AssignUserRolesRequest, identity::v1::AssignUserRolesResponse>(
      session, arguments, "AssignUserRoles");
}

template <class Request, class Response>
void ChangeSeats(Session& session, const Arguments& arguments, const std::string& method) {
  const std::string user = UserNamed(session, arguments.user);
  for (const std::string& module : arguments.modules) {
    Request request;
    request.set_name(user);
    request.set_module(Lower(module));
    SetRequestId(&request);
    Response response;
    session.Call(session.schema().FindMethod("crm.identity.v1.Users/" + method), request,
                 &response);
  }
  std::cout << user << '\n';
}

int Seat(Session& session, Arguments& arguments) {
  session.RefuseAsOf();
  if (arguments.take_back) {
    ChangeSeats<identity::v1::ReleaseSeatRequest, identity::v1::ReleaseSeatResponse>(
        session, arguments, "ReleaseSeat");
  } else {
    ChangeSeats<identity::v1::AssignSeatRequest, identity::v1::AssignSeatResponse>(
        session, arguments, "AssignSeat");
  }
  return kExitOk;
}

int Share(Session& session, Arguments& arguments) {
  session.RefuseAsOf();
  if (arguments.take_back == !arguments.actions.empty())
    throw UsageError("name the actions that are shared, or --take-back");
  const std::string principal = UserNamed(session, arguments.user);
  if (arguments.take_back) {
    record::v1::UnshareRecordRequest request;
    request.set_name(arguments.record);
    request.set_principal(principal);
    SetRequestId(&request);
    record::v1::UnshareRecordResponse response;
    session.Call(session.schema().FindMethod("crm.record.v1.Access/UnshareRecord"), request,
                 &response);
    std::cout << response.name() << ", and " << response.unshared() << " records with it\n";
    return kExitOk;
  }
  record::v1::ShareRecordRequest request;
  request.set_name(arguments.record);
  request.set_principal(principal);
  for (const std::string& action : arguments.actions) request.add_rights(RightOf(action));
  SetRequestId(&request);
  record::v1::ShareRecordResponse response;
  session.Call(session.schema().FindMethod("crm.record.v1.Access/ShareRecord"), request, &response);
  std::cout << response.name() << ", and " << response.shared() << " records with it\n";
  return kExitOk;
}

int Explain(Session& session, Arguments& arguments) {
  session.RefuseAsOf();
  record::v1::ExplainAccessRequest request;
  request.set_name(arguments.record);
  request.set_user(arguments.user);
  request.set_right(RightOf(arguments.action));
  record::v1::ExplainAccessResponse response;
  session.Call(session.schema().FindMethod("crm.record.v1.Access/ExplainAccess"), request,
               &response);
  if (session.Json()) {
    nlohmann::ordered_json json = {{"allowed", response.allowed()},
                                   {"steps", nlohmann::json::array()}};
    for (const auto& step : response.steps()) {
      json["steps"].push_back(
          {{"rule", step.rule()},
           {"decided", step.decided()},
           {"text", step.text()},
           {"roles", std::vector<std::string>(step.roles().begin(), step.roles().end())},
           {"through", step.through()}});
    }
    std::cout << json.dump(1) << '\n';
    return kExitOk;
  }
  std::cout << (response.allowed() ? "yes" : "no") << '\n';
  Table table{{"RULE", "DECIDED", "WHY", "THROUGH", "ROLES"}, {}};
  for (const auto& step : response.steps()) {
    table.rows.push_back({step.rule(), step.decided() ? "here" : "", step.text(), step.through(),
                          Join({step.roles().begin(), step.roles().end()}, " ")});
  }
  PrintTable(table, TerminalWidth(), std::cout);
  return kExitOk;
}

int WhoCan(Session& session, Arguments& arguments) {
  session.RefuseAsOf();
  record::v1::ListWhoCanRequest request;
  request.set_name(arguments.record);
  request.set_right(RightOf(arguments.action));
  record::v1::ListWhoCanResponse response;
  session.Call(session.schema().FindMethod("crm.record.v1.Access/ListWhoCan"), request, &response);
  if (session.Json()) {
    const nlohmann::ordered_json json = {
        {"users", std::vector<std::string>(response.users().begin(), response.users().end())},
        {"truncated", response.truncated()}};
    std::cout << json.dump(1) << '\n';
    return kExitOk;
  }
  for (const std::string& user : response.users()) std::cout << user << '\n';
  if (response.truncated()) std::cerr << "crmctl: there are more\n";
  return kExitOk;
}

void AddRolesAndSeats(Program& program) {
  program.Add<Arguments>(
      &program.app, "roles", "List the security roles, or those of a user",
      [](CLI::App* command, Arguments& arguments) {
        command->add_option("user", arguments.user, "A sign-in name, or users/UUID");
      },
      Roles);
  program.Add<Arguments>(
      &program.app, "grant", "Give a user security roles",
      [](CLI::App* command, Arguments& arguments) {
        command->add_option("user", arguments.user, "A sign-in name, or users/UUID")->required();
        command->add_option("role", arguments.roles, "Titles or names of roles")->required();
        command->add_flag("--take-back", arguments.take_back, "Take them from it");
      },
      Grant);
  program.Add<Arguments>(
      &program.app, "seat", "Give a user seats of modules",
      [](CLI::App* command, Arguments& arguments) {
        command->add_option("user", arguments.user, "A sign-in name, or users/UUID")->required();
        command->add_option("module", arguments.modules, "sales, service and so on")->required();
        command->add_flag("--take-back", arguments.take_back, "Release them");
      },
      Seat);
}

}  // namespace

void AddAccess(Program& program) {
  AddRolesAndSeats(program);
  program.Add<Arguments>(
      &program.app, "share", "Open a record to a user or a team",
      [](CLI::App* command, Arguments& arguments) {
        command->add_option("record", arguments.record, "The record's name")->required();
        command->add_option("principal", arguments.user, "A sign-in name, users/UUID or teams/UUID")
            ->required();
        command->add_option("action", arguments.actions, "read, write and so on");
        command->add_flag("--take-back", arguments.take_back, "Close it again");
      },
      Share);
  program.Add<Arguments>(
      &program.app, "explain", "Tell why a user may do something with a record, or not",
      [](CLI::App* command, Arguments& arguments) {
        command->add_option("user", arguments.user, "A sign-in name, or users/UUID")->required();
        command->add_option("action", arguments.action, "read, write and so on")->required();
        command->add_option("record", arguments.record, "The record's name")->required();
      },
      Explain);
  program.Add<Arguments>(
      &program.app, "who-can", "List the users who may do something with a record",
      [](CLI::App* command, Arguments& arguments) {
        command->add_option("action", arguments.action, "read, write and so on")->required();
        command->add_option("record", arguments.record, "The record's name")->required();
      },
      WhoCan);
}

}  // namespace crm::ctl
