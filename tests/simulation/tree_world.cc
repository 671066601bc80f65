#include "tests/simulation/tree_world.h"

#include <google/protobuf/descriptor.h>

#include "crm/record/v1/methods.pb.h"
#include "libs/query/position.h"
#include "libs/record/check.h"
#include "libs/record/name.h"
#include "libs/store/hiding.h"
#include "tests/simulation/history.h"

namespace crm::simulation {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::Message;
using google::protobuf::MethodDescriptor;

constexpr char kTenant[] = "acme";
constexpr char kUser[] = "users/0192f0c0-0000-7000-8000-000000000900";
constexpr int64_t kLongestTryUs = 8'000'000;
constexpr int kTicksBetweenTries = 40;
constexpr int kTriesBeforeCalm = 8;
constexpr int kTriesMax = 100;
constexpr int kTicksBeforeCalm = 300;
constexpr int kTicksOfAStep = 8;
constexpr int kTicksToRest = 20'000;

// `CreateAccount` for `Create` and accounts.
const MethodDescriptor& MethodOf(const Descriptor& type, const std::string& verb) {
  for (int i = 0; i < type.file()->service_count(); ++i) {
    const auto* method = type.file()->service(i)->FindMethodByName(verb + type.name());
    if (method != nullptr) return *method;
  }
  CRM_CHECK(false);
}

std::string PathOf(const MethodDescriptor& method) {
  return "/" + method.service()->full_name() + "/" + method.name();
}

// A request whose first field is the record.
std::unique_ptr<Message> RequestWith(const MethodDescriptor& method, const Message& record) {
  auto* factory = google::protobuf::MessageFactory::generated_factory();
  std::unique_ptr<Message> request(factory->GetPrototype(method.input_type())->New());
  const auto* field = method.input_type()->FindFieldByNumber(1);
  request->GetReflection()->MutableMessage(request.get(), field)->CopyFrom(record);
  return request;
}

void SetText(Message* message, const std::string& field, const std::string& text) {
  message->GetReflection()->SetString(message, message->GetDescriptor()->FindFieldByName(field),
                                      text);
}

std::string NameOf(const Message& record) {
  return record.GetReflection()->GetString(record, record.GetDescriptor()->FindFieldByName("name"));
}

bool IsUnknown(int code) {
  return code == record::kUnavailable || code == record::kDeadlineExceeded;
}

}  // namespace

TreeWorld::TreeWorld(const record::Catalogue& catalogue, uint64_t seed, shard::Limits limits)
    : catalogue_(catalogue),
      dice_(seed),
      log_dice_(dice_.Next()),
      faults_(seed % 4 == 0 ? log::SimulatedFaults() : log::SimulatedFaults::Wild()),
      log_(1, log_dice_, faults_),
      in_{catalogue, behaviours, time_, log_, findings_, {}, {}, limits},
      misfortune_(dice_, time_, processes_, false) {}

void TreeWorld::Start() {
  for (size_t i = 0; i < 2 + dice_.Below(2); ++i) {
    processes_.push_back(std::make_unique<Process>(i, in_, dice_.Next()));
    processes_.back()->Start();
  }
  processes_[0]->Assign(true);
}

void TreeWorld::Calm(bool calm) {
  if (calm == calm_) return;
  calm_ = calm;
  log_.set_faults(calm ? log::SimulatedFaults() : faults_);
}

void TreeWorld::Tick() {
  time_.now_us += dice_.Chance(0.25) ? Between(dice_, 40'000, 150'000) : Between(dice_, 0, 40'000);
  if (calm_ || dice_.Chance(0.6)) log_.Step();
  const size_t active = misfortune_.active();
  processes_[dice_.Chance(0.5) ? active : dice_.Below(processes_.size())]->Run();
  if (!calm_) {
    misfortune_.Coordinate();
    misfortune_.Break();
    return;
  }
  for (size_t i = 0; i < processes_.size(); ++i) {
    Process& process = *processes_[i];
    process.Thaw();
    if (!process.running()) process.Start();
    if (process.assigned() != (i == active) || dice_.Chance(0.03)) process.Assign(i == active);
  }
}

void TreeWorld::StepOnce() {
  for (int tick = 0; tick < kTicksOfAStep; ++tick) Tick();
}

void TreeWorld::Restart() { misfortune_.BreakOne(*processes_[dice_.Below(processes_.size())]); }

std::optional<rpc::Answer> TreeWorld::Try(const std::string& path, const std::string& request) {
  rpc::Call call;
  call.path = path;
  call.request = request;
  call.metadata = {{"crm-tenant", kTenant}, {"crm-user", kUser}};
  const auto answer = std::make_shared<std::optional<rpc::Answer>>();
  const size_t number = dice_.Chance(0.8) ? misfortune_.active() : dice_.Below(processes_.size());
  Process& process = *processes_[number];
  // Before it is asked again, it can not be decided any more, however the clocks run.
  const int64_t end = time_.now_us + kLongestTryUs * 11 / 10;
  call.deadline = process.clock().Boottime() + kLongestTryUs;
  process.Call(std::move(call), [answer](rpc::Answer given) { *answer = std::move(given); });
  while (!*answer && time_.now_us <= end) Tick();
  return *answer;
}

TreeWorld::Outcome TreeWorld::Ask(const std::string& path, const std::string& request) {
  for (int tries = 0; tries < kTriesMax; ++tries) {
    Calm(tries >= kTriesBeforeCalm);
    const auto answer = Try(path, request);
    if (!answer || IsUnknown(answer->status.code())) {
      for (int tick = 0; tick < kTicksBetweenTries; ++tick) Tick();
      continue;
    }
    Calm(false);
    if (!answer->initial.empty()) {
      const auto position = query::Position::Decode(answer->initial.front().value);
      answered_ = std::max(answered_, position->offset);
    }
    return {answer->status};
  }
  return {record::MakeStatus(record::kUnavailable, "NO_ANSWER", "Nobody answers " + path + ".")};
}

TreeWorld::Outcome TreeWorld::Call(const std::string& path, Message& request) {
  SetText(&request, "request_id", "request-" + std::to_string(++requests_));
  return Ask(path, request.SerializeAsString());
}

TreeWorld::Outcome TreeWorld::Create(const Message& record) {
  const MethodDescriptor& method = MethodOf(*record.GetDescriptor(), "Create");
  const auto request = RequestWith(method, record);
  const auto* id = method.input_type()->FindFieldByNumber(2);
  request->GetReflection()->SetString(request.get(), id,
                                      record::Name::Parse(NameOf(record))->id.Text());
  return Call(PathOf(method), *request);
}

TreeWorld::Outcome TreeWorld::Update(const Message& record, const std::vector<std::string>& paths) {
  const MethodDescriptor& method = MethodOf(*record.GetDescriptor(), "Update");
  const auto request = RequestWith(method, record);
  google::protobuf::FieldMask mask;
  for (const std::string& path : paths) mask.add_paths(path);
  const auto* field = method.input_type()->FindFieldByName("update_mask");
  request->GetReflection()->MutableMessage(request.get(), field)->CopyFrom(mask);
  return Call(PathOf(method), *request);
}

TreeWorld::Outcome TreeWorld::Delete(const std::string& name) {
  const auto* type = catalogue_.FindType(record::Name::Parse(name)->collection);
  const auto* pool = google::protobuf::DescriptorPool::generated_pool();
  record::v1::DeleteRequest request;
  request.set_name(name);
  request.set_force(true);
  return Call(PathOf(MethodOf(*pool->FindMessageTypeByName(type->message->full_name), "Delete")),
              request);
}

TreeWorld::Outcome TreeWorld::Undelete(const std::string& name) {
  const auto* type = catalogue_.FindType(record::Name::Parse(name)->collection);
  const auto* pool = google::protobuf::DescriptorPool::generated_pool();
  record::v1::NameRequest request;
  request.set_name(name);
  return Call(PathOf(MethodOf(*pool->FindMessageTypeByName(type->message->full_name), "Undelete")),
              request);
}

Process& TreeWorld::UpToDate() {
  for (int tick = 0;; ++tick) {
    CRM_CHECK(tick < kTicksToRest);
    Calm(tick > kTicksBeforeCalm);
    for (auto& process : processes_) {
      if (!process->running() || process->shard().applied() <= answered_) continue;
      Calm(false);
      return *process;
    }
    Tick();
  }
}

std::string TreeWorld::Find(const std::string& name) {
  const auto parsed = record::Name::Parse(name);
  const record::RecordType& type = *catalogue_.FindType(parsed->collection);
  const store::View& view = View();
  const auto tenant = view.Tenant(kTenant);
  if (!tenant) return "";
  std::string image = view.Record({tenant->number, type.number, parsed->id}).value_or("");
  const auto hiding = store::Hiding::At(view, catalogue_, *tenant);
  return hiding && hiding->Hides(type, image) ? "" : image;
}

bool TreeWorld::Busy() {
  const store::View& view = View();
  const auto tenant = view.Tenant(kTenant);
  return tenant &&
         (!view.Cascades(tenant->number, false).empty() || !view.Moving(tenant->number).empty());
}

std::string TreeWorld::Trouble() {
  Calm(true);
  const auto at_rest = [&] {
    const auto end = static_cast<int64_t>(log_.size(0));
    return std::all_of(processes_.begin(), processes_.end(), [&](const auto& process) {
      return process->running() && process->shard().applied() == end;
    });
  };
  for (int tick = 0; !at_rest(); ++tick) {
    if (tick == kTicksToRest) return "they do not come to rest";
    Tick();
  }
  const History history = History::Read(log_, {}, &findings_);
  store::StoreOptions options;
  options.path = "/store";
  options.disk = store::Disk::InMemory();
  auto scratch = store::Store::Open(options, catalogue_);
  CRM_CHECK(scratch);
  (*scratch)->Apply(history.raw, history.state);
  const auto expected = (*scratch)->Snapshot()->Verify(kTenant);
  for (auto& process : processes_) {
    if (process->store().Snapshot()->Verify(kTenant) != expected)
      findings_.Add(Invariant::kI7, "other projections than are built from the log");
  }
  return findings_.Text();
}

}  // namespace crm::simulation
