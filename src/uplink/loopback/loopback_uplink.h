#pragma once
/// An uplink that calls functions of the caller, on the caller's thread. No network, no threads.

#include <deque>

#include "uplink/uplink.h"

namespace millwright::uplink {

/// The hub's side of one stream, as a script sees it.
class LoopbackStream {
 public:
  void answer(ServerMessage message) { answers_.push_back(std::move(message)); }
  void end(Error error) { ended_ = std::move(error); }
  const std::optional<Error>& ended() const { return ended_; }
  bool is_finished = false;  ///< the agent said that nothing more comes

 private:
  friend class LoopbackUplink;
  friend class LoopbackSession;
  std::deque<ServerMessage> answers_;
  std::optional<Error> ended_;
};

struct LoopbackHub {
  std::function<Result<Token>(const Credentials&)> get_token;
  /// An error refuses the stream.
  std::function<Result<>(const std::string& token, std::shared_ptr<LoopbackStream>)> open;
  std::function<void(LoopbackStream&, const ClientMessage&)> on_message;
};

class LoopbackUplink final : public Uplink {
 public:
  explicit LoopbackUplink(LoopbackHub hub) : hub_(std::move(hub)) {}
  void request_token(const Credentials& credentials,
                     std::function<void(Result<Token>)> done) override;
  std::unique_ptr<Session> open(const std::string& token, std::function<void()> wake) override;

 private:
  LoopbackHub hub_;
};

}  // namespace millwright::uplink
