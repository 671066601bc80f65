// The same for the code around gRPC.
#pragma once

#include <grpcpp/grpcpp.h>

#include "libs/record/precompiled.h"
