// The disk fails at every call that the store makes: what is acknowledged is durable, what is not
// is an error, and the store goes on when the disk does (goals ).
#include <gtest/gtest.h>

#include "sqlite/testing/faulty_files.h"
#include "storage/sqlite/numbered_records.h"

namespace millwright {
namespace {

using sqlite::testing::Call;
using sqlite::testing::FaultyFiles;
using testing::NumberedRecords;

struct Failure {
  const char* name;
  Call call;
  int code;
  bool for_ever;
  friend void PrintTo(const Failure& failure, std::ostream* out) { *out << failure.name; }
};

/// What was acknowledged, and what may be there although nobody was told.
struct Told {
  std::uint64_t acknowledged = 0;
  std::uint64_t sent = 0;
  bool any_error = false;
};

/// Commits with housekeeping in between. A producer that gets an error asks how far the store has
/// come and sends again from there, as the hub does.
void work(SqliteSampleStore& store, int commits, Told& told) {
  const NumberedRecords records(1);
  for (int commit = 1; commit <= commits; ++commit) {
    const Append append = records.append(told.acknowledged + 1, told.acknowledged + 4);
    told.sent = std::max(told.sent, told.acknowledged + 4);
    if (store.append({&append, 1})[0]) {
      told.acknowledged += 4;
    } else {
      told.any_error = true;
      const auto epoch = store.epoch(NumberedRecords::kEpoch);
      if (epoch && *epoch) told.acknowledged = std::max(told.acknowledged, (*epoch)->watermark);
    }
    if (commit % 4 == 0 && !store.maintain()) told.any_error = true;
    if (commit % 6 == 0 && !store.settle()) told.any_error = true;
  }
}

class SqliteFault : public ::testing::TestWithParam<Failure> {
 protected:
  /// The scenario with the failure at the nth call; answers whether it was met.
  bool run(int nth) {
    SCOPED_TRACE("failure at call " + std::to_string(nth));
    const testing::TemporaryFolder folder;
    Told told;
    bool was_met = false;
    {
      auto store = SqliteSampleStore::open(folder.path()).value();
      EXPECT_TRUE(store->open_session(NumberedRecords::stream(), 1));
      work(*store, 3, told);
      files_.fail(GetParam().call, nth, GetParam().code, GetParam().for_ever);
      work(*store, 7, told);
      was_met = files_.heal();
      // The disk works again, and so does the store.
      const std::uint64_t before = told.acknowledged;
      work(*store, 7, told);
      EXPECT_EQ(told.acknowledged, before + 28);
      NumberedRecords::expect_exactly(*store, told.acknowledged);
    }
    auto again = SqliteSampleStore::open(folder.path());
    EXPECT_TRUE(again) << (again ? "" : again.error().message + again.error().detail);
    if (!again) return false;
    EXPECT_EQ(NumberedRecords::watermark(**again), told.acknowledged);
    NumberedRecords::expect_exactly(**again, told.acknowledged);
    return was_met;
  }

  FaultyFiles& files_ = FaultyFiles::install();
};

TEST_P(SqliteFault, NothingAcknowledgedIsLostAndTheStoreGoesOn) {
  const int step = std::getenv("MILLWRIGHT_LONG_TESTS") != nullptr ? 1 : 5;
  int failures = 0;
  for (int nth = 1; run(nth); nth += step) {
    ++failures;
    if (HasFailure()) return;
  }
  std::printf("%d failures\n", failures);
  EXPECT_GT(failures, 2);
}

INSTANTIATE_TEST_SUITE_P(
    All, SqliteFault,
    ::testing::Values(Failure{"WriteErrorOnce", Call::kWrite, SQLITE_IOERR_WRITE, false},
                      Failure{"WriteErrors", Call::kWrite, SQLITE_IOERR_WRITE, true},
                      Failure{"DiskFull", Call::kWrite, SQLITE_FULL, true},
                      Failure{"SyncErrorOnce", Call::kSync, SQLITE_IOERR_FSYNC, false},
                      Failure{"SyncErrors", Call::kSync, SQLITE_IOERR_FSYNC, true},
                      Failure{"ReadErrorOnce", Call::kRead, SQLITE_IOERR_READ, false}),
    [](const auto& failure) { return std::string(failure.param.name); });

}  // namespace
}  // namespace millwright
