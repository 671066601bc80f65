#include "libs/rpc/batch_commands.h"

#include <mutex>

#include "libs/query/position.h"
#include "libs/record/image.h"
#include "libs/rpc/caller.h"

namespace crm::rpc {
namespace {

// Fields of the batch's request, of its items' requests, and of outcomes.
constexpr uint32_t kRequests = 1, kRequestId = 2, kValidateOnly = 3;
constexpr uint32_t kItemName = 1, kItemRequestId = 3, kItemValidateOnly = 4;
constexpr uint32_t kStatus = 1, kResponse = 2, kName = 3;
constexpr uint32_t kOutcomes = 1, kPosition = 2;

class Gathering {
 public:
  Gathering(std::vector<std::string> names, std::function<void(Answer)> done)
      : names_(std::move(names)), answers_(names_.size()), done_(std::move(done)) {}

  void Take(size_t item, Answer answer) {
    {
      const std::lock_guard lock(mutex_);
      answers_[item] = std::move(answer);
      if (++taken_ < answers_.size()) return;
    }
    done_(Whole());
  }

 private:
  static int64_t OffsetOf(const Answer& answer) {
    auto position = query::Position::Decode(Find(answer.initial, "crm-position"));
    return position ? position->offset : -1;
  }
  Answer Whole() const {
    Answer whole;
    const Answer* newest = &answers_.front();
    for (size_t i = 0; i < answers_.size(); ++i) {
      const Answer& answer = answers_[i];
      std::string outcome;
      if (answer.status.code() != record::kOk) {
        record::AppendBytesField(kStatus, answer.status.SerializeAsString(), &outcome);
      } else {
        record::AppendBytesField(kResponse, answer.body, &outcome);
        if (OffsetOf(answer) > OffsetOf(*newest)) newest = &answer;
      }
      record::AppendBytesField(kName, names_[i], &outcome);
      record::AppendBytesField(kOutcomes, outcome, &whole.body);
    }
    const std::string position(Find(newest->initial, "crm-position"));
    if (position.empty()) return whole;
    record::AppendBytesField(kPosition, position, &whole.body);
    whole.initial.push_back({"crm-position", position});
    return whole;
  }

  std::vector<std::string> names_;
  std::mutex mutex_;
  std::vector<Answer> answers_;
  size_t taken_ = 0;
  std::function<void(Answer)> done_;
};

std::vector<record::Violation> WrongWith(const Route& route, const Call& call,
                                         const record::Spans& spans, int max_batch) {
  std::vector<record::Violation> violations;
  if (!Find(call.metadata, "crm-outbox").empty()) {
    violations.push_back({"crm-outbox", "INVALID_VALUE",
                          "A batch is many commands, and a number is one command's."});
  }
  CheckKnownFields(*route.method->request, spans, "", &violations);
  const size_t items = spans.All(kRequests).size();
  if (items == 0 || items > static_cast<size_t>(max_batch)) {
    violations.push_back({"requests", "OUT_OF_RANGE",
                          "A batch has 1 to " + std::to_string(max_batch) + " requests."});
  }
  constexpr size_t kLongestRequestId = 120;
  if (spans.Text(kRequestId).size() > kLongestRequestId) {
    violations.push_back(
        {"request_id", "INVALID_FORMAT", "The request id of a batch has at most 120 characters."});
  }
  return violations;
}

}  // namespace

void RunBatchCommand(const Route& route, const Call& call, int max_batch, const Unary& unary,
                     std::function<void(Answer)> done) {
  auto spans = record::Spans::Read(route.request);
  std::vector<record::Violation> violations = WrongWith(route, call, *spans, max_batch);
  if (!violations.empty()) {
    Answer refused;
    refused.status = record::InvalidArgument(violations);
    return done(std::move(refused));
  }
  const auto items = spans->All(kRequests);
  std::vector<std::string> names;
  for (const record::Span& item : items)
    names.emplace_back(record::TextIn(item.payload, kItemName));
  auto gathering = std::make_shared<Gathering>(std::move(names), std::move(done));
  for (size_t i = 0; i < items.size(); ++i) {
    record::ImageEdit edit(items[i].payload);
    if (!spans->Text(kRequestId).empty()) {
      edit.SetText(kItemRequestId, std::string(spans->Text(kRequestId)) + "/" + std::to_string(i));
    }
    if (spans->Integer(kValidateOnly) != 0) edit.SetInteger(kItemValidateOnly, 1);
    Call one = call;
    one.path = "/" + route.method->service + "/" + route.method->command.batch_of();
    one.request = edit.Build();
    unary(std::move(one), [gathering, i](Answer answer) { gathering->Take(i, std::move(answer)); });
  }
}

}  // namespace crm::rpc
