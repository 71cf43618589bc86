#include "uplink/grpc/grpc_uplink.h"

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <condition_variable>
#include <future>
#include <mutex>

#include "millwright/ingest/v1/ingest.grpc.pb.h"

namespace millwright::uplink {
namespace {

using namespace std::chrono_literals;
namespace v1 = ::millwright::ingest::v1;

/// Answers each batch with an Ack of its base_seq; ends a stream as it is told.
class FakeIngest final : public v1::Ingest::Service {
 public:
  grpc::Status GetToken(grpc::ServerContext*, const v1::GetTokenRequest* request,
                        v1::GetTokenResponse* response) override {
    if (request->device_secret() != "secret") {
      return {grpc::StatusCode::UNAUTHENTICATED, "wrong secret"};
    }
    response->set_token("token of " + request->device_identifier());
    response->set_expires_at_us(123);
    return grpc::Status::OK;
  }
  grpc::Status Stream(
      grpc::ServerContext* context,
      grpc::ServerReaderWriter<v1::ServerMessage, v1::ClientMessage>* stream) override {
    const auto& metadata = context->client_metadata();
    const auto token = metadata.find("authorization");
    if (token == metadata.end() || token->second != "Bearer token") {
      return {grpc::StatusCode::UNAUTHENTICATED, "no token"};
    }
    v1::ClientMessage message;
    while (stream->Read(&message)) {
      if (message.has_gap()) return {grpc::StatusCode::INVALID_ARGUMENT, "a gap"};
      v1::ServerMessage answer;
      answer.mutable_ack()->set_watermark(message.batch().base_seq());
      if (!stream->Write(answer)) break;
    }
    return grpc::Status::OK;
  }
};

class GrpcUplinkTest : public testing::Test {
 protected:
  GrpcUplinkTest() {
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port_);
    builder.RegisterService(&service_);
    server_ = builder.BuildAndStart();
    uplink_ = make_grpc_uplink("127.0.0.1:" + std::to_string(port_));
  }
  ~GrpcUplinkTest() override { server_->Shutdown(std::chrono::system_clock::now() + 1s); }

  std::unique_ptr<Session> open(const std::string& token) {
    return uplink_->open(token, [this] {
      const std::lock_guard lock(mutex_);
      ++woken_;
      changed_.notify_all();
    });
  }
  /// Waits for wake-ups until the condition holds.
  template <typename Condition>
  bool wait_for(const Condition& holds) {
    const auto deadline = std::chrono::steady_clock::now() + 10s;
    for (;;) {
      int before = 0;
      {
        const std::lock_guard lock(mutex_);
        before = woken_;
      }
      if (holds()) return true;  // not under the lock: wake-ups come from inside of the session
      std::unique_lock lock(mutex_);
      if (!changed_.wait_until(lock, deadline, [&] { return woken_ != before; })) return false;
    }
  }
  static ClientMessage batch(std::uint64_t seq, std::size_t bytes) {
    ClientMessage message;
    message.mutable_batch()->set_base_seq(seq);
    message.mutable_batch()->add_records(std::string(bytes, 'r'));
    return message;
  }

  FakeIngest service_;
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<Uplink> uplink_;
  std::mutex mutex_;
  std::condition_variable changed_;
  int woken_ = 0;
};

TEST_F(GrpcUplinkTest, ExchangesASecretForAToken) {
  std::promise<Result<Token>> right;
  uplink_->request_token({"100000", "000001", "secret"},
                         [&](Result<Token> token) { right.set_value(std::move(token)); });
  const auto token = right.get_future().get();
  ASSERT_TRUE(token) << token.error().message;
  EXPECT_EQ(token->text, "token of 000001");
  EXPECT_EQ(to_us(token->expires_at), 123);

  std::promise<Result<Token>> wrong;
  uplink_->request_token({"100000", "000001", "guess"},
                         [&](Result<Token> answer) { wrong.set_value(std::move(answer)); });
  const auto refused = wrong.get_future().get();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kUnauthenticated);
}

TEST_F(GrpcUplinkTest, CarriesManyMessagesInOrderWithABoundedQueue) {
  auto session = open("token");
  constexpr std::uint64_t kCount = 3'000;
  std::uint64_t sent = 0;
  std::uint64_t received = 0;
  bool was_full = false;
  const bool all = wait_for([&] {
    while (sent < kCount && session->send(batch(sent + 1, 10'000))) ++sent;
    was_full |= sent < kCount;
    while (const auto answer = session->receive()) {
      EXPECT_EQ(answer->ack().watermark(), ++received);
    }
    return received == kCount;
  });
  EXPECT_TRUE(all) << received << " of " << sent;
  EXPECT_TRUE(was_full);
  EXPECT_FALSE(session->ended());
}

TEST_F(GrpcUplinkTest, FinishSendsWhatWasTakenFirst) {
  auto session = open("token");
  for (std::uint64_t seq = 1; seq <= 50; ++seq) ASSERT_TRUE(session->send(batch(seq, 1'000)));
  session->finish(5s);
  std::uint64_t received = 0;
  while (session->receive()) ++received;
  EXPECT_EQ(received, 50u);
  EXPECT_TRUE(session->ended());
}

TEST_F(GrpcUplinkTest, TellsWhyTheHubEndedTheStream) {
  auto session = open("token");
  ASSERT_TRUE(session->send(batch(1, 10)));
  ClientMessage gap;
  gap.mutable_gap()->set_from_seq(1);
  ASSERT_TRUE(session->send(gap));
  ASSERT_TRUE(wait_for([&] { return session->ended().has_value(); }));
  EXPECT_EQ(session->ended()->code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(session->ended()->message, "a gap");
  EXPECT_TRUE(session->receive()) << "answers before the end are not lost";
}

TEST_F(GrpcUplinkTest, AWrongTokenEndsTheStream) {
  auto session = open("guess");
  ASSERT_TRUE(wait_for([&] { return session->ended().has_value(); }));
  EXPECT_EQ(session->ended()->code, ErrorCode::kUnauthenticated);
}

TEST_F(GrpcUplinkTest, AHubThatIsAwayEndsTheStreamAtOnceAndCanComeBack) {
  server_->Shutdown();
  auto session = open("token");
  session->send(batch(1, 10));
  ASSERT_TRUE(wait_for([&] { return session->ended().has_value(); }));
  EXPECT_EQ(session->ended()->code, ErrorCode::kUnavailable);

  FakeIngest again;
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:" + std::to_string(port_), grpc::InsecureServerCredentials());
  builder.RegisterService(&again);
  const auto server = builder.BuildAndStart();
  ASSERT_TRUE(server);
  bool is_answered = false;
  const auto deadline = std::chrono::steady_clock::now() + 10s;
  while (!is_answered && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::sleep_for(20ms);  // the channel waits 100 ms before it tries again
    session = open("token");
    session->send(batch(1, 10));
    wait_for([&] { return session->ended() || (is_answered |= bool(session->receive())); });
  }
  EXPECT_TRUE(is_answered);
  session.reset();
  server->Shutdown(std::chrono::system_clock::now() + 1s);
}

TEST_F(GrpcUplinkTest, ASessionMayBeDroppedAtAnyTime) {
  for (int i = 0; i < 50; ++i) {
    auto session = open("token");
    for (int k = 0; k < i; ++k) session->send(batch(1, 1'000));
  }
}

}  // namespace
}  // namespace millwright::uplink
