// What waits for sealing is answered once, however it came to wait.
#include "storage/sqlite/series_heads.h"

#include <gtest/gtest.h>

namespace millwright {
namespace {

constexpr SeriesId kSeries{7};

/// A record of the log that fills a chunk.
void fill(SeriesHeads& heads, std::uint64_t log_id) {
  SampleBatch batch;
  for (std::size_t i = 0; i < kChunkSamples; ++i) {
    batch.append(kSeries, static_cast<std::int64_t>(log_id * 1'000'000 + i), 1.0);
  }
  const auto lock = heads.lock();
  heads.apply(log_id, batch);
}

TEST(SeriesHeads, ASeriesThatWasSealedForItsAgeAndFilledUpAgainIsDueOnce) {
  SeriesHeads heads;
  fill(heads, 1);
  heads.sealed(heads.harvest(kSeries));  // for another reason: what was due is not asked
  fill(heads, 2);
  EXPECT_EQ(heads.take_due(), std::vector{kSeries});
  EXPECT_TRUE(heads.take_due().empty());
  EXPECT_EQ(heads.harvest(kSeries).samples.count(), kChunkSamples);
}

}  // namespace
}  // namespace millwright
