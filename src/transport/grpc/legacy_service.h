#pragma once
/// The service of the devices that exist already, for the tenants that the configuration names.
/// They send no token. Threads: gRPC's.

#include "hub.grpc.pb.h"
#include "transport/grpc/stream_registry.h"

namespace millwright {

class LegacyService final : public ::Hub::WithRawCallbackMethod_SendNumericScalarValues<
                                ::Hub::WithRawCallbackMethod_SendDeviceStatus<::Hub::Service>> {
 public:
  LegacyService(const GrpcContext& context, StreamRegistry& registry)
      : context_(context), registry_(registry) {}

  grpc::ServerReadReactor<grpc::ByteBuffer>* SendNumericScalarValues(
      grpc::CallbackServerContext* call, grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* SendDeviceStatus(grpc::CallbackServerContext* call,
                                             const grpc::ByteBuffer* request,
                                             grpc::ByteBuffer* response) override;

 private:
  const GrpcContext& context_;
  StreamRegistry& registry_;
};

}  // namespace millwright
