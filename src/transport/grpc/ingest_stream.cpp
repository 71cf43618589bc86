#include "transport/grpc/ingest_stream.h"

#include "base/log.h"
#include "base/text.h"
#include "transport/grpc/status.h"

namespace millwright {
namespace {

namespace v1 = millwright::ingest::v1;

constexpr std::size_t kMostAnswersWaiting = 1'024;
constexpr auto kPatienceAtEnd = std::chrono::seconds(5);

/// Of two acknowledgements that wait the newer says all, as long as neither tells refusals.
bool replaces(const v1::ServerMessage& newer, const v1::ServerMessage& older) {
  return newer.has_ack() && older.has_ack() && newer.ack().refusals().empty() &&
         older.ack().refusals().empty() && newer.ack().epoch() == older.ack().epoch();
}

}  // namespace

IngestStream::IngestStream(const GrpcContext& context, StreamRegistry& registry,
                           grpc::CallbackServerContext& call, Principal principal,
                           std::string token, std::string owner)
    : context_(context),
      registry_(registry),
      call_(call),
      principal_(std::move(principal)),
      owner_(std::move(owner)),
      token_(std::move(token)),
      heard_(context.clock.steady_now()),
      token_checked_(heard_) {}

void IngestStream::start() {
  self_ = shared_from_this();
  registry_.add(weak_from_this());
  auto session = context_.hub.open_session(principal_, weak_from_this());
  if (!session) {
    finish(to_status(session.error()));
    return;
  }
  session_ = std::move(session).value();
  const std::lock_guard lock(mutex_);
  read_next_locked();
}

// Reading -----------------------------------------------------------------------------------------

void IngestStream::OnReadDone(bool ok) {
  {
    const std::lock_guard lock(mutex_);
    heard_ = context_.clock.steady_now();
    if (ok && !takes_input_) return;  // it is not acknowledged, so the agent sends it again
  }
  if (!ok) {
    end_of_input();
    return;
  }
  v1::ClientMessage message;
  if (!wire::parse(incoming_, message)) {
    finish({grpc::StatusCode::INVALID_ARGUMENT,
            "the bytes are no ClientMessage of millwright.ingest.v1"});
    return;
  }
  incoming_.Clear();
  handle(message);
}

void IngestStream::handle(v1::ClientMessage& message) {
  const auto flow = handle_kind(message);
  if (!flow) {
    finish(to_status(flow.error()));
    return;
  }
  const std::lock_guard lock(mutex_);
  is_reading_ = false;  // not before: the next message must not overtake this one
  if (*flow == ingest::Flow::kWait) ++waits_;
  read_next_locked();
}

Result<ingest::Flow> IngestStream::handle_kind(v1::ClientMessage& message) {
  if (message.kind_case() == v1::ClientMessage::kHello) return hello(message.hello());
  if (!has_hello_) return invalid_argument("the first message must be Hello; send it first");
  switch (message.kind_case()) {
    case v1::ClientMessage::kBatch: {
      MW_ASSIGN(ingest::RecordBatch batch, wire::read(*message.mutable_batch()));
      return session_->submit(std::move(batch));
    }
    case v1::ClientMessage::kGap: {
      MW_ASSIGN(ingest::GapNotice gap, wire::read(message.gap()));
      return session_->submit(std::move(gap));
    }
    case v1::ClientMessage::kStatus:
      if (const auto taken = status(message.status()); !taken) {
        problem(taken.error(), "status_refused");
      }
      return ingest::Flow::kContinue;
    case v1::ClientMessage::kTokenRefresh:
      MW_TRY(refresh(message.token_refresh()));
      return ingest::Flow::kContinue;
    case v1::ClientMessage::kHeartbeat:
      heartbeat(message.heartbeat());
      return ingest::Flow::kContinue;
    case v1::ClientMessage::kLive:  // a hint for live tiles, which no part of the hub shows yet
      return ingest::Flow::kContinue;
    default:
      // A newer agent may know more kinds; it learns that this hub does not.
      problem(invalid_argument("the message carries no kind that this hub knows"), "unknown_kind");
      return ingest::Flow::kContinue;
  }
}

Result<ingest::Flow> IngestStream::hello(const v1::Hello& message) {
  if (has_hello_) return invalid_argument("Hello was sent twice; it is sent once, first");
  MW_ASSIGN(ingest::Hello hello, wire::read(message));
  has_hello_ = true;
  return session_->hello(std::move(hello));
}

Result<> IngestStream::status(const v1::Status& message) {
  MW_ASSIGN(const DeviceId device, DeviceId::parse(message.device_identifier()));
  if (!principal_.may_write_as(device)) {
    return permission_denied("device_identifier " + quote(device.str()) +
                             " is not the sender's own; send only its own status");
  }
  MW_ASSIGN(const DeviceStatus status, device_status_from_wire(message.status()));
  session_->run([self = shared_from_this(), device, status, at = from_us(message.timestamp_us())] {
    const auto taken = self->context_.report_status(self->principal_, *self->principal_.tenant,
                                                    device, status, at);
    if (!taken) self->problem(taken.error(), "status_refused");
  });
  return {};
}

Result<> IngestStream::refresh(const v1::TokenRefresh& message) {
  MW_ASSIGN(const Principal renewed, context_.identity.verify_device_token(message.token()));
  if (renewed.tenant != principal_.tenant || renewed.device != principal_.device) {
    return permission_denied("the token is another device's; renew with the stream's own device");
  }
  const std::lock_guard lock(mutex_);
  token_ = message.token();
  token_checked_ = context_.clock.steady_now();
  return {};
}

void IngestStream::heartbeat(const v1::Heartbeat& message) {
  ServerMessage answer;
  auto& clock = *answer.mutable_heartbeat()->mutable_clock();
  clock.set_wall_us(to_us(context_.clock.now()));
  clock.set_monotonic_us(static_cast<std::uint64_t>(
      std::chrono::duration_cast<Microseconds>(context_.clock.steady_now().time_since_epoch())
          .count()));
  *answer.mutable_heartbeat()->mutable_echo() = message.clock();
  send(std::move(answer));
}

void IngestStream::problem(const Error& error, const std::string& code) {
  ServerMessage answer;
  answer.mutable_problem()->set_code(code);
  answer.mutable_problem()->set_message(error.message);
  send(std::move(answer));
}

// The agent sends no more: what it sent is stored and answered, then the stream ends.
void IngestStream::end_of_input() {
  if (!session_ || call_.IsCancelled()) {
    finish(grpc::Status::CANCELLED);
    return;
  }
  session_->run([self = shared_from_this()] { self->finish(grpc::Status::OK); });
}

void IngestStream::read_next_locked() {
  if (is_reading_ || is_finished_ || end_ || !takes_input_) return;
  if (waits_ > 0 || outbox_.size() >= kMostAnswersWaiting) return;
  is_reading_ = true;
  StartRead(&incoming_);
}

void IngestStream::on_space() {
  const std::lock_guard lock(mutex_);
  --waits_;
  heard_ = context_.clock.steady_now();
  read_next_locked();
}

// Writing -----------------------------------------------------------------------------------------

void IngestStream::on_reply(ingest::Reply reply) {
  if (const auto* closed = std::get_if<ingest::Closed>(&reply)) {
    finish(to_status(closed->error));
    return;
  }
  send(wire::write(reply));
}

void IngestStream::send(ServerMessage message) {
  const std::lock_guard lock(mutex_);
  if (is_finished_ || end_) return;
  if (!outbox_.empty() && replaces(message, outbox_.back())) {
    outbox_.back() = std::move(message);
  } else {
    outbox_.push_back(std::move(message));
  }
  write_next_locked();
}

void IngestStream::finish(const grpc::Status& status) {
  const std::lock_guard lock(mutex_);
  if (is_finished_ || end_) return;
  end_ = status;
  end_since_ = context_.clock.steady_now();
  write_next_locked();
}

void IngestStream::write_next_locked() {
  if (is_writing_ || is_finished_) return;
  if (!outbox_.empty()) {
    is_writing_ = true;
    outgoing_ = wire::serialise(outbox_.front());
    outbox_.pop_front();
    StartWrite(&outgoing_);
  } else if (end_) {
    is_finished_ = true;
    registry_.leave(owner_);  // now, so that the agent's next stream finds the place free
    Finish(*end_);
  }
}

void IngestStream::OnWriteDone(bool ok) {
  const std::lock_guard lock(mutex_);
  is_writing_ = false;
  if (!ok) {
    outbox_.clear();
    if (!end_) end_ = grpc::Status::CANCELLED;
  }
  write_next_locked();
  read_next_locked();
}

// Ends --------------------------------------------------------------------------------------------

void IngestStream::OnCancel() {
  if (session_) session_->close();
  {
    const std::lock_guard lock(mutex_);
    outbox_.clear();
  }
  finish(grpc::Status::CANCELLED);
}

void IngestStream::OnDone() {
  if (session_) session_->close();
  context_.count_call("Stream", end_ ? end_->error_code() : grpc::StatusCode::CANCELLED);
  const auto self = std::move(self_);  // may be the last one
}

bool IngestStream::token_holds() {
  std::string token;
  {
    const std::lock_guard lock(mutex_);
    const auto now = context_.clock.steady_now();
    if (now - token_checked_ < context_.options.token_check_interval) return true;
    token_checked_ = now;
    token = token_;
  }
  const auto verified = context_.identity.verify_device_token(token);
  return verified || verified.error().code != ErrorCode::kUnauthenticated;
}

void IngestStream::tick() {
  const auto now = context_.clock.steady_now();
  {
    const std::lock_guard lock(mutex_);
    if (is_finished_) return;
    if (end_) {  // the agent does not read what was written before the end
      if (now - end_since_ > kPatienceAtEnd) call_.TryCancel();
      return;
    }
  }
  if (!token_holds()) {
    finish({grpc::StatusCode::UNAUTHENTICATED,
            "the token is no longer valid; get a new one and connect again"});
    return;
  }
  bool is_idle = false;
  {
    const std::lock_guard lock(mutex_);
    // While the hub asks to wait, silence is its own doing.
    is_idle = waits_ <= 0 && now - heard_ > context_.options.idle_timeout;
  }
  if (is_idle) {
    finish({grpc::StatusCode::DEADLINE_EXCEEDED,
            "nothing arrived for too long; send a Heartbeat every 10 s and read the answers"});
  }
}

void IngestStream::stop_reading() {
  const std::lock_guard lock(mutex_);
  takes_input_ = false;
}

void IngestStream::finish_for_shutdown() {
  finish({grpc::StatusCode::UNAVAILABLE, "the hub is going down; connect again later"});
}

}  // namespace millwright
