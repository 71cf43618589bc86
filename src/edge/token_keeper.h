#pragma once
/// Gets the device's secret and tokens for it, and says when a new one is needed.
///
/// Times go by the steady clock, so that an edge whose wall clock is wrong can still work. Not
/// thread-safe but for current().

#include "edge/mailbox.h"
#include "edge/repeat_guard.h"
#include "uplink/backoff.h"
#include "uplink/uplink.h"

namespace millwright::edge {

/// Asks for the device's secret. `is_refused`: the hub does not accept the one that was given
/// before. `done` is called once, from any thread.
using SecretSource =
    std::function<void(bool is_refused, std::function<void(Result<std::string>)> done)>;

struct TokenKeeperOptions {
  std::string tenant;
  std::string device;
  uplink::BackoffOptions backoff;
};

class TokenKeeper {
 public:
  using Time = std::chrono::steady_clock::time_point;

  TokenKeeper(uplink::Uplink& uplink, SecretSource secret_source, const Clock& clock,
              TokenKeeperOptions options, std::function<void()> wake, std::uint64_t seed);

  /// Takes answers that have come and asks for what is missing. Answers when to call again.
  Time step();
  /// A token that is still good; missing until there is one.
  std::optional<std::string> token() const;
  /// The hub refused the token: another one is fetched.
  void forget_token();
  /// A token that came since the last call, for a stream that outlives its first one.
  std::optional<std::string> take_renewed();
  /// As token(), from any thread.
  std::optional<std::string> current() const;

 private:
  void take_secret();
  void take_token();
  void ask(Time now);
  void failed(const char* what, const Error& error);

  uplink::Uplink& uplink_;
  SecretSource secret_source_;
  const Clock& clock_;
  TokenKeeperOptions options_;
  std::function<void()> wake_;
  uplink::Backoff backoff_;
  RepeatGuard said_;

  std::shared_ptr<Mailbox<Result<std::string>>> secrets_ =
      std::make_shared<Mailbox<Result<std::string>>>();
  std::shared_ptr<Mailbox<Result<uplink::Token>>> tokens_ =
      std::make_shared<Mailbox<Result<uplink::Token>>>();
  bool is_waiting_ = false;  // for either mailbox
  bool is_secret_refused_ = false;
  std::optional<std::string> secret_;
  std::optional<std::string> token_;
  std::optional<std::string> renewed_;
  Time retry_at_ = Time::min();
  Time renew_at_ = Time::min();
  Time expires_at_ = Time::min();
  mutable std::mutex mutex_;  // guards shared_token_
  std::optional<std::string> shared_token_;
};

}  // namespace millwright::edge
