#pragma once
/// What the tenant's writer knows of one connection. Threads: the writer only, but for the atomic
/// and what never changes.

#include <atomic>
#include <set>

#include "ingest/budget.h"
#include "ingest/protocol.h"

namespace millwright::ingest {

/// A producer's newest lineage that it no longer names: what was not sent of it will never come.
struct LostLineage {
  EpochId epoch{};  ///< as stored
  std::uint64_t watermark = 0;
};

/// A Nack that was sent.
struct Expectation {
  std::uint64_t expected = 0;
  std::uint64_t last_base_seq = 0;  ///< of the newest batch that did not fit
};

struct SessionState {
  SessionState(DeviceId device, std::uint64_t session_token, std::weak_ptr<SessionListener> answers)
      : agent(std::move(device)), token(session_token), listener(std::move(answers)) {}

  const DeviceId agent;
  const std::uint64_t token;
  const std::weak_ptr<SessionListener> listener;
  std::atomic<bool> is_silent = false;  ///< the connection is gone: no answers any more

  bool is_over = false;                     ///< Closed was sent; later items are void
  std::vector<EpochOffer> offers;           ///< of Hello
  std::set<StreamClass> opened;             ///< classes that this session holds or held
  std::map<StreamClass, LostLineage> lost;  ///< to be declared with the first record
  std::map<EpochId, Expectation> expected;  ///< by epoch as on the wire

  void answer(Reply reply) {
    if (is_over || is_silent) return;
    if (std::holds_alternative<Closed>(reply)) is_over = true;
    if (const auto to = listener.lock()) to->on_reply(std::move(reply));
  }
};

}  // namespace millwright::ingest
