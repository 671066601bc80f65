#pragma once

#include <optional>
#include <set>
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
  std::set<record::Uuid> others;      // all further ones that may be read, and few that may not
};

// nullopt: there is no naming them: whoever the records belong to, they may be read, or looking for
// the others took more than `most` steps.
std::optional<Openers> FindOpeners(const Moment& moment, const record::RecordType& type,
                                   size_t most);

// Adds the records of these owners to the ids, as long as there are at most `most`.
bool AddOwned(const Moment& moment, const record::RecordType& type,
              const std::vector<access::Party>& owners, size_t most, std::set<record::Uuid>* ids);

// Whether the records of one owner stand together in it.
bool BeginsWithOwner(const record::Index& index);

// `users/…`, as the field `owner` has it.
std::string NameOf(const access::Party& party);

}  // namespace crm::query
