// What hourly roll-ups bring: 100 series by the hour over a week at one sample a minute, on the
// hour (roll-ups) and a microsecond beside it (samples). A cluster of its own, thrown away
// afterwards.
#include "storage/postgres/postgres_sample_store.h"

#include <benchmark/benchmark.h>

#include "postgres/testing/test_cluster.h"
#include "storage/postgres/hourly_rows.h"

namespace millwright {
namespace {

using postgres::testing::TestCluster;

constexpr int kSeriesStored = 200;
constexpr int kSeriesAsked = 100;
constexpr int kHours = 7 * 24;
constexpr std::int64_t kStart = 472'222 * pg::kHourUs;

class Load {
 public:
  static Load& instance() {
    static Load load;
    return load;
  }
  SampleStore& store() { return *store_; }
  std::int64_t table_bytes(const char* sql) {
    return postgres::Connection::open(target_).value().integer(sql)->value();
  }

 private:
  Load() {
    MW_CHECK(TestCluster::instance() != nullptr);
    const std::string server = TestCluster::instance()->database("postgres");
    MW_CHECK(postgres::Connection::open(server)->execute("CREATE DATABASE bench").has_value());
    target_ = TestCluster::instance()->database("bench");
    store_ = PostgresSampleStore::open(pool_, target_, "bench").value();
    for (int hour = 0; hour < kHours; ++hour) store_hour(kStart + hour * pg::kHourUs);
    const auto begin = std::chrono::steady_clock::now();
    MW_CHECK(store_->settle().has_value());
    settled_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    MW_CHECK(postgres::Connection::open(target_)->execute("VACUUM ANALYZE").has_value());
  }
  void store_hour(std::int64_t from_us) {
    Append append;
    for (int id = 1; id <= kSeriesStored; ++id) {
      for (int minute = 0; minute < 60; ++minute) {
        append.samples.append(SeriesId{id}, from_us + minute * 60'000'000LL + id % 30, minute * id);
      }
    }
    MW_CHECK(store_->append({&append, 1})[0].has_value());
  }

  postgres::Pool pool_;
  std::string target_;
  std::unique_ptr<PostgresSampleStore> store_;

 public:
  double settled_s = 0;
};

void by_hour(benchmark::State& state, std::int64_t beside_us) {
  Load& load = Load::instance();
  std::vector<SeriesId> series;
  for (int id = 1; id <= kSeriesAsked; ++id) series.push_back(SeriesId{id});
  std::vector<std::int64_t> boundaries;
  for (int hour = 0; hour <= kHours; ++hour) {
    boundaries.push_back(kStart + beside_us + hour * pg::kHourUs);
  }
  for (auto _ : state) {
    const auto buckets = load.store().aggregate(series, boundaries);
    MW_CHECK(buckets.has_value() && buckets->at(0).count >= 59);
  }
  state.counters["settle_s"] = load.settled_s;
  state.counters["rollup_bytes_per_hour"] =
      static_cast<double>(load.table_bytes("SELECT pg_total_relation_size('hourly')")) / kHours /
      kSeriesStored;
}
BENCHMARK_CAPTURE(by_hour, from_rollups, 0)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(by_hour, from_samples, 1)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace millwright
