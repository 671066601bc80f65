#include <filesystem>
#include <fstream>

#include "tools/crmctl/csv.h"
#include "tools/crmctl/import_batch.h"
#include "tools/crmctl/output.h"
#include "tools/crmctl/program.h"
#include "tools/crmctl/progress.h"
#include "tools/crmctl/row_id.h"

namespace crm::ctl {
namespace {

constexpr int kShownFaults = 20;  // of rows, where no file takes them

struct Arguments {
  std::string file;
  std::string type;
  std::vector<std::string> maps;
  std::string import_id;
  size_t batch = 200;
  std::string errors;
  std::string currency;
  bool dry_run = false;
};

// Where the faults of rows go: a CSV file, or standard error.
class Faults {
 public:
  explicit Faults(const std::string& path) : path_(path), to_file_(!path.empty()) {
    if (!to_file_) return;
    file_.open(path, std::ios::binary | std::ios::trunc);
    Check();
    file_ << CsvRecord({"row", "field", "reason", "text"});
  }

  void Write(int64_t row, const std::vector<RowFault>& faults) {
    for (const auto& fault : faults) {
      if (to_file_) {
        file_ << CsvRecord({std::to_string(row), fault.field, fault.reason, fault.text});
        Check();
      } else if (++shown_ <= kShownFaults) {
        std::cerr << "row " << row << ": " << fault.field << (fault.field.empty() ? "" : ": ")
                  << fault.reason << ": " << fault.text << '\n';
      } else if (shown_ == kShownFaults + 1) {
        std::cerr << "… more; --errors FILE takes them all\n";
      }
    }
  }

  // All that was given until now is in the file. Throws OutputError, as Write.
  void Flush() {
    if (!to_file_) return;
    file_.flush();
    Check();
  }

 private:
  void Check() const {
    if (!file_) throw OutputError(WriteFault(path_));
  }

  std::string path_;
  bool to_file_;
  std::ofstream file_;
  int shown_ = 0;
};

std::string Summary(const ImportCounts& counts, bool dry_run) {
  return (dry_run ? "would create " : "created ") + std::to_string(counts.created) +
         ", already there " + std::to_string(counts.there) +
         (dry_run ? ", would fail " : ", failed ") + std::to_string(counts.failed);
}

int64_t SizeOf(const std::string& path) {
  std::error_code error;
  auto size = std::filesystem::file_size(path, error);
  return error ? 0 : static_cast<int64_t>(size);
}

// Reads the rows of a file and gives them to a BatchImport, some at a time.
class FileImport {
 public:
  FileImport(Session& session, const Arguments& arguments, std::istream& in)
      : session_(session),
        arguments_(arguments),
        type_(session.schema().TypeOf(arguments.type)),
        faults_(arguments.errors),
        progress_(arguments.file == "-" ? 0 : SizeOf(arguments.file)),
        reader_(in),
        batch_(session, type_, arguments.dry_run, [this](int64_t row, const auto& faults) {
          progress_.Clear();
          faults_.Write(row, faults);
        }) {}

  const ImportCounts& counts() const { return batch_.counts(); }

  // What the columns become.
  RowMap ReadHeader() {
    std::vector<std::string> header;
    if (!reader_.Next(&header)) throw UsageError(arguments_.file + " has no header");
    std::vector<Mapping> mappings;
    for (const auto& text : arguments_.maps) mappings.push_back(ParseMapping(text));
    return RowMap(type_, mappings, header, arguments_.currency);
  }

  void Run(const RowMap& map) {
    std::vector<std::string> row;
    for (int64_t number = 1; reader_.Next(&row); ++number) Add(map, row, number);
    Flush();
    progress_.Clear();
    if (!reader_.error().empty()) throw UsageError(arguments_.file + ": " + reader_.error());
  }

 private:
  void Add(const RowMap& map, const std::vector<std::string>& row, int64_t number) {
    ImportRow added;
    added.number = number;
    added.id = RowId(session_.options().tenant, arguments_.import_id, number);
    added.record = session_.schema().New(type_.message);
    auto faults = map.Fill(row, added.record.get());
    if (!faults.empty()) {
      batch_.Fail(number, faults);
    } else {
      waiting_.push_back(std::move(added));
    }
    if (waiting_.size() >= arguments_.batch) Flush();
  }

  void Flush() {
    if (!waiting_.empty()) batch_.Send(std::move(waiting_));
    waiting_.clear();
    faults_.Flush();
    progress_.Show(reader_.bytes(), Summary(batch_.counts(), arguments_.dry_run));
  }

  Session& session_;
  const Arguments& arguments_;
  const RecordType& type_;
  Faults faults_;
  Progress progress_;
  CsvReader reader_;
  BatchImport batch_;
  std::vector<ImportRow> waiting_;
};

int Import(Session& session, Arguments& arguments) {
  session.RefuseAsOf();
  session.set_client("import");
  std::ifstream file;
  if (arguments.file != "-") {
    file.open(arguments.file, std::ios::binary);
    if (!file) throw UsageError("can't read " + arguments.file);
  }
  std::istream& in = arguments.file == "-" ? std::cin : file;
  FileImport import(session, arguments, in);
  const RowMap map = import.ReadHeader();
  try {
    import.Run(map);
  } catch (const std::exception&) {
    std::cout << Summary(import.counts(), arguments.dry_run) << std::endl;
    std::cerr << "crmctl: stopped; the same command again goes on where it was\n";
    throw;
  }
  std::cout << Summary(import.counts(), arguments.dry_run) << '\n';
  return import.counts().failed == 0 ? kExitOk : kExitSomeRowsFailed;
}

}  // namespace

void AddImport(Program& program) {
  auto* command = program.Add<Arguments>(
      &program.app, "import", "Create records from the rows of a CSV file",
      [](CLI::App* app, Arguments& arguments) {
        app->add_option("CSV", arguments.file, "The file, or - for standard input")->required();
        app->add_option("--type", arguments.type, "What the rows become, such as leads")
            ->required();
        app->add_option(
               "--map", arguments.maps,
               "field=Column, or field:=text for the same in every row; repeated. A field that "
               "comes twice gets both, on lines of their own. Without any, columns are called "
               "as the fields are")
            ->expected(1)
            ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
        app->add_option(
               "--import-id", arguments.import_id,
               "Names this import: a row that was imported under it before is left as it is")
            ->required()
            ->check(NotEmpty());
        app->add_option("--batch", arguments.batch, "How many rows are sent at a time")
            ->check(CLI::Range(1, 1000))
            ->capture_default_str();
        app->add_option("--errors", arguments.errors, "A CSV file for what is wrong with rows");
        app->add_option("--currency", arguments.currency, "Of amounts that are given without one");
        app->add_flag("--dry-run", arguments.dry_run, "Check every row, create nothing");
      },
      Import);
  command->footer(
      "Ends with 0 if every row was imported, now or before, and with 3 if some failed.");
}

}  // namespace crm::ctl
