#include "transport/grpc/legacy_service.h"

#include "transport/grpc/legacy_stream.h"
#include "transport/grpc/status.h"
#include "transport/grpc/wire.h"

namespace millwright {
namespace {

constexpr std::size_t kMostStreams = 1'024;
constexpr const char* kOwner = "legacy";

class RefusedStream final : public grpc::ServerReadReactor<grpc::ByteBuffer> {
 public:
  explicit RefusedStream(const grpc::Status& status) { Finish(status); }
  void OnDone() override { delete this; }
};

Result<> report(const GrpcContext& context, const ::DeviceStatus& request) {
  MW_ASSIGN(const Principal principal, legacy_principal(context, request.tenant_identifier()));
  MW_ASSIGN(const DeviceId device, DeviceId::parse(request.device_identifier()));
  MW_ASSIGN(const millwright::DeviceStatus status, device_status_from_wire(request.status()));
  const auto at = request.has_timestamp() ? wire::read_time(request.timestamp())
                                          : std::optional<std::int64_t>();
  if (!at) {
    return invalid_argument(
        "timestamp is missing or no valid time; send seconds since 1970 and "
        "nanos from 0 to 999999999");
  }
  return context.report_status(principal, *principal.tenant, device, status, from_us(*at));
}

}  // namespace

grpc::ServerReadReactor<grpc::ByteBuffer>* LegacyService::SendNumericScalarValues(
    grpc::CallbackServerContext* call, grpc::ByteBuffer* response) {
  if (!registry_.enter(kOwner, kMostStreams)) {
    const Error error = registry_.is_stopping()
                            ? unavailable("the hub is going down; send again later")
                            : resource_exhausted("too many streams are open; send again later");
    context_.count_call("SendNumericScalarValues", static_cast<int>(error.code));
    return new RefusedStream(to_status(error));
  }
  const auto stream = std::make_shared<LegacyStream>(context_, registry_, *call, *response, kOwner);
  stream->start();
  return stream.get();
}

grpc::ServerUnaryReactor* LegacyService::SendDeviceStatus(grpc::CallbackServerContext* call,
                                                          const grpc::ByteBuffer* request,
                                                          grpc::ByteBuffer* response) {
  auto* reactor = call->DefaultReactor();
  ::DeviceStatus message;
  if (!wire::parse(*request, message)) {
    const auto status =
        to_status(invalid_argument("the bytes are no DeviceStatus; send that message"));
    context_.count_call("SendDeviceStatus", status.error_code());
    reactor->Finish(status);
    return reactor;
  }
  *response = wire::serialise(google::protobuf::Empty());
  context_.hub.run([this, reactor, request = std::move(message)] {
    const auto reported = report(context_, request);
    const grpc::Status status = reported ? grpc::Status::OK : to_status(reported.error());
    context_.count_call("SendDeviceStatus", status.error_code());
    reactor->Finish(status);
  });
  return reactor;
}

}  // namespace millwright
