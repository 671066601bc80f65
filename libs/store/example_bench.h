#pragma once

#include <cstdint>
#include <cstdio>
#include <ctime>
#include <random>
#include <string>

#include "crm/sales/v1/event.pb.h"
#include "libs/store/example_commits.h"

// What the benchmarks of this library share.
namespace crm::store::example {

inline double Micros(clockid_t clock) {
  timespec time{};
  clock_gettime(clock, &time);
  return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_nsec) / 1e3;
}

// Prints the time of `times` things done by `work`.
template <class Work>
void Measure(const char* what, size_t times, Work work) {
  const double wall = Micros(CLOCK_MONOTONIC);
  const double thread = Micros(CLOCK_THREAD_CPUTIME_ID);
  const double process = Micros(CLOCK_PROCESS_CPUTIME_ID);
  work();
  const auto each = static_cast<double>(times);
  std::printf("%-34s %8.2f us each, thread %8.2f, all threads %8.2f\n", what,
              (Micros(CLOCK_MONOTONIC) - wall) / each,
              (Micros(CLOCK_THREAD_CPUTIME_ID) - thread) / each,
              (Micros(CLOCK_PROCESS_CPUTIME_ID) - process) / each);
}

inline sales::v1::Lead RandomLead(std::mt19937_64& random) {
  const auto below = [&](uint64_t bound) { return random() % bound; };
  sales::v1::Lead lead;
  lead.set_etag(std::to_string(below(9)));
  lead.mutable_create_time()->set_seconds(1'700'000'000 + static_cast<int64_t>(below(1'000'000)));
  lead.mutable_update_time()->set_seconds(1'700'000'000);
  lead.set_create_user("users/" + Id(below(100)).Text());
  lead.set_update_user("users/" + Id(below(100)).Text());
  lead.set_owner("users/" + Id(below(100)).Text());
  lead.set_state(static_cast<sales::v1::Lead::State>(1 + below(3)));
  lead.set_status(static_cast<sales::v1::Lead::Status>(2 + below(5)));
  lead.set_lead_source(static_cast<sales::v1::Lead::Source>(2 + below(5)));
  lead.set_rating(static_cast<sales::v1::Lead::Rating>(2 + below(3)));
  lead.set_subject("Interested in the new line of bicycles " + std::to_string(below(100000)));
  lead.set_company_name("Company " + std::to_string(below(50000)));
  lead.set_first_name("First" + std::to_string(below(1000)));
  lead.set_last_name("Last" + std::to_string(below(20000)));
  lead.set_email("someone" + std::to_string(below(1000000)) + "@example.com");
  lead.set_telephone1("+40 745 " + std::to_string(below(1000000)));
  for (int i = 0; i < 20; ++i) *lead.mutable_description() += "words " + std::to_string(below(99));
  lead.mutable_address1()->set_city("Iași");
  return lead;
}

}  // namespace crm::store::example
