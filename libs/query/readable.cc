#include "libs/query/readable.h"

#include <algorithm>
#include <functional>
#include <set>

#include "crm/activity/v1/share.pb.h"
#include "libs/access/guard.h"
#include "libs/record/key.h"
#include "libs/record/name.h"
#include "libs/record/spans.h"

namespace crm::query {
namespace {

using access::Party;
using record::RecordType;
using Ids = std::set<record::Uuid>;

constexpr int kMostSteps = 8;  // downwards, as many as decisions go upwards

// One that knows the moment.
const record::Index* OwnerIndex(const RecordType& type, const Moment& moment) {
  for (const record::Index& index : type.indexes) {
    if (BeginsWithOwner(index) && (index.past || moment.as_of == store::kNow)) return &index;
  }
  return nullptr;
}

bool HasOwners(const RecordType& type) {
  return type.annotation.ownership() == record::v1::Record::USER;
}

// Looks along indexes, until it has looked too often.
class Search {
 public:
  Search(const Moment& moment, const RecordType& type, size_t most)
      : moment_(moment),
        catalogue_(moment.guard->records().catalogue()),
        subject_(*moment.guard->subject()),
        type_(type),
        most_(most) {}

  bool failed() const { return failed_; }

  std::optional<Openers> Run() {
    if (!HasOwners(type_)) return Follow();
    auto owners = subject_.ReadableOwners(type_.number, SIZE_MAX);
    if (!owners) return std::nullopt;
    const std::vector<Party> own = subject_.Parties();
    for (const Party& party : own) AddShared(party, /*below=*/true);
    // What is shared with reports can be read, too.
    for (const Party& owner : *owners) {
      if (subject_.DistanceTo(owner) > 0) AddShared(owner, /*below=*/false);
    }
    AddBelow(own);
    if (failed_) return std::nullopt;
    return Openers{std::move(*owners), {found_.begin(), found_.end()}};
  }

  void AddOwned(const RecordType& type, const Party& owner, std::vector<record::Uuid>* ids) {
    const record::Index* index = OwnerIndex(type, moment_);
    failed_ = failed_ || index == nullptr;
    if (failed_) return;
    Scan(type, *index, NameOf(owner), [&](const record::Uuid& id) { ids->push_back(id); });
  }

 private:
  bool Full() {
    failed_ = failed_ || ++looked_at_ > most_;
    return failed_;
  }

  void Scan(const RecordType& type, const record::Index& index, const std::string& value,
            const std::function<void(const record::Uuid&)>& visit, bool today = false) {
    const auto prefix = record::EncodeValue(*index.by.front().back(), value);
    const int64_t as_of = today ? store::kNow : moment_.as_of;
    failed_ = failed_ || !prefix || (as_of != store::kNow && !index.past);
    if (failed_ || Full()) return;
    const store::IndexRange range{
        moment_.tenant, type.number, index.number, *prefix, record::PrefixEnd(*prefix), false};
    for (auto cursor = moment_.view.Scan(range, as_of); cursor->Valid() && !Full(); cursor->Next())
      visit(cursor->id());
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

  // Shares are today's, whatever the moment. `below`: they also open what is below, unless they are
  // of an access team.
  void AddShared(const Party& holder, bool below) {
    const RecordType* shares = catalogue_.FindType("shares");
    const record::Index* index = shares == nullptr ? nullptr : shares->FindIndex("principal");
    failed_ = failed_ || index == nullptr;
    if (failed_) return;
    const Types above = below ? TypesAbove(IsShared) : Types();
    const auto add = [&](const record::Uuid& id) {
      const auto image = moment_.view.Record({moment_.tenant, shares->number, id});
      activity::v1::Share share;
      if (!image || !share.ParseFromString(*image)) return;
      const auto name = record::Name::Parse(share.record());
      const RecordType* type = name ? catalogue_.FindType(name->collection) : nullptr;
      if (type == &type_) found_.insert(name->id);
      if (above.contains(type) && share.access_team_template().empty())
        Descend(*type, name->id, {above, IsShared}, kMostSteps);
    };
    Scan(*shares, *index, NameOf(holder), add, /*today=*/true);
  }

  void AddBelow(const std::vector<Party>& own) {
    const Types above = TypesAbove(IsReparented);
    for (const RecordType* type : above) {
      if (!HasOwners(*type) || !type->HostedBy(type_.services.front())) continue;
      std::vector<record::Uuid> roots;
      for (const Party& party : own) AddOwned(*type, party, &roots);
      for (const record::Uuid& id : roots) Descend(*type, id, {above, IsReparented}, kMostSteps);
    }
  }

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

  // Records that follow the one above them: below those that may be read.
  std::optional<Openers> Follow() {
    const record::Field* up = access::FollowedField(type_);
    if (up == nullptr) return std::nullopt;
    for (const RecordType* above : catalogue_.Types()) {
      for (const record::Referrer& referrer : above->referrers) {
        const bool follows = referrer.from == &type_ && referrer.field == up;
        if (follows && !FollowFrom(*above, referrer)) return std::nullopt;
      }
    }
    return Openers{{}, {found_.begin(), found_.end()}};
  }

  bool FollowFrom(const RecordType& above, const record::Referrer& referrer) {
    auto openers = HasOwners(above) ? FindOpeners(moment_, above, most_) : std::nullopt;
    if (!openers) return false;
    std::vector<record::Uuid> roots = std::move(openers->others);
    for (const Party& owner : openers->owners) AddOwned(above, owner, &roots);
    for (const record::Uuid& root : roots) {
      Scan(type_, *referrer.index, above.collection + "/" + root.Text(),
           [&](const record::Uuid& id) { found_.insert(id); });
    }
    return !failed_;
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

}  // namespace

std::string NameOf(const Party& party) {
  return (party.kind == Party::Kind::kUser ? "users/" : "teams/") + party.id.Text();
}

bool BeginsWithOwner(const record::Index& index) {
  const record::FieldPath& first = index.by.front();
  return first.size() == 1 && first.front()->number == record::kOwner;
}

std::optional<Openers> FindOpeners(const Moment& moment, const RecordType& type, size_t most) {
  return Search(moment, type, most).Run();
}

std::optional<std::vector<record::Uuid>> FindCandidates(const Moment& moment,
                                                        const RecordType& type,
                                                        const Openers& openers, size_t most) {
  std::vector<record::Uuid> ids = openers.others;
  Search search(moment, type, most);
  for (const Party& owner : openers.owners) search.AddOwned(type, owner, &ids);
  if (search.failed()) return std::nullopt;
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  return ids;
}

}  // namespace crm::query
