#pragma once

#include <memory>
#include <string>

#include "libs/rpc/directory.h"
#include "libs/rpc/dispatcher.h"
#include "libs/rpc/route.h"

// What the dispatcher's methods share; for its own files only.
namespace crm::rpc {

using Done = std::function<void(Answer)>;
using Proceed = std::function<void(const Call&, Route)>;

void Fail(const Done& done, record::Status status);
// That no service here serves it; of these, each could.
record::Status NotServed(const std::vector<std::string>& services = {});
// The owner's, or a standby's that the caller is content with (which may still be too far behind).
bool MayReadHere(const Place& place, const shard::ReadOptions& read);
bool IsRead(const record::Method& method);

struct Dispatcher::Parts {
  record::Status CheckService(const Call& call) const;
  // What every method needs: known path, principal, canonical request.
  record::Status Prepare(const Call& call, Route* route) const;
  // Who calls, and by which rights; then goes on, or fails. `route` has a place.
  void Admit(const Call& call, Route route, const Done& fail, Proceed proceed);
  void Write(const Call& call, Route route, Done done);
  void Read(const Call& call, Route route, Done done);

  // For operators, who need not know the tenant's records.
  void Verify(const Call& call, Done done);
  void Descriptors(const Call& call, const Done& done) const;
  void Reactors(const Call& call, Done done);

  const DispatcherOptions options;
  const record::Catalogue& catalogue;
  Host& host;
  const record::Clock& clock;
  Directory directory;

 private:
  void Submit(const Call& call, const Route& route, Done done) const;
  void Admitted(const Call& call, Route route, Directory::Known known, const Done& fail,
                const Proceed& proceed) const;
  void AdmitOperator(const Call& call, Route route, const Done& fail, Proceed proceed);
};

}  // namespace crm::rpc
