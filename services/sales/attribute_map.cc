#include "services/sales/attribute_map.h"

#include <span>
#include <string_view>

namespace crm::sales {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

struct BuiltIn {
  std::string_view source_field;
  std::string_view target_field;
};

constexpr BuiltIn kOfEverybody[] = {
    {"owner", "owner"},
    {"description", "description"},
    {"email", "email"},
    {"email2", "email2"},
    {"email3", "email3"},
    {"telephone1", "telephone1"},
    {"telephone2", "telephone2"},
    {"fax", "fax"},
    {"website", "website"},
    {"address1", "address1"},
    {"address2", "address2"},
    {"preferred_contact_method", "preferred_contact_method"},
    {"do_not_email", "do_not_email"},
    {"do_not_bulk_email", "do_not_bulk_email"},
    {"do_not_phone", "do_not_phone"},
    {"do_not_fax", "do_not_fax"},
    {"do_not_postal_mail", "do_not_postal_mail"},
    {"do_not_bulk_postal_mail", "do_not_bulk_postal_mail"},
    {"send_marketing_materials", "send_marketing_materials"},
};
constexpr BuiltIn kOfAccounts[] = {
    {"company_name", "display_name"},
    {"revenue", "revenue"},
    {"number_of_employees", "number_of_employees"},
    {"sic", "sic"},
    {"industry", "industry"},
};
constexpr BuiltIn kOfContacts[] = {
    {"salutation", "salutation"}, {"first_name", "first_name"}, {"middle_name", "middle_name"},
    {"last_name", "last_name"},   {"job_title", "job_title"},   {"telephone3", "telephone3"},
    {"mobile", "mobile"},         {"pager", "pager"},           {"lead_source", "lead_source"},
};
constexpr BuiltIn kOfOpportunities[] = {
    {"owner", "owner"},
    {"subject", "display_name"},
    {"description", "description"},
    {"budget_amount", "budget_amount"},
    {"budget_status", "budget_status"},
    {"need", "need"},
    {"purchase_timeframe", "purchase_timeframe"},
    {"purchase_process", "purchase_process"},
    {"qualification_comments", "qualification_comments"},
    {"estimated_amount", "estimated_value"},
    {"estimated_close_date", "estimated_close_date"},
    {"rating", "rating"},
    {"campaign", "campaign"},
    {"currency", "currency"},
    {"decision_maker", "decision_maker"},
};

void Add(std::span<const BuiltIn> pairs, v1::AttributeMap* map) {
  for (const BuiltIn& pair : pairs) {
    map->add_pairs()->set_source_field(std::string(pair.source_field));
    map->mutable_pairs()->rbegin()->set_target_field(std::string(pair.target_field));
  }
}

bool Fits(const FieldDescriptor& source, const FieldDescriptor& target) {
  return source.cpp_type() == target.cpp_type() && !source.is_repeated() && !target.is_repeated() &&
         source.message_type() == target.message_type();
}

void CopyField(const Message& from, const FieldDescriptor* source, Message* to,
               const FieldDescriptor* target) {
  const auto* read = from.GetReflection();
  const auto* write = to->GetReflection();
  switch (source->cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return write->SetString(to, target, read->GetString(from, source));
    case FieldDescriptor::CPPTYPE_ENUM:
      return write->SetEnumValue(to, target, read->GetEnumValue(from, source));
    case FieldDescriptor::CPPTYPE_BOOL:
      return write->SetBool(to, target, read->GetBool(from, source));
    case FieldDescriptor::CPPTYPE_INT32:
      return write->SetInt32(to, target, read->GetInt32(from, source));
    case FieldDescriptor::CPPTYPE_INT64:
      return write->SetInt64(to, target, read->GetInt64(from, source));
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return write->SetDouble(to, target, read->GetDouble(from, source));
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return write->MutableMessage(to, target)->CopyFrom(read->GetMessage(from, source));
    default:
      return;
  }
}

}  // namespace

v1::AttributeMap MapFor(const std::string& source_type, const std::string& target_type,
                        const shard::Transaction& tx) {
  auto own = tx.FindBy<v1::AttributeMap>("source_type,target_type", {source_type, target_type});
  if (!own.empty()) return own.front();
  v1::AttributeMap map;
  if (source_type != "leads") return map;
  if (target_type == "accounts") {
    Add(kOfEverybody, &map);
    Add(kOfAccounts, &map);
  } else if (target_type == "contacts") {
    Add(kOfEverybody, &map);
    Add(kOfContacts, &map);
  } else if (target_type == "opportunities") {
    Add(kOfOpportunities, &map);
  }
  return map;
}

void CopyFields(const v1::AttributeMap& map, const Message& source, Message* target) {
  for (const v1::AttributeMap::Pair& pair : map.pairs()) {
    const auto* from = source.GetDescriptor()->FindFieldByName(pair.source_field());
    const auto* to = target->GetDescriptor()->FindFieldByName(pair.target_field());
    if (from == nullptr || to == nullptr || !Fits(*from, *to)) continue;
    const bool set = from->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE ||
                     source.GetReflection()->HasField(source, from);
    if (set) CopyField(source, from, target, to);
  }
}

}  // namespace crm::sales
