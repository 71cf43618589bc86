#include "edge/token_keeper.h"

#include "base/log.h"

namespace millwright::edge {
namespace {

using namespace std::chrono_literals;

constexpr Microseconds kUsualLife = 1h;
constexpr Microseconds kRenewBefore = 10min;

}  // namespace

TokenKeeper::TokenKeeper(uplink::Uplink& uplink, SecretSource secret_source, const Clock& clock,
                         TokenKeeperOptions options, std::function<void()> wake, std::uint64_t seed)
    : uplink_(uplink),
      secret_source_(std::move(secret_source)),
      clock_(clock),
      options_(std::move(options)),
      wake_(std::move(wake)),
      backoff_(options_.backoff, seed) {}

TokenKeeper::Time TokenKeeper::step() {
  const Time now = clock_.steady_now();
  if (token_ && now >= expires_at_) forget_token();
  if (is_waiting_) {
    take_secret();
    take_token();
  }
  const bool is_needed = !token_ || now >= renew_at_;
  if (is_needed && !is_waiting_ && now >= retry_at_) {
    ask(now);
    take_secret();  // an answer may have come at once
    take_token();
  }
  if (is_waiting_) return Time::max();
  if (!token_) return retry_at_;
  return std::max(renew_at_, retry_at_);
}

void TokenKeeper::ask(Time) {
  is_waiting_ = true;
  if (!secret_) {
    secret_source_(is_secret_refused_, [box = secrets_, wake = wake_](Result<std::string> secret) {
      box->put(std::move(secret));
      wake();
    });
    return;
  }
  uplink_.request_token({options_.tenant, options_.device, *secret_},
                        [box = tokens_, wake = wake_](Result<uplink::Token> token) {
                          box->put(std::move(token));
                          wake();
                        });
}

void TokenKeeper::take_secret() {
  auto secret = secrets_->take();
  if (!secret) return;
  is_waiting_ = false;
  if (!*secret) {
    failed("the device has no secret", secret->error());
    return;
  }
  secret_ = std::move(*secret).value();
  is_secret_refused_ = false;
  ask(clock_.steady_now());
}

void TokenKeeper::take_token() {
  auto token = tokens_->take();
  if (!token) return;
  is_waiting_ = false;
  if (!*token) {
    const ErrorCode code = token->error().code;
    if (code == ErrorCode::kUnauthenticated || code == ErrorCode::kNotFound ||
        code == ErrorCode::kPermissionDenied) {
      is_secret_refused_ = true;
      secret_.reset();
    }
    failed("the hub gives no token", token->error());
    return;
  }
  backoff_.succeeded();
  const bool is_renewal = token_.has_value();
  token_ = (*token)->text;
  if (is_renewal) renewed_ = token_;
  Microseconds life = (*token)->expires_at - clock_.now();
  if (life <= 0s || life > 24h) life = kUsualLife;  // one of the two clocks is wrong
  const Time now = clock_.steady_now();
  expires_at_ = now + life;
  renew_at_ = now + std::max(life - kRenewBefore, life / 2);
  const std::lock_guard lock(mutex_);
  shared_token_ = token_;
}

void TokenKeeper::failed(const char* what, const Error& error) {
  const auto wait = backoff_.next();
  retry_at_ = clock_.steady_now() + wait;
  if (!said_.is_news(std::string(what) + error.message, clock_.steady_now())) return;
  log::warning(what, {{"code", to_string(error.code)},
                      {"reason", error.message},
                      {"next_attempt_ms", wait.count()}});
}

std::optional<std::string> TokenKeeper::token() const { return token_; }

void TokenKeeper::forget_token() {
  token_.reset();
  renewed_.reset();
  const std::lock_guard lock(mutex_);
  shared_token_.reset();
}

std::optional<std::string> TokenKeeper::take_renewed() {
  return std::exchange(renewed_, std::nullopt);
}

std::optional<std::string> TokenKeeper::current() const {
  const std::lock_guard lock(mutex_);
  return shared_token_;
}

}  // namespace millwright::edge
