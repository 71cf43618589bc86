#include <cmath>

#include "transport/grpc/testing/grpc_fixture.h"

namespace millwright::testing {
namespace {

NumericScalarValues sample(double value, std::int64_t second = 0) {
  NumericScalarValues out;
  out.set_tenant_identifier("100000");
  out.set_device_identifier("000001");
  out.set_metric_identifier("temperature.ambient");
  out.set_value(value);
  out.mutable_timestamp()->set_seconds(kNowUs / 1'000'000 + second);
  return out;
}

class LegacyTest : public GrpcTest {
 protected:
  grpc::Status send(const std::vector<NumericScalarValues>& samples) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
    google::protobuf::Empty response;
    const auto call = legacy->SendNumericScalarValues(&context, &response);
    for (const auto& message : samples) call->Write(message);
    call->WritesDone();
    return call->Finish();
  }
  grpc::Status send_status(const std::string& tenant, const std::string& device, int status) {
    ::DeviceStatus request;
    request.set_tenant_identifier(tenant);
    request.set_device_identifier(device);
    request.set_status(status);
    request.mutable_timestamp()->set_seconds(kNowUs / 1'000'000);
    grpc::ClientContext context;
    google::protobuf::Empty response;
    return legacy->SendDeviceStatus(&context, request, &response);
  }
};

TEST_F(LegacyTest, SamplesAreStoredWhenTheStreamIsAnswered) {
  std::vector<NumericScalarValues> samples;
  for (int i = 0; i < 500; ++i) samples.push_back(sample(i, i - 500));
  ASSERT_TRUE(send(samples).ok());
  EXPECT_EQ(values("temperature.ambient").size(), 500U);
  EXPECT_TRUE(send({}).ok());
}

TEST_F(LegacyTest, TheFirstBadSampleIsNamedAndThoseBeforeItAreStored) {
  struct Case {
    std::function<void(NumericScalarValues&)> spoil;
    grpc::StatusCode code;
    const char* names;
  };
  const std::vector<Case> cases = {
      {[](auto& s) { s.set_value(std::nan("")); }, grpc::StatusCode::INVALID_ARGUMENT, "value"},
      {[](auto& s) { s.set_value(INFINITY); }, grpc::StatusCode::INVALID_ARGUMENT, "value"},
      {[](auto& s) { s.clear_timestamp(); }, grpc::StatusCode::INVALID_ARGUMENT, "timestamp"},
      {[](auto& s) { s.mutable_timestamp()->set_nanos(1'000'000'000); },
       grpc::StatusCode::INVALID_ARGUMENT, "timestamp"},
      {[](auto& s) { s.mutable_timestamp()->set_seconds(-1); }, grpc::StatusCode::INVALID_ARGUMENT,
       "1970"},
      {[](auto& s) { s.mutable_timestamp()->set_seconds(INT64_MAX); },
       grpc::StatusCode::INVALID_ARGUMENT, "timestamp"},
      {[](auto& s) { s.mutable_timestamp()->set_seconds(kNowUs / 1'000'000 + 301); },
       grpc::StatusCode::INVALID_ARGUMENT, "ahead"},
      {[](auto& s) { s.set_metric_identifier("../.."); }, grpc::StatusCode::INVALID_ARGUMENT,
       "metric"},
      {[](auto& s) { s.set_path("a-b"); }, grpc::StatusCode::INVALID_ARGUMENT, "path"},
      {[](auto& s) { s.set_device_identifier("000009"); }, grpc::StatusCode::NOT_FOUND, "000009"},
      {[](auto& s) { s.set_tenant_identifier("100001"); }, grpc::StatusCode::NOT_FOUND, "100001"},
      {[](auto& s) { s.set_tenant_identifier("999999"); }, grpc::StatusCode::NOT_FOUND, "999999"}};
  std::size_t stored = 0;
  std::int64_t second = -1'000;
  for (const Case& c : cases) {
    NumericScalarValues bad = sample(3, ++second);
    c.spoil(bad);
    const auto status = send({sample(1, ++second), sample(2, ++second), bad, sample(4, ++second)});
    EXPECT_EQ(status.error_code(), c.code) << c.names;
    EXPECT_TRUE(status.error_message().starts_with("sample 2: ")) << status.error_message();
    EXPECT_NE(status.error_message().find(c.names), std::string::npos) << status.error_message();
    stored += 2;
    EXPECT_EQ(values("temperature.ambient").size(), stored) << c.names;
  }
}

TEST_F(LegacyTest, AStatusIsReported) {
  EXPECT_TRUE(send_status("100000", "000001", 10).ok());
  EXPECT_EQ(send_status("100001", "000001", 10).error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(send_status("100000", "1", 10).error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(send_status("100000", "000001", 11).error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  const std::lock_guard lock(mutex);
  EXPECT_EQ(statuses, std::vector<std::string>{"100000/000001 online 1800000000000000 legacy"});
}

TEST_F(LegacyTest, TheOldServiceIsOffUnlessItIsSwitchedOn) {
  server->stop();
  options.legacy_addresses.clear();
  start();
  EXPECT_EQ(send({sample(1)}).error_code(), grpc::StatusCode::UNIMPLEMENTED);
  EXPECT_EQ(server->legacy_port(), 0);
}

TEST_F(LegacyTest, AListenerOfItsOwnServesTheOldServiceOnly) {
  server->stop();
  options.legacy_addresses = {"localhost:0"};
  start();
  EXPECT_EQ(send({sample(1)}).error_code(), grpc::StatusCode::UNIMPLEMENTED);
  ASSERT_NE(server->legacy_port(), server->port());
  channel = grpc::CreateChannel("127.0.0.1:" + std::to_string(server->legacy_port()),
                                grpc::InsecureChannelCredentials());
  legacy = ::Hub::NewStub(channel);
  stub = v1::Ingest::NewStub(channel);
  EXPECT_TRUE(send({sample(1)}).ok());
  EXPECT_EQ(open().status().error_code(), grpc::StatusCode::UNIMPLEMENTED);
}

}  // namespace
}  // namespace millwright::testing
