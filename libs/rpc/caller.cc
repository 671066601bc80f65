#include "libs/rpc/caller.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <system_error>

#include "libs/query/position.h"
#include "libs/record/name.h"
#include "libs/record/sha256.h"

namespace crm::rpc {
namespace {

constexpr size_t kLongestSignInName = 254;

record::Status Unauthenticated(std::string_view reason, std::string_view text) {
  return record::MakeStatus(record::kUnauthenticated, reason, text);
}

bool IsPrintable(std::string_view text) {
  return std::none_of(text.begin(), text.end(),
                      [](unsigned char letter) { return letter <= ' ' || letter == 127; });
}

// Microseconds of `5`, `5s`, `500ms` or `1m`.
std::optional<int64_t> Duration(std::string_view text) {
  constexpr int64_t kLongest = 1'000'000'000;
  int64_t number = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failed != std::errc() || number < 0 || number > kLongest) return std::nullopt;
  const std::string_view unit = text.substr(static_cast<size_t>(end - text.data()));
  if (unit.empty() || unit == "s") return number * 1'000'000;
  if (unit == "ms") return number * 1'000;
  if (unit == "m") return number * 60'000'000;
  return std::nullopt;
}

WantedPosition OfMetadata(const Call& call) {
  return {"crm-min-position", Find(call.metadata, "crm-min-position")};
}

bool IsOfIdentityFor(const query::Position& position, std::string_view service) {
  return position.service == "identity" && service != "identity";
}

// A user's name: given as `users/<UUID>`, it is checked for its form; a sign-in name becomes
// `users/<UUID of version 8 from SHA-256(tenant, 0, sign-in name in lower case)>`.
std::optional<std::string> UserName(std::string_view tenant, std::string_view user) {
  if (auto name = record::Name::Parse(user); name && name->collection == "users")
    return std::string(user);
  if (user.empty() || user.size() > kLongestSignInName || !IsPrintable(user) ||
      user.find('/') != std::string_view::npos) {
    return std::nullopt;
  }
  std::string text(tenant);
  text.push_back('\0');
  for (char letter : user)
    text.push_back(letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter + 32) : letter);
  const auto digest = record::Sha256::Of(text);
  record::Uuid id;
  std::copy_n(digest.begin(), id.bytes.size(), id.bytes.begin());
  id.bytes[6] = static_cast<uint8_t>((id.bytes[6] & 0x0f) | 0x80);
  id.bytes[8] = static_cast<uint8_t>((id.bytes[8] & 0x3f) | 0x80);
  return "users/" + id.Text();
}

}  // namespace

std::string_view Find(const Metadata& metadata, std::string_view key) {
  for (const auto& [name, value] : metadata) {
    if (name == key) return value;
  }
  return {};
}

record::Status Authenticate(const Call& call, const DispatcherOptions& options,
                            shard::Principal* principal) {
  if (!options.trust_metadata || !call.loopback) {
    return Unauthenticated(
        "NO_SIGN_IN",
        "Nobody can sign in here: the server trusts no metadata. Start it with --trust-metadata "
        "on a loopback address.");
  }
  const std::string_view tenant = Find(call.metadata, "crm-tenant");
  if (std::count_if(call.metadata.begin(), call.metadata.end(),
                    [](const record::Metadatum& datum) { return datum.key == "crm-tenant"; }) > 1)
    return Unauthenticated("INVALID_TENANT", "The metadata crm-tenant is there more than once.");
  if (tenant.empty())
    return Unauthenticated("MISSING_TENANT", "The metadata crm-tenant is missing.");
  if (!record::IsTenantId(tenant)) {
    return Unauthenticated(
        "INVALID_TENANT",
        "A tenant's id begins with a letter a-z; then come at most 62 of a-z, 0-9 and -.");
  }
  const std::string_view user = Find(call.metadata, "crm-user");
  if (user.empty()) return Unauthenticated("MISSING_USER", "The metadata crm-user is missing.");
  auto name = UserName(tenant, user);
  if (!name)
    return Unauthenticated("INVALID_USER", "crm-user is neither users/<UUID> nor a sign-in name.");
  principal->tenant = tenant;
  principal->user = *name;
  const std::string_view client = Find(call.metadata, "crm-client");
  if (client.size() > 32 || !IsPrintable(client)) {
    return Unauthenticated("INVALID_CLIENT", "crm-client is a word of at most 32 characters.");
  }
  if (!client.empty()) principal->client = client;
  return {};
}

shard::ReadOptions IdentityPositionOf(const Call& call, std::string_view service,
                                      const WantedPosition& min_position) {
  shard::ReadOptions wanted;
  wanted.deadline = call.deadline;
  for (const auto& [field, text] : {OfMetadata(call), min_position}) {
    const auto position = query::Position::Decode(text);
    if (!position || !IsOfIdentityFor(*position, service)) continue;
    if (position->offset <= wanted.min_position) continue;
    wanted.min_position = position->offset;
    wanted.log_id = position->log_id;
    wanted.position_field = field;
  }
  return wanted;
}

void ReadOptionsOf(const Call& call, std::string_view service, const WantedPosition& min_position,
                   shard::ReadOptions* options, std::vector<record::Violation>* violations) {
  options->deadline = call.deadline;
  const std::string_view consistency = Find(call.metadata, "crm-consistency");
  if (!consistency.empty() && consistency != "confirmed" && consistency != "default")
    violations->push_back({"crm-consistency", "INVALID_VALUE", "It is confirmed or default."});
  options->confirmed = consistency == "confirmed";
  const std::string_view staleness = Find(call.metadata, "crm-max-staleness");
  if (const auto us = Duration(staleness)) {
    options->max_staleness_us = *us;
  } else if (!staleness.empty()) {
    violations->push_back({"crm-max-staleness", "INVALID_VALUE",
                           "It is a number of seconds, or such as 500ms, 5s, 1m."});
  }
  for (const auto& [field, text] : {OfMetadata(call), min_position}) {
    if (text.empty()) continue;
    auto position = query::Position::Decode(text);
    if (!position) {
      violations->push_back(
          {std::string(field), "INVALID_POSITION", "This is no position that a server gave out."});
      continue;
    }
    if (IsOfIdentityFor(*position, service) || position->offset <= options->min_position) continue;
    options->min_position = position->offset;
    options->log_id = position->log_id;
    options->position_field = field;
  }
}

}  // namespace crm::rpc
