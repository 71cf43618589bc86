#include "edge/delivery.h"

#include "base/log.h"
#include "base/text.h"

namespace millwright::edge {
namespace {

namespace v1 = ::millwright::ingest::v1;

constexpr int kOnline = 10;
constexpr int kOffline = 20;
constexpr std::size_t kMostOffers = 64;
constexpr std::chrono::milliseconds kLongestWhileExhausted = std::chrono::seconds(30);
constexpr auto kGreetingPatience = std::chrono::seconds(15);

void set_clock(v1::ClockReading* reading, const Clock& clock) {
  reading->set_wall_us(to_us(clock.now()));
  reading->set_monotonic_us(static_cast<std::uint64_t>(
      std::chrono::duration_cast<Microseconds>(clock.steady_now().time_since_epoch()).count()));
}

std::string bytes_of(const journal::EpochId& epoch) { return {epoch.begin(), epoch.end()}; }

/// One identity for a start of the process.
const journal::EpochId& boot_id() {
  static const journal::EpochId id = journal::random_epoch();
  return id;
}

}  // namespace

Delivery::Delivery(journal::Journal& journal, Mover& mover, uplink::Uplink& uplink,
                   SecretSource secrets, const Clock& clock, DeliveryOptions options,
                   std::function<void()> wake, std::uint64_t seed)
    : journal_(journal),
      mover_(mover),
      uplink_(uplink),
      clock_(clock),
      options_(std::move(options)),
      wake_(std::move(wake)),
      tokens_(uplink, std::move(secrets), clock,
              {options_.tenant, options_.device, options_.backoff}, wake_, seed),
      backoff_(options_.backoff, seed + 1),
      takeover_backoff_({options_.first_wait_after_takeover,
                         std::max(options_.first_wait_after_takeover, options_.backoff.longest)},
                        seed + 2),
      exhausted_backoff_(
          {options_.backoff.first, std::min(kLongestWhileExhausted, options_.backoff.longest)},
          seed + 3) {}

Result<Delivery::Time> Delivery::step() {
  const Time tokens_next = tokens_.step();
  const Time now = clock_.steady_now();
  if (state_ == State::kIdle && now >= retry_at_) {
    if (const auto token = tokens_.token()) open(*token, now);
  }
  while (session_) {
    const auto message = session_->receive();
    if (!message) break;
    heard_at_ = now;
    MW_TRY(take(*message));
  }
  if (session_) {
    if (const auto error = session_->ended()) end_session(*error);
  }
  if (session_) keep_alive(now);
  note_settled(now);
  if (state_ == State::kStreaming) MW_TRY(pump());
  return std::min(tokens_next, next_time());
}

Delivery::Time Delivery::next_time() const {
  if (state_ == State::kIdle) return tokens_.token() ? retry_at_ : Time::max();
  if (state_ == State::kGreeting) return heard_at_ + kGreetingPatience;
  return std::min({status_at_, heartbeat_at_, heard_at_ + options_.longest_silence});
}

void Delivery::open(const std::string& token, Time now) {
  session_ = uplink_.open(token, wake_);
  state_ = State::kGreeting;
  heard_at_ = now;
  hub_clock_.reset();
  session_->send(hello());
}

uplink::ClientMessage Delivery::hello() {
  uplink::ClientMessage message;
  v1::Hello& hello = *message.mutable_hello();
  hello.add_proto_versions(1);
  hello.set_build(options_.build);
  hello.set_boot_id(bytes_of(boot_id()));
  set_clock(hello.mutable_clock(), clock_);
  const journal::Usage usage = journal_.usage();
  hello.mutable_journal()->set_used_bytes(usage.used_bytes);
  hello.mutable_journal()->set_free_bytes(usage.free_bytes);
  auto epochs = journal_.epochs();
  if (epochs.size() > kMostOffers) epochs.erase(epochs.begin(), epochs.end() - kMostOffers);
  offered_.clear();
  for (const journal::EpochInfo& info : epochs) {
    offered_.push_back(info.epoch);
    v1::EpochOffer& offer = *hello.add_epochs();
    offer.set_stream_class(v1::STREAM_CLASS_TELEMETRY);
    offer.set_epoch(bytes_of(info.epoch));
    offer.set_first_seq(info.first_seq);
    offer.set_next_seq(info.next_seq);
    offer.set_acknowledged(info.acknowledged);
    if (info.previous != journal::kNoEpoch) offer.set_previous_epoch(bytes_of(info.previous));
    for (const std::uint64_t seq : std::set{info.acknowledged, info.next_seq - 1}) {
      const auto chain = journal_.chain_at(info.epoch, seq);
      if (!chain) continue;
      offer.add_chain_at()->set_seq(seq);
      offer.mutable_chain_at(offer.chain_at_size() - 1)->set_chain(*chain);
    }
  }
  return message;
}

/// The stream is over, for the hub's reason or the network's.
void Delivery::end_session(const Error& error) {
  const bool was_sending = state_ == State::kStreaming && !in_flight_.empty();
  const bool is_refused = error.code == ErrorCode::kInvalidArgument;
  if (was_sending && lane_.last_seq) {
    if (is_refused || error.code == ErrorCode::kFailedPrecondition) give_up_replay();
  } else if (was_sending && is_refused) {
    ++refused_sessions_;
  }
  if (error.code == ErrorCode::kUnauthenticated) tokens_.forget_token();
  lose_session(error);
  if (error.code == ErrorCode::kAborted) stay_away();
}

/// What is missing of this epoch stays missing: the hub knows that and declares it.
void Delivery::give_up_replay() {
  without_replay_.insert(lane_.epoch);
  log::error(
      "the hub does not take an earlier epoch once more",
      {{"epoch", to_hex(lane_.epoch)}, {"from", acknowledged_ + 1}, {"to", *lane_.last_seq}});
}

void Delivery::lose_session(const Error& error) {
  session_.reset();
  state_ = State::kIdle;
  in_flight_.clear();
  in_flight_bytes_ = 0;
  blocked_.reset();
  if (error.code == ErrorCode::kAborted) return;
  const bool is_exhausted = error.code == ErrorCode::kResourceExhausted;
  const auto wait = is_exhausted ? exhausted_backoff_.next() : backoff_.next();
  retry_at_ = clock_.steady_now() + wait;
  if (!said_.is_news(error.message, clock_.steady_now())) return;
  log::warning("not connected to the hub", {{"code", to_string(error.code)},
                                            {"reason", error.message},
                                            {"next_attempt_ms", wait.count()}});
}

/// Another session with this device's identity has taken over.
void Delivery::stay_away() {
  const bool is_first = takeover_backoff_.failures() == 0;
  const auto wait = takeover_backoff_.next();
  retry_at_ = clock_.steady_now() + wait;
  if (!is_first) return;
  log::warning("another agent uses this device's identity", {{"tenant", options_.tenant},
                                                             {"device", options_.device},
                                                             {"next_attempt_ms", wait.count()}});
}

/// Only a session that lasts shows that nobody else fights for it.
void Delivery::note_settled(Time now) {
  if (state_ != State::kStreaming || now - streaming_since_ < options_.settled_after) return;
  takeover_backoff_.succeeded();
  if (refused_sessions_ == 0 && nacked_sessions_ == 0) backoff_.succeeded();
}

void Delivery::keep_alive(Time now) {
  if (state_ == State::kGreeting) {
    if (now - heard_at_ < kGreetingPatience) return;
    lose_session(unavailable("the hub does not answer the Hello"));
    return;
  }
  if (now - heard_at_ >= options_.longest_silence) {
    lose_session(unavailable("the hub has been silent for too long"));
    return;
  }
  if (const auto renewed = tokens_.take_renewed()) {
    uplink::ClientMessage message;
    message.mutable_token_refresh()->set_token(*renewed);
    send(std::move(message));
  }
  if (now >= status_at_) {
    send_status(kOnline);
    status_at_ = now + options_.status_interval;
    if (auto stored = journal_.flush_acknowledged(); !stored) {
      log::warning("acknowledgements are not stored", {{"reason", stored.error().message}});
    }
  }
  if (now >= heartbeat_at_) {
    uplink::ClientMessage message;
    set_clock(message.mutable_heartbeat()->mutable_clock(), clock_);
    if (hub_clock_) *message.mutable_heartbeat()->mutable_echo() = *hub_clock_;
    send(std::move(message));
    heartbeat_at_ = now + options_.heartbeat_interval;
  }
}

void Delivery::send_status(int status) {
  uplink::ClientMessage message;
  v1::Status& out = *message.mutable_status();
  out.set_device_identifier(options_.device);
  out.set_status(status);
  out.set_timestamp_us(to_us(clock_.now()));
  send(std::move(message));
}

/// What repeats itself may be left out once when the queue is full.
bool Delivery::send(uplink::ClientMessage message) { return session_ && session_->send(message); }

void Delivery::stop(std::chrono::milliseconds patience) {
  if (state_ == State::kStreaming) {
    send_status(kOffline);
    session_->finish(patience);
    while (const auto message = session_->receive()) {
      if (message->has_ack()) (void)take_ack(message->ack());
    }
  }
  session_.reset();
  state_ = State::kIdle;
  if (auto stored = journal_.flush_acknowledged(); !stored) {
    log::warning("acknowledgements are not stored", {{"reason", stored.error().message}});
  }
}

}  // namespace millwright::edge
