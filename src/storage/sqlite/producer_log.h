#pragma once
/// What samples.db knows of its producers: sessions, epochs and their ledger, dictionaries, gaps,
/// quarantine.
///
/// Threads: those of the Connection. Writing is part of the caller's transaction.

#include "storage/sample_rules.h"
#include "storage/sample_store.h"
#include "storage/sqlite/connection.h"

namespace millwright {

class ProducerLog {
 public:
  /// The connection must outlive the log.
  explicit ProducerLog(Connection& connection) : connection_(connection) {}

  Result<> open_session(const StreamKey& stream, std::uint64_t session_token);
  Result<std::optional<EpochState>> epoch(const EpochId& epoch);
  Result<std::optional<EpochId>> newest_epoch(const StreamKey& stream);
  Result<std::vector<DictionaryMapping>> dictionary(const EpochId& epoch);
  Result<std::vector<std::string>> refusals(const EpochId& epoch, std::uint64_t from_seq,
                                            std::uint64_t to_seq);
  /// Inside the caller's transaction.
  Result<> remove_agent(const DeviceId& agent);
  Result<> mark_forked(const EpochId& epoch);
  Result<std::vector<DeclaredGap>> gaps();
  Result<std::uint64_t> quarantined_count();

  /// Whether the advance fits what is stored; errors of check_advance().
  Result<> check(const EpochAdvance& advance);
  /// Stores everything of an append but its samples. `version` is higher than any before.
  Result<> store(const Append& append, std::uint64_t version);

 private:
  Result<> advance(const EpochAdvance& advance, std::uint64_t version);
  Result<> store_gap(const DeclaredGap& gap);
  Result<> prune_ledger(const EpochId& epoch);

  Connection& connection_;
  std::size_t ledger_rows_ = 0;  // written since the start; decides when to prune
};

}  // namespace millwright
