#include "libs/store/verify.h"

#include <openssl/evp.h>

#include <array>
#include <initializer_list>
#include <string_view>
#include <utility>

#include "libs/record/check.h"
#include "libs/record/key.h"
#include "libs/store/event.h"
#include "libs/store/key.h"

// What is hashed, row by row in the order of the keys, each part with its length (8 bytes,
// big-endian) before it:
//
//   record   id, image
//   index    values with id
//   history  id, which of the record's events it is (from 1, 8 bytes), event type, image
namespace crm::store {
namespace {

class Sha256 {
 public:
  Sha256() : context_(EVP_MD_CTX_new()) {
    CRM_CHECK(context_ && EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) == 1);
  }

  void AddRow(std::initializer_list<std::string_view> parts) {
    for (const auto part : parts) {
      Add(NumberValue(static_cast<int64_t>(part.size())));
      Add(part);
    }
  }

  std::string Hex() {
    std::array<unsigned char, 32> digest{};
    CRM_CHECK(EVP_DigestFinal_ex(context_.get(), digest.data(), nullptr) == 1);
    std::string hex;
    for (const unsigned char byte : digest) {
      hex.push_back("0123456789abcdef"[byte >> 4]);
      hex.push_back("0123456789abcdef"[byte & 15]);
    }
    return hex;
  }

 private:
  void Add(std::string_view bytes) {
    CRM_CHECK(EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()) == 1);
  }

  struct Free {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  };
  std::unique_ptr<EVP_MD_CTX, Free> context_;
};

Rows WithPrefix(const std::shared_ptr<const Moment>& moment, Table table,
                const std::string& prefix) {
  return Rows(moment, table, prefix, record::PrefixEnd(prefix));
}

// No hash where there is no record of the type.
std::optional<std::string> HashRecords(const std::shared_ptr<const Moment>& moment,
                                       const std::string& type_prefix,
                                       const record::RecordType& type) {
  Sha256 hash;
  auto rows = WithPrefix(moment, Table::kRecord, type_prefix);
  if (!rows.Valid()) return std::nullopt;
  for (; rows.Valid(); rows.Next()) {
    hash.AddRow({rows.key().substr(kTypePrefixSize), ImageOf(type, rows.value())});
  }
  return hash.Hex();
}

std::string HashIndex(const std::shared_ptr<const Moment>& moment, const std::string& prefix) {
  Sha256 hash;
  auto rows = WithPrefix(moment, Table::kIndex, prefix);
  for (; rows.Valid(); rows.Next()) hash.AddRow({rows.key().substr(kIndexPrefixSize)});
  return hash.Hex();
}

std::string HashHistory(const std::shared_ptr<const Moment>& moment, const std::string& type_prefix,
                        uint16_t type) {
  Sha256 hash;
  std::string id;
  int64_t version = 0;
  auto rows = WithPrefix(moment, Table::kHistory, type_prefix);
  for (; rows.Valid(); rows.Next()) {
    const auto row_id = rows.key().substr(kTypePrefixSize, kIdSize);
    version = row_id == id ? version + 1 : 1;
    id = row_id;
    const auto facts = ReadEvent(rows.value());
    const auto image = facts ? ImageIn(facts->value, type) : std::nullopt;
    CRM_CHECK(image);  // or it would not have been projected
    hash.AddRow({id, NumberValue(version), facts->type, *image});
  }
  return hash.Hex();
}

}  // namespace

std::map<std::string, std::string> Hashes(const std::shared_ptr<const Moment>& moment,
                                          const record::Catalogue& catalogue,
                                          const std::string& service, TenantNumber tenant) {
  std::map<std::string, std::string> hashes;
  for (const auto* type : catalogue.Types()) {
    if (!service.empty() && !type->HostedBy(service)) continue;
    std::string prefix;
    AppendTypePrefix(tenant, type->number, &prefix);
    const auto records = HashRecords(moment, prefix, *type);
    if (!records) continue;
    hashes[type->collection + "/record"] = *records;
    hashes[type->collection + "/history"] = HashHistory(moment, prefix, type->number);
    for (const auto& index : type->indexes) {
      std::string index_prefix;
      AppendIndexPrefix(tenant, type->number, index.number, &index_prefix);
      hashes[type->collection + "/index/" + index.name] = HashIndex(moment, index_prefix);
    }
  }
  return hashes;
}

}  // namespace crm::store
