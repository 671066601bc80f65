#include <unistd.h>

#include <array>
#include <cctype>
#include <limits>

#include "libs/runtime/settings.h"

// What follows from the settings for a process among others on Kafka.
namespace crm::runtime {

std::string AdvertisedAddress(const Settings& settings) {
  if (!settings.advertise.empty()) return settings.advertise;
  const size_t colon = settings.grpc.rfind(':');
  const std::string host = settings.grpc.substr(0, colon);
  if (host != "0.0.0.0" && host != "[::]") return settings.grpc;
  std::array<char, 256> name{};
  if (gethostname(name.data(), name.size() - 1) != 0) return settings.grpc;
  return name.data() + settings.grpc.substr(colon);
}

std::string InstanceName(const Settings& settings) {
  if (!settings.instance.empty()) return settings.instance;
  std::string name = AdvertisedAddress(settings);
  for (char& c : name) {
    const bool legal = std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '.' || c == '-';
    if (!legal) c = '_';
  }
  return name;
}

int StandbysOf(const Settings& settings) {
  return settings.standbys == "all" ? std::numeric_limits<int>::max()
                                    : std::stoi(settings.standbys);
}

std::string TopicOf(const Settings& settings, const std::string& service, const std::string& what) {
  return settings.kafka_prefix + "." + service + "." + what;
}

}  // namespace crm::runtime
