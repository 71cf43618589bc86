#include "uplink/grpc/grpc_uplink.h"

#include <grpcpp/grpcpp.h>

#include <mutex>
#include <vector>

#include "uplink/grpc/grpc_session.h"

namespace millwright::uplink {
namespace {

namespace v1 = ::millwright::ingest::v1;

constexpr auto kTokenDeadline = std::chrono::seconds(10);

/// gRPC 1.51 frees memory of its callback queue twice, about once in 250 times, when the last
/// channel that has used it goes (AddressSanitizer shows it with one unary call). So channels stay.
void keep_for_ever(const std::shared_ptr<grpc::Channel>& channel) {
  static std::mutex mutex;
  static auto* const kept = new std::vector<std::shared_ptr<grpc::Channel>>();
  const std::lock_guard lock(mutex);
  kept->push_back(channel);
}

std::shared_ptr<grpc::Channel> make_channel(const std::string& address) {
  grpc::ChannelArguments arguments;
  // Our own back-off decides when to try; the channel must not wait minutes on top.
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 1'000);
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  arguments.SetMaxReceiveMessageSize(8 << 20);
  auto channel = grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments);
  keep_for_ever(channel);
  return channel;
}

struct TokenCall {
  grpc::ClientContext context;
  v1::GetTokenRequest request;
  v1::GetTokenResponse response;
};

class GrpcUplink final : public Uplink {
 public:
  explicit GrpcUplink(const std::string& address)
      : stub_(v1::Ingest::NewStub(make_channel(address))) {}

  void request_token(const Credentials& credentials,
                     std::function<void(Result<Token>)> done) override {
    auto call = std::make_shared<TokenCall>();
    call->context.set_deadline(std::chrono::system_clock::now() + kTokenDeadline);
    call->request.set_tenant_identifier(credentials.tenant);
    call->request.set_device_identifier(credentials.device);
    call->request.set_device_secret(credentials.device_secret);
    stub_->async()->GetToken(
        &call->context, &call->request, &call->response,
        [call, done = std::move(done)](grpc::Status status) {
          if (!status.ok()) {
            done(to_error(status));
            return;
          }
          done(Token{call->response.token(), from_us(call->response.expires_at_us())});
        });
  }

  std::unique_ptr<Session> open(const std::string& token, std::function<void()> wake) override {
    return open_grpc_session(*stub_, token, std::move(wake));
  }

 private:
  std::unique_ptr<v1::Ingest::Stub> stub_;
};

}  // namespace

std::unique_ptr<Uplink> make_grpc_uplink(const std::string& address) {
  return std::make_unique<GrpcUplink>(address);
}

}  // namespace millwright::uplink
