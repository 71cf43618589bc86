#pragma once
/// Buckets of scalar samples: from hourly roll-ups where a whole hour lies in one bucket, from the
/// samples elsewhere.
///
/// Threads: those of the Connection. All in one snapshot transaction of the caller.

#include <set>

#include "postgres/connection.h"
#include "storage/sample_store.h"

namespace millwright::pg {

/// A bucket that holds something.
struct FilledBucket {
  std::int64_t series = 0;
  std::size_t number = 0;  ///< boundaries[number] to boundaries[number + 1]
  Bucket bucket;
};

struct FilledBuckets {
  std::vector<FilledBucket> buckets;  ///< in no order; each (series, number) at most once
  /// Series with values so large that PostgreSQL might refuse to sum them: their buckets are wrong,
  /// to be added up by the caller.
  std::set<std::int64_t> unsummed;
};

/// `series` without doubles; `boundaries_us`: two or more, ascending strictly.
Result<FilledBuckets> filled_buckets(postgres::Connection& connection,
                                     const std::vector<std::int64_t>& series,
                                     std::span<const std::int64_t> boundaries_us);

}  // namespace millwright::pg
