#include "tests/chaos/chaos.h"
#include "tests/kafka/proxy.h"

// What fails is the network between one of the instances and the broker; the other's is well.
namespace crm::test {
namespace {

using std::chrono::milliseconds;

class Network : public Chaos {
 protected:
  static constexpr size_t kBehind = 0;  // the instance that has the proxy between

  Network() : kafka_({1, {}, {proxy_.port()}}), cluster_(ClusterOptions()) {}

  // The instance behind the proxy has work again, so that what comes next hits an owner.
  void AwaitWork() {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (std::chrono::steady_clock::now() < end) {
      for (const std::string& tenant : Cluster::Tenants()) {
        if (cluster_.OwnerOf(tenant) == kBehind) return;
      }
    }
    ADD_FAILURE() << "nothing is given back to the instance behind the proxy";
  }

  void Mute(bool to_broker, bool to_client) {
    proxy_.Mute(Proxy::kToBroker, to_broker);
    proxy_.Mute(Proxy::kToClient, to_client);
  }

  Proxy proxy_;
  Kafka kafka_;
  Cluster cluster_;

 private:
  Cluster::Options ClusterOptions() {
    proxy_.ForwardTo(kafka_.behind_proxy());
    return {2, {}, &kafka_, 1};
  }
};

// Connections break and none succeeds any more; or nothing is heard of, and what was said before
// arrives once it is over, be it of an owner that has been replaced meanwhile.
TEST_F(Network, IsCut) {
  Load load(cluster_, LoadSettings());
  load.Begin();
  for (int round = 0; MoreTime(); ++round) {
    AwaitWork();
    Let(load, milliseconds(500));
    switch ((round + Dice() % 2) % 4) {
      case 0:
        proxy_.Refuse(true);
        proxy_.Cut();
        break;
      case 1:
        Mute(true, true);
        break;
      case 2:  // it is obeyed, and does not know
        Mute(false, true);
        break;
      default:  // it hears all that happens, and can do nothing about it
        Mute(true, false);
    }
    Let(load, Dice() % 3 == 0 ? milliseconds(2'000) : kStandStill);
    proxy_.Refuse(false);
    // Connections that stood still may be given up at last with what is on its way in them.
    if (Dice() % 2 == 0) proxy_.Cut();
    Mute(false, false);
  }
  Conclude(cluster_, load);
}

TEST_F(Network, IsSlow) {
  Load load(cluster_, LoadSettings());
  load.Begin();
  while (MoreTime()) {
    AwaitWork();
    Let(load, milliseconds(500));
    // There and back: nearly as long as a request to the broker may take.
    proxy_.Delay(milliseconds(20 + Dice() % 400));
    Let(load, milliseconds(4'000));
    proxy_.Delay(milliseconds(0));
  }
  Conclude(cluster_, load);
}

}  // namespace
}  // namespace crm::test
