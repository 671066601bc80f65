#include "tests/fuzz/world.h"

#include "crm/activity/v1/note.pb.h"
#include "crm/activity/v1/task.pb.h"
#include "crm/sales/v1/lead.pb.h"
#include "libs/record/check.h"
#include "services/sales/sales.h"

namespace crm::fuzz {
namespace {

constexpr int kMostSteps = 10'000;
constexpr int kStreamMessages = 8;
constexpr char kLeadId[] = "01920000-0000-7000-8000-000000000001";

shard::Options ShardOptions() {
  shard::Options options;
  options.service = "sales";
  options.source = "/crm/sales";
  options.dataschema = "crm:0#crm.sales.v1.Event";
  options.owner.source = options.source;
  options.owner.dataschema = options.dataschema;
  return options;
}

template <class Request>
std::string Bytes(const Request& request) {
  return request.SerializeAsString();
}

}  // namespace

// SplitMix64 (Steele, Lea and Flood, 2014).
uint64_t SeededRandom::Next() {
  state_ += 0x9e3779b97f4a7c15;
  uint64_t mixed = state_;
  mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9;
  mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
  return mixed ^ (mixed >> 31);
}

rpc::Call CallOf(std::string path, std::string request) {
  rpc::Call call;
  call.path = std::move(path);
  call.metadata = {{"crm-tenant", "fuzz"}, {"crm-user", "fuzz@example.com"}};
  call.request = std::move(request);
  call.loopback = true;
  return call;
}

World::World(const record::Catalogue& catalogue) : log_(1, random_) {
  sales::RegisterSales(behaviours_);
  store::StoreOptions options;
  options.path = "/fuzz";
  options.disk = store::Disk::InMemory();
  auto store = store::Store::Open(options, catalogue);
  CRM_CHECK(store);
  store_ = std::move(*store);
  shard_ = std::make_unique<shard::Shard>(ShardOptions(), catalogue, behaviours_, log_, *store_,
                                          clock_, random_, [] {});
  rpc::DispatcherOptions dispatch;
  dispatch.trust_metadata = true;
  dispatch.token_key = "a key for fuzzing";
  dispatcher_ = std::make_unique<rpc::Dispatcher>(dispatch, catalogue, *this, clock_);
  shard_->Assign(true);

  sales::v1::CreateLeadRequest lead;
  lead.mutable_lead()->set_subject("Training");
  lead.mutable_lead()->set_last_name("Ionescu");
  lead.set_lead_id(kLeadId);
  CRM_CHECK(Call(CallOf("/crm.sales.v1.Leads/CreateLead", Bytes(lead))));
  lead_ = std::string("leads/") + kLeadId;
  activity::v1::CreateNoteRequest note;
  note.mutable_note()->set_regarding(lead_);
  CRM_CHECK(Call(CallOf("/crm.activity.v1.Notes/CreateNote", Bytes(note))));
  activity::v1::CreateTaskRequest task;
  task.mutable_task()->set_regarding(lead_);
  task.mutable_task()->set_subject("Call");
  CRM_CHECK(Call(CallOf("/crm.activity.v1.Tasks/CreateTask", Bytes(task))));
}

World::~World() {
  if (shard_) shard_->Stop();
}

rpc::Place World::Find(std::string_view service, std::string_view) {
  if (service != "sales") return {};
  return {"sales", 0, shard_.get(), true};
}

void World::StepUntil(const bool& done) {
  for (int step = 0; step < kMostSteps && !done; ++step) {
    shard_->Step();
    log_.Settle();
    clock_.Pass(step < kMostSteps / 2 ? 100 : 10'000);
  }
}

bool World::CallStream(rpc::Call call) {
  auto stream = dispatcher_->Open(std::move(call));
  bool ended = false;
  for (int message = 0; message < kStreamMessages && !ended; ++message) {
    bool done = false;
    stream->Next([&](rpc::Stream::Item item) {
      done = true;
      ended = item.end;
    });
    for (int step = 0; step < 20 && !done; ++step) {
      shard_->Step();
      log_.Settle();
    }
    // Nothing more to tell: the client goes away.
    if (!done) stream->Cancel();
    StepUntil(done);
    if (!done) return false;
  }
  return true;
}

bool World::Call(rpc::Call call) {
  if (dispatcher_->Streams(call.path)) return CallStream(std::move(call));
  bool done = false;
  dispatcher_->Unary(std::move(call), [&](rpc::Answer) { done = true; });
  StepUntil(done);
  return done;
}

}  // namespace crm::fuzz
