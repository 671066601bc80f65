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

// Whether the fields are of one kind. Of texts the length and the form are looked at when the
// target is written, because the one that is there may well fit.
bool Fit(const record::Field& source, const record::Field& target) {
  return source.proto_type == target.proto_type && !source.repeated && !target.repeated &&
         source.message == target.message && !target.output_only && !target.identifier;
}

// `PARTNER` of LEAD_SOURCE_PARTNER: what is left without the name that all options of a set have.
std::string_view Bare(const record::OptionSet& set, const record::OptionValue& value) {
  constexpr std::string_view kNone = "UNSPECIFIED";
  const record::OptionValue* none = set.Find(0);
  const bool named = none != nullptr && none->name.ends_with(kNone);
  return std::string_view(value.name).substr(named ? none->name.size() - kNone.size() : 0);
}

// Whether the target has the source's option: the types' sets are their own, some with the same
// options.
bool HaveOption(const record::OptionSet& source, const record::OptionSet& target, int number) {
  const record::OptionValue* from = source.Find(number);
  const record::OptionValue* to = target.Find(number);
  return from != nullptr && to != nullptr && Bare(source, *from) == Bare(target, *to);
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

void CopyFields(const v1::AttributeMap& map, const Message& source,
                const record::Catalogue& catalogue, Message* target) {
  const auto* source_type = catalogue.FindTypeByMessage(source.GetDescriptor()->full_name());
  const auto* target_type = catalogue.FindTypeByMessage(target->GetDescriptor()->full_name());
  for (const v1::AttributeMap::Pair& pair : map.pairs()) {
    const record::Field* from = source_type->Find(pair.source_field());
    const record::Field* to = target_type->Find(pair.target_field());
    if (from == nullptr || to == nullptr || !Fit(*from, *to)) continue;
    const auto* field = source.GetDescriptor()->FindFieldByName(from->name);
    const auto* read = source.GetReflection();
    if (from->message != nullptr && !read->HasField(source, field)) continue;
    if (from->options != nullptr &&
        !HaveOption(*from->options, *to->options, read->GetEnumValue(source, field)))
      continue;
    CopyField(source, field, target, target->GetDescriptor()->FindFieldByName(to->name));
  }
}

}  // namespace crm::sales
