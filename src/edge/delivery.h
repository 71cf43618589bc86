#pragma once
/// The session with the hub: whatever the journal holds is delivered in order, once.
///
/// A state machine that is stepped on an injected clock: it waits for a token, opens a stream, says
/// Hello, compares what the hub knows (resume.h), sends batches and gaps within the hub's credit,
/// takes the answers, keeps the token fresh, and starts again with back-off after any loss. What a
/// restored hub no longer has of closed epochs goes first, then the current epoch. When
/// the hub ends the session because another one of this device has taken over, it waits long, so
/// that two agents with one identity do not evict each other all the time. Not thread-safe but for
/// token().

#include <deque>
#include <set>

#include "edge/mover.h"
#include "edge/resume.h"
#include "edge/token_keeper.h"
#include "journal/journal.h"
#include "uplink/backoff.h"

namespace millwright::edge {

struct DeliveryOptions {
  std::string tenant;
  std::string device;
  std::string build;
  uplink::BackoffOptions backoff;
  /// The first wait after a take-over; it doubles up to backoff.longest, but is never shorter.
  std::chrono::milliseconds first_wait_after_takeover{5'000};
  Microseconds settled_after = std::chrono::seconds(10);  ///< a session that lasts this is good
  Microseconds status_interval = std::chrono::seconds(10);
  Microseconds heartbeat_interval = std::chrono::seconds(10);
  Microseconds longest_silence = std::chrono::seconds(30);  ///< of the hub
  std::size_t batch_bytes =
      256 * 1024;  ///< never more than 65,536 samples, at 4 bytes or more each
  std::uint64_t most_in_flight_bytes = 2 << 20;  ///< bounds memory; the hub's credit may be less
};

struct DeliveryCounts {
  std::uint64_t sessions = 0;
  std::uint64_t acknowledged_records = 0;
  std::uint64_t refused_samples = 0;
  std::uint64_t quarantined_records = 0;
  std::uint64_t gaps = 0;
  std::uint64_t rolls = 0;
  std::uint64_t replays = 0;  ///< of closed epochs
  std::uint64_t nacks = 0;
};

class Delivery {
 public:
  using Time = std::chrono::steady_clock::time_point;

  /// `wake` is called from any thread when step() has something to do.
  Delivery(journal::Journal& journal, Mover& mover, uplink::Uplink& uplink, SecretSource secrets,
           const Clock& clock, DeliveryOptions options, std::function<void()> wake,
           std::uint64_t seed);

  /// Does what can be done now. Answers when to call again at the latest.
  /// Errors: those of the journal that cannot be lived with.
  Result<Time> step();
  /// Says offline to the hub and ends the session.
  void stop(std::chrono::milliseconds patience);

  bool is_streaming() const { return state_ == State::kStreaming; }
  const DeliveryCounts& counts() const { return counts_; }
  std::optional<std::string> token() const { return tokens_.current(); }
  /// Called when the hub does not know a metric any more: declare all of them again.
  void on_metrics_unknown(std::function<void()> callback) {
    metrics_unknown_ = std::move(callback);
  }

 private:
  enum class State { kIdle, kGreeting, kStreaming };
  struct InFlight {
    std::uint64_t end_seq = 0;
    std::uint64_t bytes = 0;
  };
  /// What this session sends of an epoch.
  struct Lane {
    journal::EpochId epoch{};
    std::uint64_t next_seq = 0;             ///< to send next
    std::optional<std::uint64_t> last_seq;  ///< of a closed epoch; missing for the current one
  };

  // delivery.cpp: the life of a session
  void open(const std::string& token, Time now);
  uplink::ClientMessage hello();
  void end_session(const Error& error);
  void give_up_replay();
  void lose_session(const Error& error);
  void stay_away();
  void note_settled(Time now);
  void keep_alive(Time now);
  void send_status(int status);
  bool send(uplink::ClientMessage message);
  Time next_time() const;

  // delivery_answers.cpp: what the hub says
  Result<> take(const uplink::ServerMessage& message);
  Result<> take_welcome(const ::millwright::ingest::v1::Welcome& welcome);
  void add_replays(const ::millwright::ingest::v1::Welcome& welcome);
  Result<> begin_lane();
  Result<> roll(const Resume& resume);
  Result<> take_ack(const ::millwright::ingest::v1::Ack& ack);
  void take_refusals(const ::millwright::ingest::v1::Ack& ack);
  void take_nack(const ::millwright::ingest::v1::Nack& nack);

  // delivery_send.cpp: what is sent
  Result<> pump();
  Result<bool> send_next();
  void cut_at_end_of_replay(journal::Span& span);
  uplink::ClientMessage batch_of(const journal::Span& span) const;
  uplink::ClientMessage gap_of(const journal::Hole& hole) const;
  Result<bool> declare_refused_record();
  bool is_sent(const std::string& epoch) const;
  std::uint64_t end_of_lane() const;

  journal::Journal& journal_;
  Mover& mover_;
  uplink::Uplink& uplink_;
  const Clock& clock_;
  DeliveryOptions options_;
  std::function<void()> wake_;
  std::function<void()> metrics_unknown_;
  TokenKeeper tokens_;
  uplink::Backoff backoff_;
  uplink::Backoff takeover_backoff_;
  uplink::Backoff exhausted_backoff_;  // while the hub has no room: it may have some any moment
  RepeatGuard said_;
  DeliveryCounts counts_;

  State state_ = State::kIdle;
  std::unique_ptr<uplink::Session> session_;
  std::vector<journal::EpochId> offered_;
  Time retry_at_ = Time::min();
  Time streaming_since_{};
  Time heard_at_{};
  Time status_at_{};
  Time heartbeat_at_{};
  std::optional<::millwright::ingest::v1::ClockReading> hub_clock_;

  Lane lane_;                                  // that is sent
  std::deque<Lane> lanes_;                     // behind it
  std::set<journal::EpochId> without_replay_;  // the hub has refused it
  std::uint64_t credit_ = 0;
  std::deque<InFlight> in_flight_;
  std::uint64_t in_flight_bytes_ = 0;
  std::optional<uplink::ClientMessage> blocked_;  // the session's queue was full
  InFlight blocked_size_;

  std::uint64_t acknowledged_ = 0;  // of lane_
  unsigned nacks_in_a_row_ = 0;     // since the last progress
  unsigned nacked_sessions_ = 0;    // that ended so, since the last progress
  unsigned refused_sessions_ = 0;   // that ended with invalid_argument, since the last progress
  Time told_unknown_at_ = Time::min();
};

}  // namespace millwright::edge
