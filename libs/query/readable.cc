#include "libs/query/readable.h"

#include <algorithm>
#include <functional>

#include "crm/activity/v1/share.pb.h"
#include "libs/access/guard.h"
#include "libs/record/key.h"
#include "libs/record/name.h"
#include "libs/record/spans.h"

namespace crm::query {
namespace {

using access::Party;
using record::RecordType;

constexpr size_t kMostOwners = 256;
constexpr int kMostSteps = 8;  // downwards, as many as decisions go upwards

std::string NameOf(const Party& party) {
  return (party.kind == Party::Kind::kUser ? "users/" : "teams/") + party.id.Text();
}

const record::Index* OwnerIndex(const RecordType& type) {
  for (const record::Index& index : type.indexes) {
    const record::FieldPath& first = index.by.front();
    if (first.size() == 1 && first.front()->number == record::kOwner) return &index;
  }
  return nullptr;
}

bool HasOwners(const RecordType& type) {
  return type.annotation.ownership() == record::v1::Record::USER;
}

class Search {
 public:
  Search(const Moment& moment, const RecordType& type, size_t most)
      : moment_(moment),
        catalogue_(moment.guard->records().catalogue()),
        subject_(*moment.guard->subject()),
        type_(type),
        most_(most) {}

  std::optional<std::set<record::Uuid>> Run() {
    const auto owners = subject_.ReadableOwners(type_.number, kMostOwners);
    if (!owners || !HasOwners(type_)) return std::nullopt;
    for (const Party& owner : *owners) AddOwned(type_, owner, &found_);
    std::set<Party> holders(owners->begin(), owners->end());
    const std::vector<Party> own = subject_.Parties();
    holders.insert(own.begin(), own.end());
    for (const Party& holder : holders) {
      AddShared(holder, std::find(own.begin(), own.end(), holder) != own.end());
    }
    AddBelow(own);
    if (failed_) return std::nullopt;
    return std::move(found_);
  }

 private:
  using Ids = std::set<record::Uuid>;

  bool Full() {
    failed_ = failed_ || ++looked_at_ > most_;
    return failed_;
  }

  void Scan(const RecordType& type, const record::Index& index, const std::string& value,
            const std::function<void(const record::Uuid&)>& visit) {
    const auto prefix = record::EncodeValue(*index.by.front().back(), value);
    if (!prefix) {
      failed_ = true;
      return;
    }
    const store::IndexRange range{
        moment_.tenant, type.number, index.number, *prefix, record::PrefixEnd(*prefix), false};
    for (auto cursor = moment_.view.Scan(range); cursor->Valid() && !Full(); cursor->Next())
      visit(cursor->id());
  }

  void AddOwned(const RecordType& type, const Party& owner, Ids* ids) {
    const record::Index* index = OwnerIndex(type);
    failed_ = failed_ || index == nullptr;
    if (failed_) return;
    Scan(type, *index, NameOf(owner), [&](const record::Uuid& id) { ids->insert(id); });
  }

  // `own`: the user's, or a team's that it is in. They also open what is below, unless they are of
  // an access team.
  void AddShared(const Party& holder, bool own) {
    const RecordType* shares = catalogue_.FindType("shares");
    const record::Index* index = shares == nullptr ? nullptr : shares->FindIndex("principal");
    failed_ = failed_ || index == nullptr;
    if (failed_) return;
    const Types above = own ? TypesAbove(IsShared) : Types();
    Scan(*shares, *index, NameOf(holder), [&](const record::Uuid& id) {
      const auto image = moment_.view.Record({moment_.tenant, shares->number, id});
      activity::v1::Share share;
      if (!image || !share.ParseFromString(*image)) return;
      const auto name = record::Name::Parse(share.record());
      const RecordType* type = name ? catalogue_.FindType(name->collection) : nullptr;
      if (type == &type_) found_.insert(name->id);
      if (above.contains(type) && share.access_team_template().empty())
        Descend(*type, name->id, {above, IsShared}, kMostSteps);
    });
  }

  void AddBelow(const std::vector<Party>& own) {
    const Types above = TypesAbove(IsReparented);
    for (const RecordType* type : above) {
      if (!HasOwners(*type) || !type->HostedBy(type_.services.front())) continue;
      Ids roots;
      for (const Party& party : own) AddOwned(*type, party, &roots);
      for (const record::Uuid& id : roots) Descend(*type, id, {above, IsReparented}, kMostSteps);
    }
  }

  // Ways along which rights go down from a record to those that refer to it.
  using Types = std::set<const RecordType*>;
  using Leads = bool (*)(const record::Referrer&);
  struct Ways {
    const Types& above;  // from whose records they lead to the type
    Leads lead;
  };
  static bool IsShared(const record::Referrer& referrer) {
    return referrer.on_share != record::v1::NONE;
  }
  static bool IsReparented(const record::Referrer& referrer) { return referrer.reparent; }

  Types TypesAbove(Leads lead) const {
    Types above;
    for (bool grown = true; grown;) {
      grown = false;
      for (const RecordType* type : catalogue_.Types()) {
        const bool leads =
            std::any_of(type->referrers.begin(), type->referrers.end(), [&](const auto& referrer) {
              return lead(referrer) && (referrer.from == &type_ || above.contains(referrer.from));
            });
        grown = (leads && above.insert(type).second) || grown;
      }
    }
    return above;
  }

  void Descend(const RecordType& type, const record::Uuid& id, const Ways& ways, int steps) {
    if (failed_) return;
    const std::string name = type.collection + "/" + id.Text();
    for (const record::Referrer& referrer : type.referrers) {
      const bool goes_on = steps > 1 && ways.above.contains(referrer.from);
      if (!ways.lead(referrer) || (referrer.from != &type_ && !goes_on)) continue;
      Ids below;
      Scan(*referrer.from, *referrer.index, name,
           [&](const record::Uuid& child) { below.insert(child); });
      if (referrer.from == &type_) found_.insert(below.begin(), below.end());
      if (!goes_on) continue;
      for (const record::Uuid& child : below) Descend(*referrer.from, child, ways, steps - 1);
    }
  }

  const Moment& moment_;
  const record::Catalogue& catalogue_;
  const access::Subject& subject_;
  const RecordType& type_;
  const size_t most_;
  size_t looked_at_ = 0;
  bool failed_ = false;
  Ids found_;
};

bool IsWithin(const std::string& key, const std::string& from, const std::string& to) {
  return key >= from && (to.empty() || key < to);
}

}  // namespace

std::optional<std::set<record::Uuid>> FindReadable(const Moment& moment, const RecordType& type,
                                                   size_t most) {
  return Search(moment, type, most).Run();
}

Page PageOfFew(const Moment& moment, const RecordType& type, const Plan& plan,
               const std::set<record::Uuid>& ids, const std::string& after, size_t size,
               bool count) {
  std::vector<std::pair<std::string, std::string>> found;  // key and image
  for (const record::Uuid& id : ids) {
    auto image = ReadRecord(moment, type, id);
    if (!image) continue;
    std::string key;
    record::AppendIndexValues(*plan.index, *record::Spans::Read(*image), &key);
    key.append(id.Bytes());
    if (IsWithin(key, plan.from, plan.to)) found.emplace_back(std::move(key), std::move(*image));
  }
  std::sort(found.begin(), found.end());
  if (plan.reverse) std::reverse(found.begin(), found.end());
  Page page;
  if (count) page.total = static_cast<int64_t>(found.size());
  std::string last_key;
  for (auto& [key, image] : found) {
    if (!after.empty() && (plan.reverse ? key >= after : key <= after)) continue;
    if (page.images.size() == size) {
      page.last_key = last_key;
      break;
    }
    page.images.push_back(std::move(image));
    last_key = key;
  }
  return page;
}

}  // namespace crm::query
