#pragma once

#include <optional>
#include <vector>

#include "libs/query/read.h"

namespace crm::access {
struct Party;
}

namespace crm::query {

// What opens records of a type to a user: whom they belong to, and, of others' records, what is
// shared and what hangs below records of the user.
struct Openers {
  std::vector<access::Party> owners;  // all records of these may be read
  std::vector<record::Uuid> others;   // all further ones that may be read, and few that may not
};

// nullopt: there is no naming them: whoever the records belong to, they may be read, or looking for
// the others took more than `most` steps.
std::optional<Openers> FindOpeners(const Moment& moment, const record::RecordType& type,
                                   size_t most);

// The records that come into question, in order: `others` and what belongs to the owners. nullopt:
// those are more than `most`, or the moment has no index of them.
std::optional<std::vector<record::Uuid>> FindCandidates(const Moment& moment,
                                                        const record::RecordType& type,
                                                        const Openers& openers, size_t most);

// Whether the records of one owner stand together in it.
bool BeginsWithOwner(const record::Index& index);

// `users/…`, as the field `owner` has it.
std::string NameOf(const access::Party& party);

}  // namespace crm::query
