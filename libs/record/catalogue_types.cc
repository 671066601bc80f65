#include <algorithm>
#include <set>

#include "libs/record/catalogue_tables.h"

namespace crm::record {
namespace {

using google::protobuf::Descriptor;

// `CampaignResponse` -> `campaign_response`.
std::string SnakeCase(std::string_view name) {
  std::string snake;
  for (char c : name) {
    bool upper = c >= 'A' && c <= 'Z';
    if (upper && !snake.empty()) snake += '_';
    snake += upper ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return snake;
}

std::string Where(const RecordType& type, std::string_view what) {
  return type.message->full_name + ": " + std::string(what);
}

bool Indexable(const Field& field) {
  return !field.repeated && field.kind != Kind::kMessage && field.kind != Kind::kBytes;
}

void AddIndex(const std::vector<std::string>& paths, const v1::Index& declared, RecordType* type,
              Problems* problems) {
  Index index;
  for (const std::string& path : paths) {
    index.name += (index.name.empty() ? "" : ",") + path;
    index.by.push_back(FindPath(*type->message, path));
    if (index.by.back().empty() || !Indexable(*index.by.back().back())) {
      problems->push_back(Where(*type, "no index can be by " + path));
      return;
    }
  }
  if (index.by.empty() || type->FindIndex(index.name)) {
    problems->push_back(Where(*type, "index " + index.name + " is empty or exists twice"));
    return;
  }
  index.number = static_cast<uint16_t>(type->indexes.size());
  index.unique = declared.unique();
  index.past = declared.past();
  index.decides = declared.decides();
  type->indexes.push_back(std::move(index));
}

using Paths = std::vector<std::string>;

// The same index within each owner, unless it is declared; it is not kept for past moments.
void AddWithinOwner(const Paths& by, RecordType* type, Problems* problems) {
  Paths paths = {"owner"};
  paths.insert(paths.end(), by.begin(), by.end());
  std::string name;
  for (const std::string& path : paths) name += (name.empty() ? "" : ",") + path;
  if (type->FindIndex(name) == nullptr) AddIndex(paths, {}, type, problems);
}

void LinkWithinOwner(RecordType* type) {
  for (Index& index : type->indexes) {
    const Index* within = type->FindIndex("owner," + index.name);
    if (within != nullptr) index.by_owner = within->number;
  }
}

void AddDeclaredIndexes(RecordType* type, Problems* problems) {
  AddIndex({"create_time"}, {}, type, problems);
  for (const v1::Index& index : type->annotation.index()) {
    AddIndex({index.by().begin(), index.by().end()}, index, type, problems);
  }
  const bool owned = type->annotation.ownership() == v1::Record::USER;
  for (const v1::Index& index : type->annotation.index()) {
    if (!index.access()) continue;
    if (!owned || index.unique()) {
      problems->push_back(Where(*type, "access is for indexes of records that a user owns"));
      continue;
    }
    AddWithinOwner({index.by().begin(), index.by().end()}, type, problems);
  }
  if (owned && type->message->Find(kOwner) != nullptr)
    AddWithinOwner({"create_time"}, type, problems);
  LinkWithinOwner(type);
}

void AddType(const Descriptor& message, int number, const std::string& service,
             CatalogueTables* tables, Problems* problems) {
  if (!HasOption(message.options(), v1::record)) return;
  const std::string& full_name = message.full_name();
  auto known = tables->by_message.find(full_name);
  if (known != tables->by_message.end()) {
    if (known->second->number != number) problems->push_back(full_name + ": has two numbers");
    known->second->services.push_back(service);
    return;
  }
  auto type = std::make_unique<RecordType>();
  type->message = tables->FindMessage(full_name);
  if (!type->message) {
    problems->push_back(full_name + ": a record type must be of proto3");
    return;
  }
  type->annotation = ReadOption(message.options(), v1::record);
  type->singular = SnakeCase(message.name());
  type->collection = type->annotation.collection();
  type->package = message.file()->package();
  type->number = static_cast<uint16_t>(number);
  type->services.push_back(service);
  type->title = type->message->Find(type->annotation.title());
  AddDeclaredIndexes(type.get(), problems);
  tables->by_message[full_name] = type.get();
  if (!tables->by_collection.emplace(type->collection, type.get()).second) {
    problems->push_back(full_name + ": the collection " + type->collection + " exists twice");
  }
  auto [at, added] = tables->types.emplace(type->number, nullptr);
  if (!added) {
    problems->push_back(full_name + ": has the number of " + at->second->message->full_name);
    tables->by_message.erase(full_name);
    tables->by_collection.erase(type->collection);
    return;
  }
  at->second = std::move(type);
}

// `sales` of `crm.sales.v1`.
std::string ServiceOf(const std::string& package) {
  const size_t begin = package.find('.') + 1;
  return package.substr(begin, package.rfind('.') - begin);
}

// The log's own records have the same numbers in every service, so that one decoder reads all.
void CheckOwnRecords(const Descriptor& event, Problems* problems) {
  static constexpr const char* kOwn[] = {"Claim", "Alive", "Released", "Reached"};
  int number = 0;
  for (const char* own : kOwn) {
    const auto* field = event.FindFieldByNumber(++number);
    const std::string wanted = std::string("crm.event.v1.") + own;
    if (field && field->message_type() && field->message_type()->full_name() == wanted) continue;
    problems->push_back(event.full_name() + ": number " + std::to_string(number) + " is no " +
                        wanted);
  }
}

void AddTypesOf(const std::string& root, CatalogueTables* tables, Problems* problems) {
  const Descriptor* event = tables->pool->FindMessageTypeByName(root);
  if (!event || event->oneof_decl_count() != 1) {
    problems->push_back(root + ": a root event is a message with one oneof");
    return;
  }
  CheckOwnRecords(*event, problems);
  const std::string service = ServiceOf(event->file()->package());
  const auto* oneof = event->oneof_decl(0);
  for (int i = 0; i < oneof->field_count(); ++i) {
    const auto* field = oneof->field(i);
    if (!field->message_type() || field->number() > 0xffff) {
      problems->push_back(field->full_name() +
                          ": a root event holds messages, numbered below 65536");
      continue;
    }
    AddType(*field->message_type(), field->number(), service, tables, problems);
  }
}

// Whether records of `from` may be attached to records of `to`, and what happens to them then.
const v1::Carries* Carried(const RecordType& from, const RecordType& to) {
  for (const v1::Carries& carries : to.annotation.carries()) {
    const auto& names = carries.types();
    if (std::find(names.begin(), names.end(), from.collection) != names.end()) return &carries;
  }
  return nullptr;
}

// What happens to records of `from` with the record of `to` that the field names: as the field
// says, or, for `regarding`, as the parent's type says.
Referrer Declared(const RecordType& from, const Field& field, const RecordType& to) {
  Referrer referrer{.from = &from, .field = &field};
  auto fill = [&](const auto& declared, v1::Cascade preset) {
    auto resolve = [&](v1::Cascade given) { return given == v1::BY_PRESET ? preset : given; };
    referrer.on_delete = resolve(declared.delete_());
    referrer.on_assign = resolve(declared.assign());
    referrer.on_share = resolve(declared.share());
    if (to.Find("merged")) referrer.on_merge = resolve(declared.merge());
  };
  if (field.number == kRegarding) {
    const v1::Carries* carries = Carried(from, to);
    if (!carries) return referrer;
    fill(*carries, v1::ALL);
    referrer.reparent = !carries->no_reparent();
    return referrer;
  }
  const v1::Reference& reference = field.annotation.reference();
  const bool targets =
      std::any_of(reference.to().begin(), reference.to().end(), [&](const std::string& collection) {
        return collection == "*" || collection == to.collection;
      });
  if (!targets) return referrer;
  fill(reference, v1::NONE);
  referrer.reparent = reference.reparent();
  return referrer;
}

bool HasEffect(const Referrer& referrer) {
  return referrer.on_delete != v1::NONE || referrer.on_assign != v1::NONE ||
         referrer.on_share != v1::NONE || referrer.on_merge != v1::NONE || referrer.reparent;
}

template <class Visit>
void ForEachReference(const CatalogueTables& tables, Visit visit) {
  for (const auto& [number, from] : tables.types) {
    for (const Field& field : from->message->fields) {
      if (field.kind != Kind::kReference || field.repeated) continue;
      for (const auto& [other, to] : tables.types) {
        Referrer referrer = Declared(*from, field, *to);
        if (HasEffect(referrer)) visit(*from, *to, referrer);
      }
    }
  }
}

const Index* IndexThatBeginsWith(const RecordType& type, const Field& field) {
  for (const Index& index : type.indexes) {
    // Of these, deciding follows whole combinations of values only.
    const bool whole = index.by.size() > 1 && (index.unique || index.decides);
    if (!whole && index.by[0].size() == 1 && index.by[0][0] == &field) return &index;
  }
  return nullptr;
}

void AddReferrers(CatalogueTables* tables, Problems* problems) {
  ForEachReference(*tables, [&](RecordType& from, RecordType&, const Referrer& referrer) {
    if (IndexThatBeginsWith(from, *referrer.field)) return;
    AddIndex({referrer.field->name}, {}, &from, problems);
    from.indexes.back().sparse = true;
  });
  // Only now do the indexes stay where they are.
  ForEachReference(*tables, [&](RecordType& from, RecordType& to, Referrer referrer) {
    referrer.index = IndexThatBeginsWith(from, *referrer.field);
    to.referrers.push_back(referrer);
  });
}

}  // namespace

void BuildTypes(const std::vector<std::string>& root_events, CatalogueTables* tables,
                Problems* problems) {
  for (const std::string& root : root_events) AddTypesOf(root, tables, problems);
  if (problems->empty()) AddReferrers(tables, problems);
}

}  // namespace crm::record
