#include "transport/grpc/ingest_service.h"

#include "transport/grpc/ingest_stream.h"
#include "transport/grpc/status.h"
#include "transport/grpc/wire.h"

namespace millwright {
namespace {

using RawStream = grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>;

constexpr std::size_t kLongestToken = 8'192;

/// A stream that ends before it begins.
class RefusedStream final : public RawStream {
 public:
  explicit RefusedStream(const grpc::Status& status) { Finish(status); }
  void OnDone() override { delete this; }
};

Result<std::string> bearer_token(const grpc::CallbackServerContext& call) {
  const auto& metadata = call.client_metadata();
  if (metadata.count("authorization") != 1) {
    return unauthenticated(
        "metadata authorization is missing; send \"Bearer TOKEN\" with a token "
        "of GetToken");
  }
  const grpc::string_ref found = metadata.find("authorization")->second;
  const std::string_view value(found.data(), found.size());
  constexpr std::string_view kScheme = "Bearer ";
  if (!value.starts_with(kScheme) || value.size() > kLongestToken) {
    return unauthenticated(
        "metadata authorization is not of the form \"Bearer TOKEN\"; get a "
        "token by GetToken");
  }
  return std::string(value.substr(kScheme.size()));
}

}  // namespace

grpc::ServerUnaryReactor* IngestService::GetToken(grpc::CallbackServerContext* call,
                                                  const grpc::ByteBuffer* request,
                                                  grpc::ByteBuffer* response) {
  auto* reactor = call->DefaultReactor();
  ingest::v1::GetTokenRequest message;
  if (!wire::parse(*request, message)) {
    const auto status = to_status(invalid_argument(
        "the bytes are no GetTokenRequest of millwright.ingest.v1; send that message"));
    context_.count_call("GetToken", status.error_code());
    reactor->Finish(status);
    return reactor;
  }
  // On a storage thread: it reads the identity's store.
  context_.hub.run([this, reactor, response, request = std::move(message)] {
    const auto token = [&]() -> Result<DeviceToken> {
      MW_ASSIGN(const TenantId tenant, TenantId::parse(request.tenant_identifier()));
      MW_ASSIGN(const DeviceId device, DeviceId::parse(request.device_identifier()));
      return context_.identity.device_token(tenant, device, request.device_secret());
    }();
    grpc::Status status;
    if (token) {
      ingest::v1::GetTokenResponse answer;
      answer.set_token(token->jwt);
      answer.set_expires_at_us(to_us(token->expires_at));
      *response = wire::serialise(answer);
    } else {
      status = to_status(token.error());
    }
    context_.count_call("GetToken", status.error_code());
    reactor->Finish(status);
  });
  return reactor;
}

RawStream* IngestService::Stream(grpc::CallbackServerContext* call) {
  const auto refuse = [&](const Error& error) {
    context_.count_call("Stream", static_cast<int>(error.code));
    return new RefusedStream(to_status(error));
  };
  const auto token = bearer_token(*call);
  if (!token) return refuse(token.error());
  const auto principal = context_.identity.verify_device_token(*token);
  if (!principal) return refuse(principal.error());
  if (principal->role != Role::kDevice || !principal->tenant || !principal->device) {
    return refuse(permission_denied("only a device may send records; use a device's token"));
  }
  const std::string owner = principal->tenant->str() + '/' + principal->device->str();
  if (!registry_.enter(owner, context_.options.max_streams_per_device)) {
    if (registry_.is_stopping()) return refuse(unavailable("the hub is going down; connect later"));
    return refuse(resource_exhausted("the device has " +
                                     std::to_string(context_.options.max_streams_per_device) +
                                     " streams open, as many as are allowed; close one"));
  }
  const auto stream =
      std::make_shared<IngestStream>(context_, registry_, *call, *principal, *token, owner);
  stream->start();
  return stream.get();
}

}  // namespace millwright
