#pragma once
/// The service of edge agents. Threads: gRPC's.

#include "millwright/ingest/v1/ingest.grpc.pb.h"
#include "transport/grpc/stream_registry.h"

namespace millwright {

class IngestService final
    : public ingest::v1::Ingest::WithRawCallbackMethod_Stream<
          ingest::v1::Ingest::WithRawCallbackMethod_GetToken<ingest::v1::Ingest::Service>> {
 public:
  IngestService(const GrpcContext& context, StreamRegistry& registry)
      : context_(context), registry_(registry) {}

  grpc::ServerUnaryReactor* GetToken(grpc::CallbackServerContext* call,
                                     const grpc::ByteBuffer* request,
                                     grpc::ByteBuffer* response) override;
  grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* Stream(
      grpc::CallbackServerContext* call) override;

 private:
  const GrpcContext& context_;
  StreamRegistry& registry_;
};

}  // namespace millwright
