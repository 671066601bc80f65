#include "libs/access/load.h"

#include <cstdint>
#include <functional>

#include "crm/identity/v1/access_team_template.pb.h"
#include "crm/identity/v1/business_unit.pb.h"
#include "crm/identity/v1/field_security_profile.pb.h"
#include "crm/identity/v1/position.pb.h"
#include "crm/identity/v1/team.pb.h"
#include "crm/identity/v1/tenant.pb.h"
#include "crm/identity/v1/user.pb.h"
#include "libs/record/name.h"

namespace crm::access {
namespace {

namespace pb = identity::v1;

constexpr size_t kAtOnce = 1'000;

std::optional<Id> IdOf(std::string_view name) {
  auto parsed = record::Name::Parse(name);
  return parsed ? std::optional(parsed->id) : std::nullopt;
}

template <class Names>
std::vector<Id> IdsOf(const Names& names) {
  std::vector<Id> ids;
  for (const auto& name : names) {
    if (auto id = IdOf(name)) ids.push_back(*id);
  }
  return ids;
}

// Calls `visit` with every live record of a type, by its time of creation.
void ForEachImage(const store::View& view, store::TenantNumber tenant,
                  const record::RecordType& type,
                  const std::function<void(const std::string&)>& visit) {
  std::vector<store::RecordKey> keys;
  auto flush = [&] {
    for (const auto& image : view.Records(keys)) {
      if (image && !image->empty()) visit(*image);
    }
    keys.clear();
  };
  store::IndexRange range{tenant, type.number, type.indexes.front().number, "", "", false};
  for (auto cursor = view.Scan(range); cursor->Valid(); cursor->Next()) {
    keys.push_back({tenant, type.number, cursor->id()});
    if (keys.size() == kAtOnce) flush();
  }
  flush();
}

template <class Message>
void ForEach(const store::View& view, store::TenantNumber tenant,
             const record::Catalogue& catalogue, const std::function<void(const Message&)>& visit) {
  const auto* type = catalogue.FindTypeByMessage(Message::descriptor()->full_name());
  if (type == nullptr) return;
  ForEachImage(view, tenant, *type, [&](const std::string& image) {
    Message message;
    if (message.ParseFromString(image)) visit(message);
  });
}

// `sales` of `crm.sales.v1`.
std::string ServiceOf(const std::string& package) {
  const size_t begin = package.find('.') + 1;
  return package.substr(begin, package.rfind('.') - begin);
}

std::vector<TypeRow> TypesOf(const record::Catalogue& catalogue) {
  std::vector<TypeRow> rows;
  for (const record::RecordType* type : catalogue.Types()) {
    const std::string service = ServiceOf(type->package);
    const bool everywhere = service == "identity" || service == "activity";
    rows.push_back({type->number, type->annotation.ownership(), everywhere ? "" : service,
                    service == "identity"});
  }
  return rows;
}

TypeNumber NumberOf(const record::Catalogue& catalogue, const std::string& collection) {
  const record::RecordType* type = catalogue.FindType(collection);
  return type == nullptr ? 0 : type->number;
}

UserRow RowOf(const pb::User& user) {
  UserRow row;
  row.id = *IdOf(user.name());
  row.sign_in_name = user.sign_in_name();
  row.unit = IdOf(user.business_unit()).value_or(Id());
  row.manager = IdOf(user.manager());
  row.position = IdOf(user.position());
  row.mode = user.access_mode() == pb::User::ACCESS_MODE_UNSPECIFIED
                 ? Mode::kReadWrite
                 : static_cast<Mode>(user.access_mode() - 1);
  row.enabled = user.state() != pb::User::STATE_DISABLED;
  row.roles = IdsOf(user.roles());
  row.seats = {user.modules().begin(), user.modules().end()};
  return row;
}

ProfileRow RowOf(const pb::FieldSecurityProfile& profile, const record::Catalogue& catalogue) {
  ProfileRow row{*IdOf(profile.name()), IdsOf(profile.users()), IdsOf(profile.teams()), {}};
  for (const auto& permission : profile.fields()) {
    const record::RecordType* type = catalogue.FindType(permission.collection());
    const record::Field* field = type == nullptr ? nullptr : type->Find(permission.field());
    // What every record needs to be found and shown can not be hidden.
    if (field == nullptr || field->standard) continue;
    row.fields.push_back(
        {type->number, field->number, permission.read(), permission.create(), permission.update()});
  }
  return row;
}

TemplateRow RowOf(const pb::AccessTeamTemplate& record, const record::Catalogue& catalogue) {
  TemplateRow row{*IdOf(record.name()), NumberOf(catalogue, record.collection()), {}};
  for (int right : record.rights()) {
    if (right > 0 && right <= static_cast<int>(kRights))
      row.rights.Add(static_cast<Right>(right - 1));
  }
  return row;
}

void AddTenant(const pb::Tenant& tenant, const record::Catalogue& catalogue,
               Description* description) {
  if (!tenant.founded()) return;
  description->active = tenant.state() != pb::Tenant::STATE_SUSPENDED;
  description->hierarchy.model = static_cast<Hierarchy::Model>(tenant.hierarchy_model());
  description->hierarchy.depth = tenant.hierarchy_depth();
  for (const std::string& collection : tenant.hierarchy_excluded())
    description->hierarchy.excluded.push_back(NumberOf(catalogue, collection));
}

}  // namespace

std::vector<Privilege> PrivilegesOf(const pb::SecurityRole& role,
                                    const record::Catalogue& catalogue) {
  std::vector<Privilege> privileges;
  for (const auto& row : role.privileges()) {
    const TypeNumber type = NumberOf(catalogue, row.collection());
    if (type == 0) continue;
    const pb::SecurityRole::Depth depths[] = {row.create(),  row.read(),   row.write(),
                                              row.delete_(), row.append(), row.append_to(),
                                              row.assign(),  row.share()};
    for (size_t right = 0; right < kRights; ++right) {
      if (depths[right] != pb::SecurityRole::DEPTH_UNSPECIFIED)
        privileges.push_back({type, static_cast<Right>(right), static_cast<Depth>(depths[right])});
    }
  }
  return privileges;
}

Description Describe(const store::View& view, store::TenantNumber tenant,
                     const record::Catalogue& catalogue) {
  Description description;
  description.types = TypesOf(catalogue);
  ForEach<pb::Tenant>(view, tenant, catalogue, [&](const pb::Tenant& record) {
    AddTenant(record, catalogue, &description);
  });
  ForEach<pb::BusinessUnit>(view, tenant, catalogue, [&](const pb::BusinessUnit& unit) {
    description.units.push_back({*IdOf(unit.name()), IdOf(unit.parent())});
  });
  ForEach<pb::SecurityRole>(view, tenant, catalogue, [&](const pb::SecurityRole& role) {
    description.roles.push_back({*IdOf(role.name()),
                                 role.display_name(),
                                 role.administrator(),
                                 PrivilegesOf(role, catalogue),
                                 {role.miscellaneous().begin(), role.miscellaneous().end()}});
  });
  ForEach<pb::User>(view, tenant, catalogue,
                    [&](const pb::User& user) { description.users.push_back(RowOf(user)); });
  ForEach<pb::Team>(view, tenant, catalogue, [&](const pb::Team& team) {
    description.teams.push_back({*IdOf(team.name()), IdOf(team.business_unit()).value_or(Id()),
                                 team.team_type() != pb::Team::TEAM_TYPE_ACCESS, team.everyone(),
                                 IdsOf(team.members()), IdsOf(team.roles())});
  });
  ForEach<pb::Position>(view, tenant, catalogue, [&](const pb::Position& position) {
    description.positions.push_back({*IdOf(position.name()), IdOf(position.parent())});
  });
  ForEach<pb::FieldSecurityProfile>(view, tenant, catalogue,
                                    [&](const pb::FieldSecurityProfile& profile) {
                                      description.profiles.push_back(RowOf(profile, catalogue));
                                    });
  ForEach<pb::AccessTeamTemplate>(view, tenant, catalogue, [&](const pb::AccessTeamTemplate& row) {
    description.templates.push_back(RowOf(row, catalogue));
  });
  return description;
}

std::string HashOf(const store::View& view, store::TenantNumber tenant,
                   const record::Catalogue& catalogue) {
  uint64_t hash = 0xcbf29ce484222325;  // FNV-1a
  const auto add = [&](std::string_view text) {
    for (const char letter : text) {
      hash ^= static_cast<unsigned char>(letter);
      hash *= 0x100000001b3;
    }
  };
  for (const record::RecordType* type : catalogue.Types()) {
    if (!type->HostedBy("identity")) continue;
    add(type->collection);
    ForEachImage(view, tenant, *type, add);
  }
  return std::to_string(hash);
}

bool IsFounded(const store::View& view, store::TenantNumber tenant,
               const record::Catalogue& catalogue) {
  bool founded = false;
  ForEach<pb::Tenant>(view, tenant, catalogue,
                      [&](const pb::Tenant& record) { founded = founded || record.founded(); });
  return founded;
}

}  // namespace crm::access
