#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <random>
#include <string>
#include <vector>

#include "tests/server/records.h"

// Clients of a server that may die at any moment, which remember what it has confirmed.
namespace crm::test {

// How far all workers have come, for the one who waits to kill the server.
class Progress {
 public:
  void Confirmed();
  void Ended();
  // Until so many commands were confirmed, or so many workers have ended.
  void Await(int confirmed, int ended);
  int confirmed() const { return confirmed_; }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int confirmed_ = 0;
  int ended_ = 0;
};

// What a record is expected to be.
struct Expected {
  bool alive = false;
  int version = 0;   // events so far, which is the etag of a record that is there
  std::string body;  // the image without version, where it is there
};

// One command: what is sent, what it does to which records, and how its answer is remembered.
struct Operation {
  std::string path;
  std::string request;
  std::string response;                   // once it is confirmed
  std::map<std::string, Expected> after;  // versions only; bodies come with the answer
  std::function<void(Operation&)> confirm;
};

// One client with records that no other client changes.
class Worker {
 public:
  Worker(std::string tenant, int number);

  // Sends one command after the other until one is not answered.
  void Work(const Server& server, Progress* progress);
  // After a restart: what was confirmed is there, what was not is there wholly or not at all;
  // sending it again completes it, and sending again what was confirmed changes nothing.
  void Check(const Server& server);
  // Every record that it has ever made.
  void CheckAll(const Client& client) const;

  const std::string& tenant() const { return tenant_; }
  int alive_leads() const;
  bool interrupted() const { return interrupted_; }
  // How many interrupted commands were found to have acted, when the server was back.
  int acted() const { return acted_; }

 private:
  Operation Next();
  Operation CreateLead();
  Operation CreateSeveral();
  Operation CreateNote(const std::string& lead);
  Operation UpdateLead(const std::string& lead);
  Operation UpdateSeveral();
  Operation DeleteLead(const std::string& lead);
  Operation UndeleteLead(const std::string& lead);
  Operation ChangeState(const std::string& lead);

  Operation Made(const std::string& path, google::protobuf::Message& request);
  Lead LeadOf(const std::string& name) const;
  void Keep(const Lead& lead);
  void Keep(const Note& note);
  // The lead and its notes, one event later, there or not.
  std::map<std::string, Expected> Tree(const std::string& lead, bool alive) const;

  void Send(const Client& client, Operation* operation, Progress* progress);
  void CheckRecord(const Client& client, const std::string& name) const;
  void CompleteInterrupted(const Client& client);
  void Repeat(const Client& client, const Operation& operation) const;

  int Below(int limit) { return static_cast<int>(random_() % static_cast<unsigned>(limit)); }
  std::string Any(const std::function<bool(const std::string&)>& fits);
  std::string NextId();

  const std::string tenant_;
  const int number_;
  std::mt19937 random_;
  int requests_ = 0;
  std::map<std::string, Expected> records_;
  std::vector<std::string> leads_;
  std::map<std::string, std::vector<std::string>> notes_;  // by lead
  std::deque<Operation> confirmed_;                        // the newest
  Operation open_;
  bool interrupted_ = false;
  int acted_ = 0;
};

}  // namespace crm::test
