// Unary calls whose bytes are no message.

#include <grpcpp/generic/generic_stub.h>

#include "transport/grpc/testing/grpc_fixture.h"

namespace millwright::testing {
namespace {

grpc::Status call_raw(const std::shared_ptr<grpc::Channel>& channel, const std::string& method,
                      const std::string& bytes) {
  grpc::GenericStub stub(channel);
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
  grpc::CompletionQueue queue;
  const grpc::Slice slice(bytes);
  const auto call = stub.PrepareUnaryCall(&context, method, grpc::ByteBuffer(&slice, 1), &queue);
  call->StartCall();
  grpc::ByteBuffer answer;
  grpc::Status status;
  call->Finish(&answer, &status, nullptr);
  void* tag = nullptr;
  bool ok = false;
  queue.Next(&tag, &ok);
  queue.Shutdown();
  while (queue.Next(&tag, &ok)) {
  }
  return status;
}

TEST_F(GrpcTest, UnaryBytesThatAreNoMessageAreAnInvalidArgumentThatNamesTheMessage) {
  const std::vector<std::pair<const char*, const char*>> calls = {
      {"/millwright.ingest.v1.Ingest/GetToken", "GetTokenRequest"},
      {"/Hub/SendDeviceStatus", "DeviceStatus"}};
  for (const auto& [method, message] : calls) {
    for (const std::string& bytes :
         {std::string("\xFF\xFF\xFF\xFF"), std::string("\x0A\x7F truncated")}) {
      const grpc::Status status = call_raw(channel, method, bytes);
      EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT) << method;
      EXPECT_NE(status.error_message().find(message), std::string::npos) << status.error_message();
    }
  }
  const std::lock_guard lock(mutex);
  EXPECT_TRUE(statuses.empty());
}

TEST_F(GrpcTest, AUnaryCallWithoutBytesIsAnEmptyMessage) {
  for (const char* method : {"/millwright.ingest.v1.Ingest/GetToken", "/Hub/SendDeviceStatus"}) {
    const grpc::Status status = call_raw(channel, method, "");
    EXPECT_NE(status.error_code(), grpc::StatusCode::OK) << method;
    EXPECT_NE(status.error_message().find("tenant"), std::string::npos) << status.error_message();
  }
}

}  // namespace
}  // namespace millwright::testing
