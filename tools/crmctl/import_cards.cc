#include <algorithm>

#include "google/rpc/code.pb.h"
#include "tools/crmctl/display.h"
#include "tools/crmctl/program.h"
#include "tools/crmctl/record_input.h"
#include "tools/crmctl/row_id.h"
#include "tools/crmctl/vcard.h"

namespace crm::ctl {
namespace {

using nlohmann::json;

constexpr char kImportId[] = "vcard";

struct Arguments {
  std::vector<std::string> files;
};

struct Counts {
  int created = 0;
  int there = 0;
  int refused = 0;
};

class CardImport {
 public:
  explicit CardImport(Session& session) : session_(session) { session_.set_client("import"); }

  void Take(const std::string& path) {
    const std::vector<Card> cards = ReadCards(ReadFile(path));
    if (cards.empty()) return Refuse(path, "it has no card");
    for (size_t i = 0; i < cards.size(); ++i) {
      const std::string where = path + ", card " + std::to_string(i + 1);
      if (cards[i].refusal.empty()) {
        Create(where, cards[i]);
      } else {
        Refuse(where, cards[i].refusal);
      }
    }
  }

  const Counts& counts() const { return counts_; }

 private:
  void Create(const std::string& where, const Card& card) {
    json contact = card.contact;
    contact["import_uid"] = card.uid.substr(0, 200);
    if (!card.company.empty()) SetCompany(card.company, &contact);
    json answer;
    const Status status =
        Call("crm.sales.v1.Contacts/CreateContact",
             {{"contact_id", RowId(session_.options().tenant, kImportId + card.uid, 1)},
              {"contact", contact}},
             &answer);
    if (status.code() == google::rpc::OK) {
      ++counts_.created;
    } else if (status.code() == google::rpc::ALREADY_EXISTS) {
      ++counts_.there;
    } else {
      Refuse(where, status.message());
    }
  }

  // The account of that name, if there is just one; else a line tells it.
  void SetCompany(const std::string& company, json* contact) {
    std::string quoted = company;
    std::erase(quoted, '"');
    json answer;
    const Status status =
        Call("crm.sales.v1.Accounts/ListAccounts",
             {{"filter", "display_name = \"" + quoted + '"'}, {"page_size", 2}}, &answer);
    const json accounts = answer.value("accounts", json::array());
    if (status.code() == google::rpc::OK && accounts.size() == 1) {
      (*contact)["parent_customer"] = accounts[0]["name"];
      return;
    }
    const std::string description = contact->value("description", "");
    (*contact)["description"] =
        "Company: " + company + (description.empty() ? "" : "\n" + description);
  }

  Status Call(const std::string& name, const json& request, json* answer) {
    const MethodDescriptor& method = session_.schema().FindMethod(name);
    auto message = session_.schema().New(method.input_type());
    FromJson(request.dump(), message.get());
    SetRequestId(message.get());
    auto response = session_.schema().New(method.output_type());
    Status status = session_.Send(method, *message, response.get());
    if (status.code() == google::rpc::OK) *answer = json::parse(ToJson(*response, false));
    return status;
  }

  void Refuse(const std::string& where, const std::string& why) {
    ++counts_.refused;
    std::cerr << where << ": " << why << '\n';
  }

  Session& session_;
  Counts counts_;
};

int ImportCards(Session& session, Arguments& arguments) {
  session.RefuseAsOf();
  CardImport import(session);
  for (const std::string& file : arguments.files) import.Take(file);
  const Counts& counts = import.counts();
  std::cout << "created " << counts.created << ", already there " << counts.there << ", refused "
            << counts.refused << '\n';
  return counts.refused == 0 ? kExitOk : kExitSomeRowsFailed;
}

}  // namespace

void AddImportCards(Program& program) {
  program.Add<Arguments>(
      &program.app, "import-cards", "Create contacts from vCards, however often they come",
      [](CLI::App* command, Arguments& arguments) {
        command->add_option("FILE", arguments.files, "Files of cards, or - for standard input")
            ->required();
      },
      ImportCards);
}

}  // namespace crm::ctl
