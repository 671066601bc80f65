#include "tools/crmctl/mail.h"

#include <gmime/gmime.h>

#include <algorithm>
#include <memory>
#include <mutex>

#include "libs/record/format.h"
#include "libs/record/text.h"

namespace crm::ctl {
namespace {

using nlohmann::json;

// The limits of crm.activity.v1.Email.
constexpr size_t kLongestSubject = 200;
constexpr size_t kLongestText = 50'000;
constexpr size_t kLongestName = 200;
constexpr size_t kLongestFileName = 255;
constexpr size_t kLongestId = 998;
constexpr size_t kMostReferences = 100;

struct Unref {
  void operator()(void* object) const { g_object_unref(object); }
};
template <class Object>
using Owned = std::unique_ptr<Object, Unref>;

std::string Taken(char* text) {
  std::string taken = text == nullptr ? "" : text;
  g_free(text);
  return taken;
}

void Drop(std::string_view what, std::string* text) {
  std::string left;
  size_t from = 0;
  for (size_t at; (at = text->find(what, from)) != std::string::npos; from = at + what.size())
    left.append(*text, from, at - from);
  *text = left.append(*text, from);
}

// UTF-8 of at most so many bytes, cut between characters, without those that the server refuses.
std::string Clean(std::string_view text, size_t longest, record::Lines lines) {
  std::string clean = Taken(g_utf8_make_valid(text.data(), static_cast<gssize>(text.size())));
  std::erase(clean, '\r');
  if (lines == record::Lines::kOne) {
    std::replace(clean.begin(), clean.end(), '\n', ' ');
    std::replace(clean.begin(), clean.end(), '\t', ' ');
  }
  while (const auto forbidden = record::FindForbidden(clean, lines)) {
    char bytes[6];
    const int size = g_unichar_to_utf8(*forbidden, bytes);
    Drop({bytes, static_cast<size_t>(size)}, &clean);
  }
  if (clean.size() <= longest) return clean;
  size_t end = longest;
  while (end > 0 && (static_cast<unsigned char>(clean[end]) & 0xc0) == 0x80) --end;
  return clean.substr(0, end);
}

std::string Line(const char* text, size_t longest) {
  return Clean(text == nullptr ? "" : text, longest, record::Lines::kOne);
}

void AddParties(InternetAddressList* list, const char* participation, json* parties) {
  for (int i = 0; list != nullptr && i < internet_address_list_length(list); ++i) {
    InternetAddress* address = internet_address_list_get_address(list, i);
    if (INTERNET_ADDRESS_IS_GROUP(address)) {
      AddParties(internet_address_group_get_members(INTERNET_ADDRESS_GROUP(address)), participation,
                 parties);
      continue;
    }
    const std::string text =
        Line(internet_address_mailbox_get_addr(INTERNET_ADDRESS_MAILBOX(address)), kLongestName);
    std::string name = Line(internet_address_get_name(address), kLongestName);
    json party = {{"participation", participation}};
    // What is no address is kept as somebody's name.
    if (record::HasFormat(record::v1::EMAIL, text)) {
      party["address"] = text;
    } else if (name.empty()) {
      name = text;
    }
    if (!name.empty()) party["display_name"] = name;
    if (party.size() > 1) parties->push_back(party);
  }
}

json IdsIn(GMimeMessage* message, const char* header) {
  json ids = json::array();
  const char* text = g_mime_object_get_header(GMIME_OBJECT(message), header);
  if (text == nullptr) return ids;
  GMimeReferences* references = g_mime_references_parse(nullptr, text);
  for (int i = 0; i < g_mime_references_length(references); ++i) {
    const std::string id = Line(g_mime_references_get_message_id(references, i), kLongestId);
    if (!id.empty() && ids.size() < kMostReferences) ids.push_back(id);
  }
  g_mime_references_free(references);
  return ids;
}

std::string BytesOf(GMimeObject* part) {
  const Owned<GMimeStream> stream(g_mime_stream_mem_new());
  if (GMIME_IS_PART(part)) {
    GMimeDataWrapper* content = g_mime_part_get_content(GMIME_PART(part));
    if (content != nullptr) g_mime_data_wrapper_write_to_stream(content, stream.get());
  } else if (GMIME_IS_MESSAGE_PART(part)) {
    GMimeMessage* inner = g_mime_message_part_get_message(GMIME_MESSAGE_PART(part));
    if (inner != nullptr) g_mime_object_write_to_stream(GMIME_OBJECT(inner), nullptr, stream.get());
  }
  const GByteArray* bytes = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(stream.get()));
  return bytes->len == 0 ? "" : std::string(reinterpret_cast<const char*>(bytes->data), bytes->len);
}

class Reader {
 public:
  explicit Reader(Mail* mail) : mail_(*mail) {}

  void Read(GMimeMessage* message) {
    GMimePartIter* parts = g_mime_part_iter_new(GMIME_OBJECT(message));
    do {
      GMimeObject* part = g_mime_part_iter_get_current(parts);
      if (part != nullptr && !IsWithin(parts)) ReadPart(part);
    } while (g_mime_part_iter_next(parts));
    g_mime_part_iter_free(parts);
    Set("description", Clean(text_, kLongestText, record::Lines::kMany));
    Set("html_body", Clean(html_, kLongestText, record::Lines::kMany));
  }

 private:
  // A message in the message is a file of it, and so is what is in that.
  static bool IsWithin(GMimePartIter* parts) {
    GMimeObject* parent = g_mime_part_iter_get_parent(parts);
    return parent != nullptr && GMIME_IS_MESSAGE_PART(parent);
  }

  void ReadPart(GMimeObject* part) {
    if (GMIME_IS_MULTIPART(part)) return;
    const bool is_file = GMIME_IS_PART(part) && g_mime_part_is_attachment(GMIME_PART(part));
    if (GMIME_IS_TEXT_PART(part) && !is_file) {
      GMimeContentType* type = g_mime_object_get_content_type(part);
      std::string* body = g_mime_content_type_is_type(type, "text", "html") ? &html_ : &text_;
      const bool body_part = g_mime_content_type_is_type(type, "text", "html") ||
                             g_mime_content_type_is_type(type, "text", "plain");
      if (body_part && body->empty()) {
        *body = Taken(g_mime_text_part_get_text(GMIME_TEXT_PART(part)));
        return;
      }
    }
    AddFile(part);
  }

  void AddFile(GMimeObject* part) {
    MailFile file;
    if (GMIME_IS_PART(part))
      file.file_name = Line(g_mime_part_get_filename(GMIME_PART(part)), kLongestFileName);
    if (file.file_name.empty())
      file.file_name = GMIME_IS_MESSAGE_PART(part) ? "message.eml" : "unnamed";
    file.media_type =
        Line(Taken(g_mime_content_type_get_mime_type(g_mime_object_get_content_type(part))).c_str(),
             kLongestFileName);
    file.content = BytesOf(part);
    mail_.email["attachments"].push_back({{"file_name", file.file_name},
                                          {"media_type", file.media_type},
                                          {"bytes", std::to_string(file.content.size())}});
    mail_.files.push_back(std::move(file));
  }

  void Set(const char* field, const std::string& text) {
    if (!text.empty()) mail_.email[field] = text;
  }

  Mail& mail_;
  std::string text_;
  std::string html_;
};

std::string HashOf(std::string_view bytes) {
  return Taken(g_compute_checksum_for_data(
      G_CHECKSUM_SHA256, reinterpret_cast<const guchar*>(bytes.data()), bytes.size()));
}

void ReadHeaders(GMimeMessage* message, std::string_view bytes, json* email) {
  json parties = json::array();
  AddParties(g_mime_message_get_from(message), "PARTICIPATION_SENDER", &parties);
  AddParties(g_mime_message_get_to(message), "PARTICIPATION_TO", &parties);
  AddParties(g_mime_message_get_cc(message), "PARTICIPATION_CC", &parties);
  AddParties(g_mime_message_get_bcc(message), "PARTICIPATION_BCC", &parties);
  if (!parties.empty()) (*email)["parties"] = parties;
  const std::string subject = Line(g_mime_message_get_subject(message), kLongestSubject);
  (*email)["subject"] = subject.empty() ? "(no subject)" : subject;
  const std::string id = Line(g_mime_message_get_message_id(message), kLongestId);
  (*email)["message_id"] = id.empty() ? HashOf(bytes) + "@sha256" : id;
  const json answered = IdsIn(message, "In-Reply-To");
  if (!answered.empty()) (*email)["in_reply_to"] = answered[0];
  const json references = IdsIn(message, "References");
  if (!references.empty()) (*email)["references"] = references;
  GDateTime* date = g_mime_message_get_date(message);
  if (date == nullptr) return;
  GDateTime* utc = g_date_time_to_utc(date);
  (*email)["sent_time"] = Taken(g_date_time_format(utc, "%Y-%m-%dT%H:%M:%SZ"));
  g_date_time_unref(utc);
}

bool HasHeaders(GMimeMessage* message) {
  return g_mime_header_list_get_count(g_mime_object_get_header_list(GMIME_OBJECT(message))) > 0;
}

}  // namespace

Mail ReadMail(std::string_view bytes) {
  static std::once_flag once;
  std::call_once(once, g_mime_init);
  const Owned<GMimeStream> stream(g_mime_stream_mem_new_with_buffer(bytes.data(), bytes.size()));
  const Owned<GMimeParser> parser(g_mime_parser_new_with_stream(stream.get()));
  const Owned<GMimeMessage> message(g_mime_parser_construct_message(parser.get(), nullptr));
  Mail mail;
  if (!message || !HasHeaders(message.get())) {
    mail.refusal = "it is no message: it has no headers";
    return mail;
  }
  ReadHeaders(message.get(), bytes, &mail.email);
  if (!mail.email.contains("parties")) {
    mail.refusal = "nobody sends it and nobody gets it";
    return mail;
  }
  Reader(&mail).Read(message.get());
  return mail;
}

}  // namespace crm::ctl
