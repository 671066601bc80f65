#pragma once

#include <string>
#include <vector>

namespace crm::bench {

struct OnKafka {
  std::string crm;      // the program
  std::string brokers;  // such as tools/kafka starts
  std::string data;     // a folder
  std::vector<int> in_flight;
  int rounds = 5;
  double seconds = 1;
};

// Creates leads on the embedded log and on Kafka, beside a bare producer of the same bytes, in turn
// in one run; prints the medians. The program's exit code.
int MeasureOnKafka(const OnKafka& settings);

}  // namespace crm::bench
