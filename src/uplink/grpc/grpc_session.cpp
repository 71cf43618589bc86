#include "uplink/grpc/grpc_session.h"

#include <condition_variable>
#include <deque>
#include <mutex>

namespace millwright::uplink {
namespace {

namespace v1 = ::millwright::ingest::v1;

constexpr std::size_t kMaxQueuedOut = 64;  // the caller's batches are bounded by the hub's credit
constexpr std::size_t kMaxQueuedIn = 256;

/// Lives until gRPC says OnDone; the session and gRPC share it.
class Stream final : public grpc::ClientBidiReactor<ClientMessage, ServerMessage> {
 public:
  explicit Stream(std::function<void()> wake) : wake_(std::move(wake)) {}

  void start(v1::Ingest::Stub& stub, const std::string& token, std::shared_ptr<Stream> self) {
    self_ = std::move(self);
    context_.AddMetadata("authorization", "Bearer " + token);
    stub.async()->Stream(&context_, this);
    AddHold();  // calls from outside of reactions; removed when the writing side is over
    StartRead(&incoming_);
    StartCall();
  }

  bool send(const ClientMessage& message) {
    const std::lock_guard lock(mutex_);
    // Lost anyway: ended() says so, or will. A write without the hold would meet a freed stream.
    if (ended_ || is_broken_ || is_finishing_) return true;
    if (out_.size() >= kMaxQueuedOut) return false;
    out_.push_back(message);
    if (!is_writing_) start_write();
    return true;
  }

  std::optional<ServerMessage> receive() {
    const std::lock_guard lock(mutex_);
    if (in_.empty()) return std::nullopt;
    ServerMessage message = std::move(in_.front());
    in_.pop_front();
    if (std::exchange(is_reading_paused_, false)) {
      StartRead(&incoming_);
      remove_hold_if_idle();
    }
    return message;
  }

  std::optional<Error> ended() const {
    const std::lock_guard lock(mutex_);
    return ended_;
  }

  void finish(std::chrono::milliseconds patience) {
    std::unique_lock lock(mutex_);
    if (!is_finishing_) {
      is_finishing_ = true;
      if (!is_writing_ && !is_broken_) StartWritesDone();
      remove_hold_if_idle();
    }
    changed_.wait_for(lock, patience, [&] { return ended_.has_value(); });
  }

  void cancel() {
    context_.TryCancel();
    const std::lock_guard lock(mutex_);
    wake_ = nullptr;
    is_finishing_ = true;
    is_broken_ = true;
    is_reading_paused_ = false;
    remove_hold_if_idle();
  }

  void OnWriteDone(bool ok) override {
    const std::lock_guard lock(mutex_);
    is_writing_ = false;
    out_.pop_front();
    if (!ok) is_broken_ = true;
    if (is_broken_) out_.clear();
    if (!out_.empty()) {
      start_write();
    } else if (is_finishing_ && !is_broken_) {
      StartWritesDone();
    }
    remove_hold_if_idle();
    if (wake_) wake_();
  }

  void OnReadDone(bool ok) override {
    const std::lock_guard lock(mutex_);
    if (!ok) {
      // The hub has ended the stream: its status follows once nothing of ours is under way.
      is_broken_ = true;
      remove_hold_if_idle();
      return;
    }
    in_.push_back(std::move(incoming_));
    incoming_.Clear();
    if (in_.size() < kMaxQueuedIn) {
      StartRead(&incoming_);
    } else {
      is_reading_paused_ = true;
    }
    if (wake_) wake_();
  }

  void OnDone(const grpc::Status& status) override {
    std::shared_ptr<Stream> self;
    {
      const std::lock_guard lock(mutex_);
      ended_ = status.ok() ? unavailable("the hub ended the stream") : to_error(status);
      changed_.notify_all();
      if (wake_) wake_();
      self = std::move(self_);
    }
  }

 private:
  void start_write() {
    is_writing_ = true;
    StartWrite(&out_.front());
  }
  /// gRPC may end the stream only when nobody will start an operation any more.
  void remove_hold_if_idle() {
    if (is_hold_removed_ || is_writing_ || is_reading_paused_) return;
    if (!is_broken_ && !is_finishing_) return;
    is_hold_removed_ = true;
    RemoveHold();
  }

  mutable std::mutex mutex_;  // guards everything below
  std::condition_variable changed_;
  std::function<void()> wake_;
  grpc::ClientContext context_;
  ServerMessage incoming_;
  std::deque<ClientMessage> out_;  // the first one is being written while is_writing_
  std::deque<ServerMessage> in_;
  bool is_writing_ = false;
  bool is_reading_paused_ = false;
  bool is_finishing_ = false;
  bool is_broken_ = false;
  bool is_hold_removed_ = false;
  std::optional<Error> ended_;
  std::shared_ptr<Stream> self_;
};

class GrpcSession final : public Session {
 public:
  explicit GrpcSession(std::shared_ptr<Stream> stream) : stream_(std::move(stream)) {}
  ~GrpcSession() override { stream_->cancel(); }
  GrpcSession(const GrpcSession&) = delete;
  GrpcSession& operator=(const GrpcSession&) = delete;

  bool send(const ClientMessage& message) override { return stream_->send(message); }
  std::optional<ServerMessage> receive() override { return stream_->receive(); }
  std::optional<Error> ended() const override { return stream_->ended(); }
  void finish(std::chrono::milliseconds patience) override { stream_->finish(patience); }

 private:
  std::shared_ptr<Stream> stream_;
};

}  // namespace

Error to_error(const grpc::Status& status) {
  return {static_cast<ErrorCode>(status.error_code()), status.error_message(), {}};
}

std::unique_ptr<Session> open_grpc_session(v1::Ingest::Stub& stub, const std::string& token,
                                           std::function<void()> wake) {
  auto stream = std::make_shared<Stream>(std::move(wake));
  stream->start(stub, token, stream);
  return std::make_unique<GrpcSession>(std::move(stream));
}

}  // namespace millwright::uplink
