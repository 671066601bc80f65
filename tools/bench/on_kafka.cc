#include "tools/bench/on_kafka.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <map>
#include <memory>

#include "tools/bench/instance.h"
#include "tools/bench/load.h"
#include "tools/bench/producer.h"
#include "tools/bench/requests.h"

namespace crm::bench {
namespace {

constexpr int kPartitions = 4;
constexpr double kReadySeconds = 60;

// Rates by what was measured and how many were in flight.
using Rates = std::map<std::pair<int, std::string>, std::vector<double>>;

double Create(Instance& instance, int in_flight, double seconds, std::atomic<int>* next) {
  const Load load{"/crm.sales.v1.Leads/CreateLead",
                  [next] { return BufferOf(CreateLeadBytes((*next)++)); },
                  {{"crm-tenant", "bench"}, {"crm-user", "bench@example.com"}},
                  in_flight,
                  seconds};
  const Measured measured = Run(instance.channel(), load);
  if (measured.failed > 0) std::fprintf(stderr, "%s\n", measured.first_failure.c_str());
  return measured.failed > 0 ? 0 : measured.calls_per_second;
}

void Print(const OnKafka& settings, Rates& rates) {
  std::printf("%9s %14s %14s %14s %18s\n", "in flight", "embedded/s", "Kafka/s", "producer/s",
              "Kafka / producer");
  for (const int in_flight : settings.in_flight) {
    const double kafka = Median(rates[{in_flight, "kafka"}]);
    const double producer = Median(rates[{in_flight, "producer"}]);
    std::printf("%9d %14.0f %14.0f %14.0f %18.2f\n", in_flight,
                Median(rates[{in_flight, "embedded"}]), kafka, producer, kafka / producer);
  }
}

}  // namespace

int MeasureOnKafka(const OnKafka& settings) {
  const std::string prefix = "bench" + std::to_string(getpid());
  Instance embedded(settings.crm, settings.data + "/embedded", {});
  Instance kafka(settings.crm, settings.data + "/kafka",
                 ClusterFlags(settings.brokers, prefix, kPartitions));
  if (!embedded.AwaitReady(kReadySeconds) || !kafka.AwaitReady(kReadySeconds)) {
    std::fprintf(stderr, "A server did not start.\n");
    return 2;
  }
  std::atomic<int> next{1};
  std::unique_ptr<BareProducer> producer;
  Rates rates;
  // The first round warms up and is not counted.
  for (int round = 0; round <= settings.rounds; ++round) {
    for (const int in_flight : settings.in_flight) {
      const double here = Create(embedded, in_flight, settings.seconds, &next);
      const double there = Create(kafka, in_flight, settings.seconds, &next);
      if (here == 0 || there == 0) return 1;
      if (round == 0) continue;
      if (!producer) {
        producer = std::make_unique<BareProducer>(settings.brokers, prefix + ".sales.events",
                                                  kPartitions, prefix + ".bare.events");
        if (!producer->failure().empty()) {
          std::fprintf(stderr, "%s\n", producer->failure().c_str());
          return 1;
        }
        producer->Run(in_flight, settings.seconds);
      }
      rates[{in_flight, "embedded"}].push_back(here);
      rates[{in_flight, "kafka"}].push_back(there);
      rates[{in_flight, "producer"}].push_back(
          producer->Run(in_flight, settings.seconds).calls_per_second);
    }
  }
  Print(settings, rates);
  return 0;
}

}  // namespace crm::bench
