#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libs/query/page_token.h"
#include "libs/query/read.h"
#include "libs/record/mask.h"
#include "libs/record/spans.h"
#include "libs/rpc/reads.h"

// What all reads do: find the moment, look through the mask, turn pages, answer.
namespace crm::rpc {

Answer Failed(record::Status status);
Answer Faulty(const std::vector<record::Violation>& violations);
Answer Succeeded(const ReadContext& context, const store::View& view, std::string body);

// The moment that a request wants to read; nullopt where the tenant has nothing at it.
std::optional<query::Moment> MomentOf(const ReadContext& context, const store::View& view,
                                      const record::Span* read_time,
                                      std::vector<record::Violation>* violations);

record::Mask ReadMaskOf(const record::Span* span, const record::RecordType& type,
                        std::vector<record::Violation>* violations);

// What is shown of a record.
struct Wanted {
  record::Mask mask = {};
  bool permissions = false;

  bool Permissions() const { return permissions || mask.Contains(record::kPermissions); }
};
std::string Shown(const ReadContext& context, const query::Moment& moment,
                  const record::RecordType& type, const Wanted& wanted, std::string image);

// How many items a page has of which so many are wanted.
size_t PageSize(int64_t wanted, std::vector<record::Violation>* violations);
// What must be the same for the page after: everything but the size and the token. The method does
// not say which collection, where it is that of all types.
std::string SealedWith(const ReadContext& context, const std::string& collection,
                       uint32_t size_field, uint32_t token_field, std::string_view request);
std::optional<query::PageToken> TokenOf(std::string_view token, const std::string& key,
                                        const std::string& question,
                                        std::vector<record::Violation>* violations);

}  // namespace crm::rpc
