#pragma once
/// Refusals in the form that the ledger keeps, so that a lost answer loses no reason.

#include <string>
#include <vector>

#include "ingest/protocol.h"

namespace millwright::ingest {

/// Empty for none.
std::string encode_refusals(const std::vector<RecordRefusals>& refusals);

/// Those of records from_seq..to_seq out of several ledger rows. A row that cannot be read is left
/// out.
std::vector<RecordRefusals> decode_refusals(const std::vector<std::string>& rows,
                                            std::uint64_t from_seq, std::uint64_t to_seq);

}  // namespace millwright::ingest
