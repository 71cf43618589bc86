/// store.memory_per_series: what a further series takes in the store's process, in KiB.
///
///   store_series_bench SEED FOLDER
///
/// An hour of the reference load for 10,000 series, then an hour of another for 20,000 further
/// ones: the growth of the resident memory between the two, each after the store has settled.

#include "../figures.h"
#include "own_store.h"
#include "storage/testing/reference_load.h"

namespace millwright::bench {
namespace {

constexpr int kMinutes = 60;

/// An hour of `devices` devices with 100 metrics each, whose series come after `offset`.
void append_hour(SampleStore& store, std::uint64_t seed, int devices, std::int64_t offset) {
  testing::ReferenceLoad load(seed, devices);
  Append minute;
  for (int i = 0; i < kMinutes; ++i) {
    load.next_minute(minute.samples);
    for (SeriesRun& run : minute.samples.runs) {
      run.series = SeriesId{static_cast<std::int64_t>(run.series) + offset};
    }
    for (const Result<>& result : store.append(std::span(&minute, 1))) must(result);
  }
  must(store.settle());
}

void run(std::uint64_t seed, const std::filesystem::path& folder) {
  OwnStore store(folder / "series");
  append_hour(store.samples(), seed, 100, 0);
  const double before = resident_mib();
  append_hour(store.samples(), seed + 1, 200, 10'000);
  print_figure("store.memory_per_series", (resident_mib() - before) * 1024 / 20'000, "KiB");
}

}  // namespace
}  // namespace millwright::bench

int main(int argc, char** argv) {
  using namespace millwright::bench;
  if (argc != 3) fail("usage: store_series_bench SEED FOLDER");
  run(std::strtoull(argv[1], nullptr, 10), argv[2]);
}
