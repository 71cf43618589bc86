#include "uplink/loopback/loopback_uplink.h"

namespace millwright::uplink {

class LoopbackSession final : public Session {
 public:
  LoopbackSession(const LoopbackHub& hub, std::shared_ptr<LoopbackStream> stream)
      : hub_(hub), stream_(std::move(stream)) {}
  ~LoopbackSession() override {
    if (!stream_->ended_) stream_->ended_ = Error{ErrorCode::kCancelled, "the agent left", {}};
  }
  LoopbackSession(const LoopbackSession&) = delete;
  LoopbackSession& operator=(const LoopbackSession&) = delete;

  bool send(const ClientMessage& message) override {
    if (!stream_->ended_) hub_.on_message(*stream_, message);
    return true;
  }
  std::optional<ServerMessage> receive() override {
    if (stream_->answers_.empty()) return std::nullopt;
    ServerMessage message = std::move(stream_->answers_.front());
    stream_->answers_.pop_front();
    return message;
  }
  std::optional<Error> ended() const override { return stream_->ended_; }
  void finish(std::chrono::milliseconds) override { stream_->is_finished = true; }

 private:
  const LoopbackHub& hub_;
  std::shared_ptr<LoopbackStream> stream_;
};

void LoopbackUplink::request_token(const Credentials& credentials,
                                   std::function<void(Result<Token>)> done) {
  done(hub_.get_token(credentials));
}

std::unique_ptr<Session> LoopbackUplink::open(const std::string& token, std::function<void()>) {
  auto stream = std::make_shared<LoopbackStream>();
  if (auto opened = hub_.open(token, stream); !opened) stream->end(opened.error());
  return std::make_unique<LoopbackSession>(hub_, std::move(stream));
}

}  // namespace millwright::uplink
