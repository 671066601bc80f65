#include "libs/runtime/serve.h"
#include "services/identity/identity.h"
#include "services/sales/sales.h"

// The only server program. Which of its services a process runs is a matter of `--services`.
int main(int argc, char** argv) {
  return crm::runtime::Main(
      argc, argv,
      {{"identity", crm::identity::RegisterIdentity, {}, crm::identity::WhatOthersFollow()},
       {"sales", crm::sales::RegisterSales}});
}
