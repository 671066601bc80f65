#pragma once

#include "libs/shard/behaviour.h"
#include "libs/store/followed.h"

namespace crm::identity {

// What the service's record types do beyond their annotations.
void RegisterIdentity(shard::Behaviours& behaviours);

// What every other service copies: who may do what is decided there, whether identity can be
// reached or not.
store::Followed WhatOthersFollow();

}  // namespace crm::identity
