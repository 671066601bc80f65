#pragma once

#include "libs/access/guard.h"
#include "libs/shard/command.h"
#include "libs/shard/transaction.h"

// What a command's caller must be allowed, decided on what the command is decided on.
namespace crm::shard {

// Records as the transaction shows them.
class TransactionRecords final : public access::Records {
 public:
  explicit TransactionRecords(const Transaction& tx) : tx_(tx) {}
  const record::Catalogue& catalogue() const override { return tx_.catalogue(); }
  std::optional<std::string> Find(const record::RecordType& type,
                                  const record::Uuid& id) const override;
  std::vector<record::Uuid> FindByIndex(const record::RecordType& type, const record::Index& index,
                                        const std::string& values) const override;

 private:
  const Transaction& tx_;
};

// A record that is about to be there: its creation, and the owner that it gets.
record::Status AuthoriseCreation(const Write& write, const record::Uuid& id, std::string_view image,
                                 const Transaction& tx);
// A record that is there: OK, NOT_FOUND or PERMISSION_DENIED.
record::Status Authorise(access::Right right, const record::RecordType& type,
                         const record::Uuid& id, std::string_view image, const Transaction& tx);
bool MayRead(const record::RecordType& type, const record::Uuid& id, std::string_view image,
             const Transaction& tx);
// Whether the live record of this name may be read.
bool MayReadNamed(std::string_view name, const Transaction& tx);
// Of who may change the record: the fields that the update names, the owner that it gives, and what
// it attaches to what.
record::Status AuthoriseUpdate(const Write& write, std::string_view before, std::string_view after,
                               const Transaction& tx);
// What a role has by name, beside rights on types.
record::Status CheckPrivilege(const std::string& privilege, const Transaction& tx);
// Several records at once, whatever is done with each: editing many is a privilege.
record::Status AuthoriseBatch(const Command& command, const Transaction& tx);
// A command of the trade: the right that it needs on the records that it names, the types that it
// creates, and its privilege.
record::Status AuthoriseCommand(const Command& command, const Transaction& tx);
// That somebody may own records of the type.
record::Status CheckOwner(const record::RecordType& type, std::string_view owner,
                          const Transaction& tx);

// Assigning and sharing, the same for all types; null for another method.
using AccessCommand = record::Status (*)(const Command& command, Transaction& tx,
                                         std::string* response);
AccessCommand FindAccessCommand(const std::string& path);

}  // namespace crm::shard
