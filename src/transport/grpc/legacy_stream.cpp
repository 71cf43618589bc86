#include "transport/grpc/legacy_stream.h"

#include "base/text.h"
#include "hub.pb.h"
#include "transport/grpc/status.h"
#include "transport/grpc/wire.h"

namespace millwright {
namespace {

constexpr std::size_t kMostInChunk = 4'096;
constexpr std::size_t kMostWaiting = 8'192;
// These devices know no heartbeat and may sample slowly.
constexpr int kIdleFactor = 20;

Error at_sample(std::size_t index, Error error) {
  error.message = "sample " + std::to_string(index) + ": " + error.message;
  return error;
}

}  // namespace

Result<Principal> legacy_principal(const GrpcContext& context, const std::string& tenant) {
  const auto parsed = TenantId::parse(tenant);
  const auto& allowed = context.options.legacy_tenants;
  if (!parsed || std::find(allowed.begin(), allowed.end(), *parsed) == allowed.end()) {
    return not_found("tenant " + quote(tenant) + " is unknown; check tenant_identifier");
  }
  return Principal{Role::kDevice, *parsed, std::nullopt, "legacy", true};
}

LegacyStream::LegacyStream(const GrpcContext& context, StreamRegistry& registry,
                           grpc::CallbackServerContext& call, grpc::ByteBuffer& response,
                           std::string owner)
    : context_(context),
      registry_(registry),
      call_(call),
      owner_(std::move(owner)),
      heard_(context.clock.steady_now()) {
  const grpc::Slice empty;  // an Empty message has no bytes
  response = grpc::ByteBuffer(&empty, 1);
}

void LegacyStream::start() {
  self_ = shared_from_this();
  registry_.add(weak_from_this());
  const std::lock_guard lock(mutex_);
  go_on_locked();
}

void LegacyStream::OnReadDone(bool ok) {
  const std::lock_guard lock(mutex_);
  is_reading_ = false;
  heard_ = context_.clock.steady_now();
  if (!ok) {
    end_locked(call_.IsCancelled() ? grpc::Status::CANCELLED : grpc::Status::OK);
  } else if (!end_) {
    if (const auto taken = take_locked(); !taken) {
      end_locked(to_status(at_sample(count_, taken.error())));
    } else {
      ++count_;
    }
  }
  go_on_locked();
}

Result<> LegacyStream::take_locked() {
  NumericScalarValues message;
  if (!wire::parse(incoming_, message)) {
    return invalid_argument("the bytes are no NumericScalarValues; send that message");
  }
  incoming_.Clear();
  MW_ASSIGN(const Principal principal, legacy_principal(context_, message.tenant_identifier()));
  if (waiting_.empty() || waiting_.back().tenant != *principal.tenant ||
      waiting_.back().samples.size() >= kMostInChunk) {
    waiting_.push_back({*principal.tenant, count_, {}});
  }
  ++samples_waiting_;
  waiting_.back().samples.push_back(
      {std::move(*message.mutable_device_identifier()),
       std::move(*message.mutable_metric_identifier()), std::move(*message.mutable_path()),
       message.value(), std::move(*message.mutable_unit()),
       std::move(*message.mutable_display_name()),
       message.has_timestamp() ? wire::read_time(message.timestamp()) : std::nullopt});
  return {};
}

void LegacyStream::end_locked(const grpc::Status& status) {
  if (!end_) end_ = status;
}

void LegacyStream::go_on_locked() {
  if (is_finished_) return;
  while (!is_storing_ && !waiting_.empty()) {
    Chunk chunk = std::move(waiting_.front());
    waiting_.pop_front();
    samples_waiting_ -= chunk.samples.size();
    const std::size_t first_index = chunk.first_index;
    if (const auto taken = append_locked(std::move(chunk)); !taken) {
      waiting_.clear();
      end_ = to_status(at_sample(first_index, taken.error()));
    }
  }
  if (end_ && !is_storing_) {
    is_finished_ = true;
    registry_.leave(owner_);
    Finish(*end_);
    return;
  }
  if (!end_ && !is_reading_ && samples_waiting_ < kMostWaiting) {
    is_reading_ = true;
    StartRead(&incoming_);
  }
}

Result<> LegacyStream::append_locked(Chunk chunk) {
  is_storing_ = true;
  const Principal principal{Role::kDevice, chunk.tenant, std::nullopt, "legacy", true};
  auto taken = context_.hub.append_unnumbered(
      principal, chunk.tenant, std::move(chunk.samples),
      [self = shared_from_this(), first_index = chunk.first_index](auto refusal) {
        self->stored(first_index, std::move(refusal));
      });
  if (!taken) is_storing_ = false;
  return taken;
}

void LegacyStream::stored(std::size_t first_index, std::optional<ingest::FirstRefusal> refusal) {
  const std::lock_guard lock(mutex_);
  is_storing_ = false;
  if (refusal) {  // earlier than whatever else was found since
    waiting_.clear();
    samples_waiting_ = 0;
    end_ = to_status(at_sample(first_index + refusal->index, std::move(refusal->error)));
  }
  go_on_locked();
}

void LegacyStream::OnCancel() {
  const std::lock_guard lock(mutex_);
  end_locked(grpc::Status::CANCELLED);
  go_on_locked();
}

void LegacyStream::OnDone() {
  context_.count_call("SendNumericScalarValues",
                      end_ ? end_->error_code() : grpc::StatusCode::CANCELLED);
  const auto self = std::move(self_);
}

void LegacyStream::tick() {
  const std::lock_guard lock(mutex_);
  if (is_finished_ || !is_reading_) return;
  if (context_.clock.steady_now() - heard_ <= context_.options.idle_timeout * kIdleFactor) return;
  end_locked({grpc::StatusCode::DEADLINE_EXCEEDED,
              "no sample arrived for ten minutes; open a new stream for the next ones"});
  go_on_locked();
}

void LegacyStream::stop_reading() {
  const std::lock_guard lock(mutex_);
  end_locked({grpc::StatusCode::UNAVAILABLE,
              "the hub is going down; send the samples again on a new stream"});
  go_on_locked();
}

void LegacyStream::finish_for_shutdown() { stop_reading(); }

}  // namespace millwright
