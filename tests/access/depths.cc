#include "tests/access/depths.h"

#include <algorithm>
#include <set>

namespace crm::test {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using record::v1::Right;
using Ownership = record::v1::Record;

constexpr size_t kRights = 8;
constexpr char kUnitSlot[] = "colleague", kBelowSlot[] = "below", kElsewhereSlot[] = "elsewhere";

// Which records a depth reaches: rows by depth, columns by where they belong.
constexpr bool kReaches[5][4] = {
    {false, false, false, false},  // none
    {true, false, false, false},   // user
    {true, true, false, false},    // unit
    {true, true, true, false},     // unit and those below
    {true, true, true, true},      // organization
};

int DepthOf(const Caller& caller, Right right) {
  return caller.depths[static_cast<size_t>(right) - 1] - '0';
}

// Rights on what the organization owns are for all or none.
std::string AllOrNone(const Caller& caller) {
  std::string depths = caller.depths;
  for (char& digit : depths) {
    if (digit != '4') digit = digit != '0' && !caller.varied ? '4' : '0';
  }
  return depths;
}

bool HasOwner(const RecordType& type) { return type.options.ownership() == Ownership::USER; }
bool Follows(const RecordType& type) { return type.options.ownership() == Ownership::PARENT; }

// Records that each refers to, by a field that attaches it to them.
std::vector<std::string> AttachedTo(const Message& record) {
  std::vector<std::string> names;
  const auto* type = record.GetDescriptor();
  for (int i = 0; i < type->field_count(); ++i) {
    const FieldDescriptor* field = type->field(i);
    if (!AnnotationOf(field).has_reference() || field->is_repeated() || field->name() == "owner")
      continue;
    const std::string name = record.GetReflection()->GetString(record, field);
    if (!name.empty()) names.push_back(name.substr(0, name.find('/')));
  }
  return names;
}

}  // namespace

Depths::Depths(const std::string& tenant) : tenant_(tenant), organization_(tenant) {
  mine_ = organization_.Unit("Mine", organization_.root());
  below_ = organization_.Unit("Below", mine_);
  elsewhere_ = organization_.Unit("Elsewhere", organization_.root());
  units_ = {{kUnitSlot, mine_}, {kBelowSlot, below_}, {kElsewhereSlot, elsewhere_}};
  AddCallers();
  std::vector<const RecordType*> following;
  for (const RecordType& type : Schema::Shared().types())
    (Follows(type) ? following : types_).push_back(&type);
  types_.insert(types_.end(), following.begin(), following.end());
  for (const RecordType* type : types_) Plant(*type);
  // Nobody is given records who may not read them, but one may lose the right.
  for (const Caller& caller : callers_) {
    if (!caller.varied && caller.depths.front() == '0') {
      const Outcome removed =
          organization_.RemoveRole(caller.sign_in_name, organization_.RoleWithEverything());
      EXPECT_TRUE(removed.ok()) << removed;
    }
  }
}

void Depths::AddCallers() {
  const std::string everything = organization_.RoleWithEverything();
  for (const auto& [slot, unit] : units_) {
    organization_.Signed(slot, unit, {everything});
    users_[slot] = organization_.User(slot).name();
  }
  for (char depth = '0'; depth <= '4'; ++depth)
    AddCaller(std::string("all-") + depth, std::string(kRights, depth), std::nullopt);
  for (int right = 1; right <= static_cast<int>(kRights); ++right) {
    if (right == record::v1::READ) continue;  // nothing else helps without it
    for (char depth = '0'; depth <= '3'; ++depth) {
      std::string depths(kRights, '4');
      depths[static_cast<size_t>(right) - 1] = depth;
      AddCaller("right-" + std::to_string(right) + "-" + depth, depths, static_cast<Right>(right));
    }
  }
}

// Those that any command asks for: what is tried here is depths.
std::vector<std::string> Depths::Privileges() {
  std::set<std::string> privileges;
  for (const RecordType& type : Schema::Shared().types()) {
    for (int i = 0; i < type.service->method_count(); ++i) {
      const auto& options = type.service->method(i)->options();
      if (options.HasExtension(record::v1::command))
        privileges.insert(options.GetExtension(record::v1::command).privilege());
    }
  }
  privileges.erase("");
  return {privileges.begin(), privileges.end()};
}

void Depths::AddCaller(const std::string& name, const std::string& depths,
                       std::optional<Right> varied) {
  Caller caller{name, depths, varied, "", organization_.administrator()};
  std::vector<std::pair<std::string, std::string>> by_type;
  for (const RecordType& type : Schema::Shared().types()) {
    if (Follows(type)) continue;
    const bool everybodys = type.options.ownership() == Ownership::ORGANIZATION;
    by_type.emplace_back(type.collection, everybodys ? AllOrNone(caller) : depths);
  }
  const std::string role = organization_.RoleOf("role of " + name, by_type, Privileges());
  std::vector<std::string> roles = {role};
  if (!varied && depths.front() == '0') roles.push_back(organization_.RoleWithEverything());
  caller.client = organization_.Signed(name, mine_, roles);
  caller.user = organization_.User(name).name();
  users_[name] = caller.user;
  units_[name] = mine_;
  callers_.push_back(std::move(caller));
}

Depths::Slot Depths::SlotOf(const Caller& caller, Where where) {
  switch (where) {
    case Where::kOwn:
      return caller.sign_in_name;
    case Where::kUnit:
      return kUnitSlot;
    case Where::kBelow:
      return kBelowSlot;
    case Where::kElsewhere:
      break;
  }
  return kElsewhereSlot;
}

std::string Depths::UserAt(const Caller& caller, Where where) const {
  return users_.at(SlotOf(caller, where));
}

Tested& Depths::TestedOf(const RecordType& type) {
  auto found = tested_.find(type.collection);
  if (found == tested_.end()) {
    Tested tested = Tested(Schema::Shared(), type, tenant_).With(organization_.administrator());
    tested.Use("business_units", organization_.root());
    found = tested_.emplace(type.collection, std::move(tested)).first;
  }
  return found->second;
}

// What follows the record above it belongs where that does.
void Depths::Belong(const Slot& slot, Tested* tested) {
  for (const RecordType* type : types_) {
    if (!Follows(tested->type()) || !HasOwner(*type)) continue;
    tested->Use(type->collection, records_.at(type->collection).at(slot));
  }
}

Record Depths::New(Tested& tested, const Slot& slot) {
  Belong(slot, &tested);
  Record record = tested.Minimal(++seed_);
  if (HasOwner(tested.type())) SetText(record.get(), "owner", users_.at(slot));
  if (tested.type().collection == "access_team_templates")
    SetText(record.get(), "collection", "leads");
  if (tested.type().options.ownership() == Ownership::UNIT) {
    const bool unit = tested.type().collection == "business_units";
    SetText(record.get(), unit ? "parent" : "business_unit", units_.at(slot));
  }
  return record;
}

std::vector<std::string> Depths::CreateIn(Tested& tested, const std::vector<Slot>& slots) {
  std::vector<std::string> items;
  for (const Slot& slot : slots)
    items.push_back(Tested::CreateBytes(New(tested, slot)->SerializeAsString(), {}));
  const RecordsAnswer made = tested.BatchCreate(items);
  EXPECT_TRUE(made.ok()) << tested.type().collection << ": " << made;
  std::vector<std::string> names;
  for (const std::string& record : made.records) names.push_back(tested.Name(record));
  names.resize(slots.size());
  return names;
}

void Depths::Plant(const RecordType& type) {
  if (type.collection == "tenants") {
    const auto listed = TestedOf(type).ListAll("", "");
    records_[type.collection][kElsewhereSlot] = TestedOf(type).Name(listed.front());
    return;
  }
  // Units are where they are; other types have a record in each.
  if (type.collection == "business_units") {
    for (const Slot slot : {kUnitSlot, kBelowSlot, kElsewhereSlot})
      records_[type.collection][slot] = units_.at(slot);
    return;
  }
  std::vector<Slot> slots = {kElsewhereSlot};
  if (type.options.ownership() != Ownership::ORGANIZATION)
    slots.insert(slots.end(), {kUnitSlot, kBelowSlot});
  std::vector<Slot> few = slots;
  if (HasOwner(type) || Follows(type)) {
    for (const Caller& caller : callers_) {
      slots.push_back(caller.sign_in_name);
      if (!caller.varied || caller.varied == record::v1::DELETE) few.push_back(slots.back());
    }
  }
  Tested& tested = TestedOf(type);
  const auto names = CreateIn(tested, slots);
  for (size_t i = 0; i < slots.size(); ++i) records_[type.collection][slots[i]] = names[i];
  const auto deleted = CreateIn(tested, few);
  for (size_t i = 0; i < few.size(); ++i) {
    record::v1::DeleteRequest request;
    request.set_name(deleted[i]);
    request.set_force(true);
    if (tested.Delete(request).ok()) deleted_[type.collection][few[i]] = deleted[i];
  }
}

std::string Depths::RecordAt(const RecordType& type, const Caller& caller, Where where) const {
  const auto& records = records_.at(type.collection);
  const auto found = records.find(SlotOf(caller, where));
  return found == records.end() ? "" : found->second;
}

std::string Depths::DeletedAt(const RecordType& type, const Caller& caller, Where where) const {
  const auto records = deleted_.find(type.collection);
  if (records == deleted_.end()) return "";
  const auto found = records->second.find(SlotOf(caller, where));
  return found == records->second.end() ? "" : found->second;
}

Record Depths::NewAt(const RecordType& type, const Caller& caller, Where where) {
  if (RecordAt(type, caller, where).empty() || type.collection == "tenants") return nullptr;
  return New(TestedOf(type), SlotOf(caller, where));
}

bool Depths::Covers(const Caller& caller, Right right, const RecordType& type, Where where) {
  switch (type.options.ownership()) {
    case Ownership::ORGANIZATION:
      return AllOrNone(caller)[static_cast<size_t>(right) - 1] == '4';
    case Ownership::PARENT:
      if (right != record::v1::READ) right = record::v1::WRITE;
      break;
    default:
      break;
  }
  return kReaches[DepthOf(caller, right)][static_cast<size_t>(where)];
}

bool Depths::MayCreate(const Caller& caller, const RecordType& type, Where where,
                       const Record& record) const {
  // A new unit is below none yet that a role could be in.
  if (type.collection == "business_units") where = Where::kElsewhere;
  if (!Covers(caller, record::v1::CREATE, type, where)) return false;
  for (const std::string& collection : AttachedTo(*record)) {
    const RecordType* to = Schema::Shared().Find(collection);
    if (to == nullptr || collection == "business_units" ||
        to->message->file()->package() == "crm.identity.v1") {
      continue;
    }
    // What records refer to belongs to the administrator, but what they follow.
    const Where above = Follows(type) ? where : Where::kElsewhere;
    if (!Follows(type) && !Covers(caller, record::v1::APPEND, type, where)) return false;
    if (!Covers(caller, record::v1::APPEND_TO, *to, above)) return false;
  }
  return true;
}

}  // namespace crm::test
