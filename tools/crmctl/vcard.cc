#include "tools/crmctl/vcard.h"

#include <glib.h>

#include <algorithm>

#include "libs/record/format.h"
#include "tools/crmctl/vcard_property.h"

namespace crm::ctl {
namespace {

using nlohmann::json;

constexpr size_t kLongestDescription = 2'000;

std::string Cut(const std::string& text, size_t longest) {
  if (text.size() <= longest) return text;
  size_t end = longest;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
  return text.substr(0, end);
}

std::string OnOneLine(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

class Reader {
 public:
  Card Finish(const std::string& hash) {
    if (!contact_.contains("last_name")) UseFormattedName();
    for (const CardProperty& each : emails_) SetFirst({"email", "email2", "email3"}, each, true);
    for (const CardProperty& each : telephones_) SetTelephone(each);
    if (!description_.empty()) contact_["description"] = Cut(description_, kLongestDescription);
    card_.contact = contact_;
    if (card_.uid.empty()) card_.uid = hash;
    if (!contact_.contains("last_name")) card_.refusal = "it names nobody";
    return card_;
  }

  void Read(const CardProperty& property) {
    const std::string& name = property.name;
    if (property.binary || name == "VERSION" || name == "PRODID" || name == "REV") return;
    if (name == "N") return ReadName(property);
    if (name == "FN") return static_cast<void>(formatted_ = OnOneLine(property.Text()));
    if (name == "UID") return static_cast<void>(card_.uid = property.Text());
    if (name == "ORG") return ReadOrganization(property);
    if (name == "ADR") return ReadAddress(property);
    if (name == "BDAY") return ReadDate("birth_date", property);
    if (name == "ANNIVERSARY") return ReadDate("anniversary", property);
    if (name == "EMAIL") return emails_.push_back(property);
    if (name == "TEL") return telephones_.push_back(property);
    if (name == "TITLE") return Set("job_title", property, 100);
    if (name == "NICKNAME") return Set("nickname", property, 50);
    if (name == "URL") return ReadUrl(property);
    if (name == "NOTE") return AddLine("", property.Text());
    // Of programs and of no use to others, or the same as ADR.
    if (name.starts_with("X-") || name == "LABEL" || name == "PHOTO" || name == "KEY") return;
    AddLine(name, property.Text());
  }

 private:
  void AddLine(const std::string& name, const std::string& text) {
    if (text.empty()) return;
    if (!description_.empty()) description_ += '\n';
    description_ += name.empty() ? text : name + ": " + text;
  }

  void Put(const char* field, const std::string& text, size_t longest) {
    if (!text.empty()) contact_[field] = Cut(OnOneLine(text), longest);
  }
  void Set(const char* field, const CardProperty& property, size_t longest) {
    if (contact_.contains(field)) return AddLine(property.name, property.Text());
    Put(field, property.Text(), longest);
  }

  void ReadName(const CardProperty& property) {
    Put("last_name", property.Part(0), 50);
    Put("first_name", property.Part(1), 50);
    // Several of a kind have commas between them.
    std::string middle = property.Part(2);
    std::replace(middle.begin(), middle.end(), ',', ' ');
    Put("middle_name", middle, 50);
    Put("salutation", property.Part(3), 100);
    Put("suffix", property.Part(4), 10);
  }

  // A person with one name only, or a card that has no name in its parts.
  void UseFormattedName() {
    const bool first_only = contact_.contains("first_name");
    std::string name =
        formatted_.empty() || first_only ? contact_.value("first_name", card_.company) : formatted_;
    if (first_only) contact_.erase("first_name");
    const size_t blank = name.rfind(' ');
    if (blank != std::string::npos && name != card_.company) {
      Put("first_name", name.substr(0, blank), 50);
      name = name.substr(blank + 1);
    }
    Put("last_name", name, 50);
  }

  void ReadOrganization(const CardProperty& property) {
    card_.company = OnOneLine(property.Part(0));
    Put("department", property.Part(1), 100);
  }

  void ReadAddress(const CardProperty& property) {
    json address;
    auto put = [&](const char* field, const std::string& text, size_t longest) {
      if (!text.empty()) address[field] = Cut(OnOneLine(text), longest);
    };
    put("line1", property.Part(2), 250);
    put("line2", property.Part(1), 250);
    put("line3", property.Part(0), 250);
    put("city", property.Part(3), 80);
    put("state", property.Part(4), 50);
    put("postal_code", property.Part(5), 20);
    put("country", property.Part(6), 80);
    if (address.empty()) return;
    for (const char* field : {"address1", "address2", "address3"}) {
      if (contact_.contains(field)) continue;
      contact_[field] = address;
      return;
    }
    AddLine("ADR", property.Text());
  }

  // `1980-03-22` or `19800322`, with a time or without; without a year it is kept as a text.
  void ReadDate(const char* field, const CardProperty& property) {
    std::string digits;
    for (char letter : property.Text().substr(0, 10)) {
      if (letter >= '0' && letter <= '9') digits += letter;
    }
    const std::string text = property.Text();
    const bool whole = digits.size() >= 8 && text[0] != '-';
    GDate* date = whole ? g_date_new() : nullptr;
    if (whole)
      g_date_set_parse(
          date,
          (digits.substr(0, 4) + "-" + digits.substr(4, 2) + "-" + digits.substr(6, 2)).c_str());
    if (whole && g_date_valid(date)) {
      contact_[field] = {{"year", g_date_get_year(date)},
                         {"month", static_cast<int>(g_date_get_month(date))},
                         {"day", g_date_get_day(date)}};
    } else {
      AddLine(property.name, text);
    }
    if (date != nullptr) g_date_free(date);
  }

  void ReadUrl(const CardProperty& property) {
    const std::string url = property.Text();
    if (contact_.contains("website") || url.size() > 200 ||
        !record::HasFormat(record::v1::URL, url))
      return AddLine("URL", url);
    contact_["website"] = url;
  }

  // Into the first of the fields that is free, if the format allows.
  bool SetFirst(const std::vector<const char*>& fields, const CardProperty& property, bool email) {
    std::string text = property.Text();
    if (text.starts_with("tel:")) text = text.substr(4);
    const bool fits = email ? text.size() <= 100 && record::HasFormat(record::v1::EMAIL, text)
                            : text.size() <= 50 && record::HasFormat(record::v1::PHONE, text);
    for (const char* field : fields) {
      if (!fits || contact_.contains(field)) continue;
      contact_[field] = text;
      return true;
    }
    AddLine(property.name, text);
    return false;
  }

  void SetTelephone(const CardProperty& property) {
    if (property.Is("FAX")) return static_cast<void>(SetFirst({"fax"}, property, false));
    if (property.Is("PAGER")) return static_cast<void>(SetFirst({"pager"}, property, false));
    if (property.Is("CELL") || property.Is("IPHONE"))
      return static_cast<void>(SetFirst({"mobile", "telephone3"}, property, false));
    if (property.Is("HOME"))
      return static_cast<void>(SetFirst({"telephone2", "telephone3"}, property, false));
    SetFirst({"telephone1", "telephone2", "telephone3"}, property, false);
  }

  Card card_;
  json contact_ = json::object();
  std::string formatted_;
  std::string description_;
  std::vector<CardProperty> emails_;
  std::vector<CardProperty> telephones_;
};

std::string HashOf(const std::string& text) {
  char* hash = g_compute_checksum_for_string(G_CHECKSUM_SHA256, text.data(),
                                             static_cast<gssize>(text.size()));
  std::string taken = hash;
  g_free(hash);
  return taken;
}

}  // namespace

std::vector<Card> ReadCards(std::string_view bytes) {
  std::vector<Card> cards;
  Reader reader;
  std::string content;
  // A card within a card, such as an assistant's, is left out.
  int depth = 0;
  for (const CardProperty& property : ReadCardProperties(bytes)) {
    const bool card =
        property.Text() == "VCARD" || property.Text() == "vCard" || property.Text() == "vcard";
    if (property.name == "BEGIN" && card && ++depth == 1) {
      reader = Reader();
      content.clear();
    } else if (property.name == "END" && card && --depth == 0) {
      cards.push_back(reader.Finish(HashOf(content)));
    } else if (depth == 1 && property.name != "BEGIN" && property.name != "END") {
      content += property.name + ':' + property.Text() + '\n';
      reader.Read(property);
    }
    depth = std::max(depth, 0);
  }
  return cards;
}

}  // namespace crm::ctl
