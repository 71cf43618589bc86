#pragma once
/// The uplink over gRPC. Threads of gRPC call back; see uplink.h for the caller's side.

#include "uplink/uplink.h"

namespace millwright::uplink {

/// `address` is host:port. Reaches nothing yet: the first call does.
std::unique_ptr<Uplink> make_grpc_uplink(const std::string& address);

}  // namespace millwright::uplink
