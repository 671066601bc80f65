#include <algorithm>
#include <filesystem>

#include "google/rpc/code.pb.h"
#include "tools/crmctl/display.h"
#include "tools/crmctl/mail.h"
#include "tools/crmctl/program.h"
#include "tools/crmctl/progress.h"
#include "tools/crmctl/record_input.h"
#include "tools/crmctl/row_id.h"

namespace crm::ctl {
namespace {

using nlohmann::json;

constexpr size_t kLargestFile = 255 << 10;  // a note, as any record, has at most 256 KiB

struct Arguments {
  std::vector<std::string> paths;
  std::string regarding;
  bool outgoing = false;
};

struct Counts {
  int taken = 0;
  int known = 0;
  int refused = 0;
};

std::vector<std::string> FilesIn(const std::vector<std::string>& paths) {
  std::vector<std::string> files;
  for (const std::string& path : paths) {
    if (!std::filesystem::is_directory(path)) {
      files.push_back(path);
      continue;
    }
    for (const auto& entry : std::filesystem::recursive_directory_iterator(path)) {
      if (entry.is_regular_file() && entry.path().extension() == ".eml")
        files.push_back(entry.path().string());
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

class MailImport {
 public:
  MailImport(Session& session, const Arguments& arguments)
      : session_(session), arguments_(arguments) {
    session_.set_client("import");
  }

  void Take(const std::string& path) {
    Mail mail = ReadMail(ReadFile(path));
    if (!mail.refusal.empty()) return Refuse(path, mail.refusal);
    mail.email["outgoing"] = arguments_.outgoing;
    json request = {{"email", mail.email}, {"regarding", arguments_.regarding}};
    json answer;
    const Status status = Call("crm.activity.v1.Emails/ImportEmail", request, &answer);
    if (status.code() != google::rpc::OK) return Refuse(path, status.message());
    ++(answer.value("known", false) ? counts_.known : counts_.taken);
    TakeFiles(path, answer["name"], mail.files);
  }

  const Counts& counts() const { return counts_; }

 private:
  // The contents of what came with it are notes on it.
  void TakeFiles(const std::string& path, const std::string& email,
                 const std::vector<MailFile>& files) {
    for (size_t i = 0; i < files.size(); ++i) {
      const MailFile& file = files[i];
      if (file.content.empty()) continue;
      if (file.content.size() > kLargestFile) {
        std::cerr << path << ": " << file.file_name << " is left out: it has more than 255 KiB\n";
        continue;
      }
      std::string encoded;
      google::protobuf::Base64Escape(file.content, &encoded);
      const json request = {
          {"note_id", RowId(session_.options().tenant, email, static_cast<int64_t>(i + 1))},
          {"note",
           {{"regarding", email},
            {"subject", file.file_name},
            {"attachment",
             {{"file_name", file.file_name},
              {"media_type", file.media_type},
              {"content", encoded}}}}}};
      json answer;
      const Status status = Call("crm.activity.v1.Notes/CreateNote", request, &answer);
      if (status.code() != google::rpc::OK && status.code() != google::rpc::ALREADY_EXISTS)
        std::cerr << path << ": " << file.file_name << ": " << status.message() << '\n';
    }
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

  void Refuse(const std::string& path, const std::string& why) {
    ++counts_.refused;
    std::cerr << path << ": " << why << '\n';
  }

  Session& session_;
  const Arguments& arguments_;
  Counts counts_;
};

int ImportMail(Session& session, Arguments& arguments) {
  session.RefuseAsOf();
  const std::vector<std::string> files = FilesIn(arguments.paths);
  MailImport import(session, arguments);
  Progress progress(static_cast<int64_t>(files.size()));
  for (size_t i = 0; i < files.size(); ++i) {
    import.Take(files[i]);
    progress.Show(static_cast<int64_t>(i + 1), files[i]);
  }
  progress.Clear();
  const Counts& counts = import.counts();
  std::cout << "taken in " << counts.taken << ", known before " << counts.known << ", refused "
            << counts.refused << '\n';
  return counts.refused == 0 ? kExitOk : kExitSomeRowsFailed;
}

}  // namespace

void AddImportMail(Program& program) {
  program.Add<Arguments>(
      &program.app, "import-mail", "Take in e-mails from .eml files, or from folders of them",
      [](CLI::App* command, Arguments& arguments) {
        command->add_option("PATH", arguments.paths, "Files, folders, or - for standard input")
            ->required();
        command->add_option("--regarding", arguments.regarding,
                            "What they are about, if not what they answer or who sent them");
        command->add_flag("--outgoing", arguments.outgoing, "They were sent, not received");
      },
      ImportMail);
}

}  // namespace crm::ctl
