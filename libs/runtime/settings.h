#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "libs/record/result.h"

namespace crm::runtime {

// What two installations of `crm` may want to differ in; settings_table.cc has names and
// explanations.
struct Settings {
  std::string services = "all";
  std::string data = "./data";
  std::string grpc = "127.0.0.1:7400";
  std::string http = "127.0.0.1:7480";
  bool trust_metadata = false;
  bool founded_only = false;
  int64_t identity_max_age_s = 300;
  bool reflection = true;
  std::string token_key;
  std::string log_level = "info";
  std::string log = "embedded";
  int64_t partitions = 4;
  std::string kafka_brokers = "127.0.0.1:9092";
  std::vector<std::string> kafka_config;  // `name=value`
  int64_t kafka_replication = 3;
  bool kafka_allow_unsafe = false;
  std::string kafka_prefix = "crm";
  std::string standbys = "all";  // or a number
  std::string advertise;         // empty: AdvertisedAddress()
  std::string instance;          // empty: InstanceName()
  int64_t max_message_bytes = 4 << 20;
  int64_t max_batch = 200;
  int64_t queue_commands_per_tenant = 10'000;
  int64_t queue_commands = 40'000;
  int64_t drain_delay_ms = 0;
  int64_t drain_timeout_ms = 30'000;
  std::string snapshot_to;  // a folder, or s3://BUCKET/FOLDER with the four below
  std::string snapshot_endpoint;
  std::string snapshot_region = "us-east-1";
  std::string snapshot_access_key;
  std::string snapshot_secret_key;
  int64_t snapshot_every_s = 3'600;
  int64_t snapshot_keep = 3;
};

// What a command line asks for.
struct Invocation {
  bool serve = false;  // with `settings`
  Settings settings;
  int exit_code = 0;   // of the process, unless it is to serve
  std::string output;  // for stdout, or for stderr where exit_code is not 0
};

// Value of an environment variable, or null.
using Environment = std::function<const char*(const char* name)>;

// Flags come before environment variables (`CRM_…`), these before the file that `--config` names,
// and this before the defaults.
Invocation ReadInvocation(const std::vector<std::string>& arguments,
                          const Environment& environment);

// The effective settings, secrets masked, in the form of a configuration file.
std::string Print(const Settings& settings);

// Where other processes reach this one: as said, or where it listens.
std::string AdvertisedAddress(const Settings& settings);
// What it is called among the others, and was before it was started again: as said, or by its
// address.
std::string InstanceName(const Settings& settings);
// How many processes follow a partition; INT_MAX: all.
int StandbysOf(const Settings& settings);
// A service's topic, such as `crm.sales.events`.
std::string TopicOf(const Settings& settings, const std::string& service, const std::string& what);

// `sales,identity` as a list; every service in `known` for `all`.
record::Result<std::vector<std::string>> ServicesToRun(const Settings& settings,
                                                       const std::vector<std::string>& known);

}  // namespace crm::runtime
