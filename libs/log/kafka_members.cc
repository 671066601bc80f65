#include "libs/log/kafka_members.h"

#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <memory>

namespace crm::log::kafka {
namespace {

constexpr int kSliceMs = 20;

template <class Type, void (*destroy)(Type*)>
struct Destroy {
  void operator()(Type* object) const { destroy(object); }
};
using Queue = std::unique_ptr<rd_kafka_queue_t, Destroy<rd_kafka_queue_t, rd_kafka_queue_destroy>>;
using Event = std::unique_ptr<rd_kafka_event_t, Destroy<rd_kafka_event_t, rd_kafka_event_destroy>>;
using Options = std::unique_ptr<rd_kafka_AdminOptions_t,
                                Destroy<rd_kafka_AdminOptions_t, rd_kafka_AdminOptions_destroy>>;

}  // namespace

std::optional<std::vector<std::string>> MembersOf(RdKafka::Handle& client, const std::string& group,
                                                  int timeout_ms,
                                                  const std::function<bool()>& give_up) {
  rd_kafka_t* handle = client.c_ptr();
  const Options options(
      rd_kafka_AdminOptions_new(handle, RD_KAFKA_ADMIN_OP_DESCRIBECONSUMERGROUPS));
  rd_kafka_AdminOptions_set_request_timeout(options.get(), timeout_ms, nullptr, 0);
  const Queue queue(rd_kafka_queue_new(handle));
  const char* names[] = {group.c_str()};
  rd_kafka_DescribeConsumerGroups(handle, names, 1, options.get(), queue.get());
  Event event;
  for (int waited = 0; !event && waited < 2 * timeout_ms && !give_up(); waited += kSliceMs)
    event.reset(rd_kafka_queue_poll(queue.get(), kSliceMs));
  std::vector<std::string> members;
  if (!event || rd_kafka_event_error(event.get()) != RD_KAFKA_RESP_ERR_NO_ERROR)
    return std::nullopt;
  size_t count = 0;
  const auto* result = rd_kafka_event_DescribeConsumerGroups_result(event.get());
  const auto** groups = rd_kafka_DescribeConsumerGroups_result_groups(result, &count);
  if (count != 1 || rd_kafka_ConsumerGroupDescription_error(groups[0]) != nullptr)
    return std::nullopt;
  for (size_t i = 0; i < rd_kafka_ConsumerGroupDescription_member_count(groups[0]); ++i) {
    const auto* member = rd_kafka_ConsumerGroupDescription_member(groups[0], i);
    const char* name = rd_kafka_MemberDescription_group_instance_id(member);
    if (name != nullptr) members.emplace_back(name);
  }
  std::sort(members.begin(), members.end());
  return members;
}

}  // namespace crm::log::kafka
