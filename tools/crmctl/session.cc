#include "tools/crmctl/session.h"

#include <unistd.h>

#include <algorithm>
#include <iostream>
#include <mutex>

#include "google/rpc/code.pb.h"
#include "libs/record/clock.h"
#include "libs/record/uuid.h"
#include "tools/crmctl/reflection.h"
#include "tools/crmctl/text.h"
#include "tools/crmctl/value.h"

namespace crm::ctl {
namespace {

Status BrokenAnswer(const MethodDescriptor& method) {
  Status status;
  status.set_code(google::rpc::INTERNAL);
  status.set_message("the answer of " + method.full_name() + " can't be read");
  return status;
}

const FieldDescriptor* RequestIdField(const Message& request) {
  const FieldDescriptor* field = request.GetDescriptor()->FindFieldByName("request_id");
  const bool text =
      field && field->cpp_type() == FieldDescriptor::CPPTYPE_STRING && !field->is_repeated();
  return text ? field : nullptr;
}

// A new random UUID.
std::string NewRequestId() {
  static thread_local record::SystemRandom random;
  return record::MakeUuidV7(record::SystemClock().Wall(), random.Next() & 0xfff, random.Next())
      .Text();
}

// The id by which a command can be sent again; empty of what only asks, or has none.
std::string CommandId(const google::protobuf::MessageLite& request) {
  const auto* message = dynamic_cast<const Message*>(&request);
  const FieldDescriptor* id = message ? RequestIdField(*message) : nullptr;
  if (!id) return "";
  const FieldDescriptor* asks = message->GetDescriptor()->FindFieldByName("validate_only");
  const bool flag = asks && asks->cpp_type() == FieldDescriptor::CPPTYPE_BOOL;
  if (flag && message->GetReflection()->GetBool(*message, asks)) return "";
  return message->GetReflection()->GetString(*message, id);
}

}  // namespace

std::string HeaderText(const std::string& name, const std::string& text) {
  const bool printable =
      std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
  if (!printable)
    throw UsageError(name + ": \"" + Escaped(text) + "\" is not all ASCII characters");
  return text;
}

void PauseBeforeRetry(Connection& connection, std::chrono::milliseconds pause) {
  static std::once_flag told;
  std::call_once(told, [] {
    if (isatty(STDERR_FILENO)) std::cerr << "crmctl: the server is not available, trying again\n";
  });
  connection.Pause(pause);
}

bool Session::Json() const {
  if (options_.output.empty()) return !isatty(STDOUT_FILENO);
  return options_.output == "json";
}

std::optional<google::protobuf::Timestamp> Session::AsOf() const {
  if (options_.as_of.empty()) return std::nullopt;
  auto time = ParseTime(options_.as_of);
  if (!time)
    throw UsageError("--as-of: \"" + options_.as_of +
                     "\" is no time, such as 2026-03-31T12:00:00Z");
  return time;
}

void Session::RefuseAsOf() const {
  if (!options_.as_of.empty()) throw UsageError("--as-of is for get and list only");
}

Connection& Session::connection() {
  if (connection_) return *connection_;
  Headers headers = {{"crm-client", client_}};
  if (!options_.tenant.empty())
    headers.emplace_back("crm-tenant", HeaderText("--tenant", options_.tenant));
  if (!options_.user.empty() && !user_in_calls_)
    headers.emplace_back("crm-user", HeaderText("--user", options_.user));
  std::chrono::milliseconds timeout(static_cast<int64_t>(options_.timeout * 1000));
  connection_ = std::make_unique<Connection>(options_.server, headers, timeout);
  return *connection_;
}

const Schema& Session::schema() {
  if (!schema_) schema_ = Reflect(connection());
  return *schema_;
}

Status Session::Send(const MethodDescriptor& method, const google::protobuf::MessageLite& request,
                     google::protobuf::MessageLite* response, Trailers* trailers,
                     const Headers& more) {
  std::string sent = request.SerializePartialAsString();
  std::string answer;
  bool unknown = false;
  Status status = SendWithRetries(
      [&] {
        Status each = connection().Unary(PathOf(method), sent, &answer, trailers, more);
        unknown |= OutcomeUnknown(each);
        return each;
      },
      [this](auto pause) { PauseBeforeRetry(connection(), pause); });
  if (status.code() != google::rpc::OK) {
    const std::string id = CommandId(request);
    if (unknown && !id.empty()) {
      status.set_message(status.message() +
                         " It may have been carried out: sent again with the request id " + id +
                         ", it is carried out once.");
    }
    return status;
  }
  if (!response->ParsePartialFromString(answer)) return BrokenAnswer(method);
  return status;
}

void Session::Call(const MethodDescriptor& method, const google::protobuf::MessageLite& request,
                   google::protobuf::MessageLite* response, Trailers* trailers) {
  Status status = Send(method, request, response, trailers);
  if (status.code() != google::rpc::OK) throw Failure(status);
}

bool Session::Pages(const MethodDescriptor& method, Message* request, Message* page,
                    const std::function<bool()>& each) {
  const FieldDescriptor* token = request->GetDescriptor()->FindFieldByName("page_token");
  const FieldDescriptor* next = page->GetDescriptor()->FindFieldByName("next_page_token");
  while (true) {
    Call(method, *request, page);
    const bool wanted = each();
    const std::string more = page->GetReflection()->GetString(*page, next);
    if (!wanted || more.empty()) return !more.empty();
    request->GetReflection()->SetString(request, token, more);
  }
}

void Session::Stream(const MethodDescriptor& method, const google::protobuf::MessageLite& request,
                     const std::function<bool(const Message&)>& each, Trailers* trailers) {
  auto call = connection().Open(PathOf(method), false);
  if (call->Write(request.SerializePartialAsString())) call->WritesDone();
  auto message = schema().New(method.output_type());
  std::string bytes;
  while (call->Read(&bytes)) {
    if (!message->ParsePartialFromString(bytes)) throw Failure(BrokenAnswer(method));
    if (!each(*message)) return;
  }
  Status status = call->Finish(trailers);
  if (status.code() != google::rpc::OK) throw Failure(status);
}

void SetRequestId(Message* request, const std::string& id) {
  const FieldDescriptor* field = RequestIdField(*request);
  if (!field) return;
  const auto* reflection = request->GetReflection();
  if (!id.empty()) reflection->SetString(request, field, id);
  if (reflection->GetString(*request, field).empty()) {
    reflection->SetString(request, field, NewRequestId());
  }
}

}  // namespace crm::ctl
