#pragma once

#include <google/protobuf/message_lite.h>
#include <grpcpp/channel.h>

#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

namespace crm::bench {

inline constexpr int kBatch = 200;  // records in a request

// Sign-in names of those who list: who may read all leads, a thousandth, those of a unit, and those
// of the units below one. The mover owns many.
inline constexpr char kAll[] = "all", kFew[] = "few", kUnit[] = "unit", kUnits[] = "units",
                      kMover[] = "mover";

// One call after the other on one tenant.
class Tenant {
 public:
  Tenant(std::shared_ptr<grpc::Channel> crm, std::string name)
      : crm_(std::move(crm)), name_(std::move(name)) {}

  const std::string& name() const { return name_; }
  // False, and a line on stderr, where it fails.
  bool Call(const std::string& user, const std::string& path,
            const google::protobuf::MessageLite& request,
            google::protobuf::MessageLite* response) const;

 private:
  std::shared_ptr<grpc::Channel> crm_;
  std::string name_;
};

// An organization of 200 roles, 300 units and 5,000 users, of whom those who call have two roles
// and a seat.
class Organization {
 public:
  explicit Organization(std::shared_ptr<grpc::Channel> crm) : tenant_(std::move(crm), "org") {}

  bool Found();
  const Tenant& tenant() const { return tenant_; }
  // The name of the record.
  const std::string& User(const std::string& sign_in_name) const { return users_.at(sign_in_name); }
  // Sign-in name of one of those who call in turn.
  std::string Caller(int round) const { return "caller-" + std::to_string(round % 10); }
  const std::string& SomeOwner(size_t number) const { return owners_[number % owners_.size()]; }
  // To the unit of who lists a unit's leads.
  bool Move(const std::string& sign_in_name) const;

 private:
  bool AddUnits();
  bool AddRoles();
  bool AddUsers();
  bool Give(const std::string& sign_in_name, const std::vector<std::string>& roles);

  const Tenant tenant_;
  std::mt19937_64 random_{1};
  std::vector<std::string> units_;                  // the root first
  std::vector<std::vector<std::string>> roles_{5};  // by depth
  std::vector<std::string> owners_;
  std::map<std::string, std::string> users_;  // by sign-in name
};

}  // namespace crm::bench
