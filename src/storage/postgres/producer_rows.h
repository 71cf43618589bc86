#pragma once
/// What a tenant's database knows of its producers: sessions, epochs and their ledger,
/// dictionaries, gaps, quarantine.
///
/// Threads: those of the Connection. Writing is part of the caller's transaction. Sequence numbers,
/// tokens and chain hashes are unsigned 64-bit numbers kept in signed ones, bit by bit.

#include "postgres/connection.h"
#include "storage/sample_rules.h"
#include "storage/sample_store.h"

namespace millwright::pg {

Result<> open_session(postgres::Connection& connection, const StreamKey& stream,
                      std::uint64_t session_token);
Result<std::optional<EpochState>> epoch(postgres::Connection& connection, const EpochId& epoch);
Result<std::optional<EpochId>> newest_epoch(postgres::Connection& connection,
                                            const StreamKey& stream);
Result<std::vector<DictionaryMapping>> dictionary(postgres::Connection& connection,
                                                  const EpochId& epoch);
Result<std::vector<std::string>> refusals(postgres::Connection& connection, const EpochId& epoch,
                                          std::uint64_t from_seq, std::uint64_t to_seq);
Result<> mark_forked(postgres::Connection& connection, const EpochId& epoch);
Result<> remove_agent(postgres::Connection& connection, const DeviceId& agent);
Result<std::vector<DeclaredGap>> gaps(postgres::Connection& connection);

/// Whether the advance fits what is stored; errors of check_advance(). Locks the epoch's row.
Result<> check(postgres::Connection& connection, const EpochAdvance& advance);
/// Stores everything of an append but its samples.
Result<> store(postgres::Connection& connection, const Append& append);

}  // namespace millwright::pg
