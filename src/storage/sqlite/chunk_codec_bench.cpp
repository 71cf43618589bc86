// Speed and size of the chunk codec on the reference load, by kind and together, and on chunks of
// other sizes. Items are samples.
#include <benchmark/benchmark.h>

#include "base/check.h"
#include "base/crc32c.h"
#include "storage/sqlite/chunk_codec.h"
#include "storage/testing/reference_load.h"

namespace millwright {
namespace {

constexpr std::uint64_t kSeed = 1;
constexpr int kAllMetrics = -1;

/// One chunk of each series of a device whose metric is of the kind of `metric`.
std::vector<SampleColumns> load_of(int metric, std::size_t samples) {
  std::vector<SampleColumns> out;
  for (int m = 0; m < 100; ++m) {
    if (metric != kAllMetrics && testing::reference_kind(m) != testing::reference_kind(metric)) {
      continue;
    }
    testing::ReferenceSeries series(kSeed, m, m);
    SampleColumns columns;
    for (std::int64_t tick = 0; tick < static_cast<std::int64_t>(samples); ++tick) {
      columns.append(testing::ReferenceLoad::kStartUs + tick * testing::ReferenceLoad::kTickUs +
                         series.jitter_ms(tick) * std::int64_t{1'000},
                     series.next_value(tick));
    }
    out.push_back(std::move(columns));
  }
  return out;
}

void chunk_encode(benchmark::State& state, int metric) {
  const auto samples = static_cast<std::size_t>(state.range(0));
  const auto load = load_of(metric, samples);
  ChunkEncoder encoder;
  std::size_t bytes = 0;
  for (auto _ : state) {
    bytes = 0;
    for (const auto& s : load) bytes += encoder.encode(s.timestamp_us, s.value).size();
  }
  const auto all = static_cast<std::int64_t>(load.size() * samples);
  state.SetItemsProcessed(state.iterations() * all);
  state.counters["bytes_per_sample"] = static_cast<double>(bytes) / static_cast<double>(all);
}

std::vector<Bytes> encoded(const std::vector<SampleColumns>& load) {
  std::vector<Bytes> out;
  ChunkEncoder encoder;
  for (const auto& s : load) out.push_back(encoder.encode(s.timestamp_us, s.value));
  return out;
}

void chunk_decode(benchmark::State& state, int metric) {
  const auto samples = static_cast<std::size_t>(state.range(0));
  const auto load = encoded(load_of(metric, samples));
  SampleColumns out;
  for (auto _ : state) {
    for (const Bytes& bytes : load) MW_CHECK(decode_chunk(bytes, out).has_value());
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(load.size() * samples));
}

/// An hour out of the middle of chunks of so many samples; items are chunks.
void chunk_decode_an_hour(benchmark::State& state) {
  const auto samples = state.range(0);
  const auto load = encoded(load_of(kAllMetrics, static_cast<std::size_t>(samples)));
  const std::int64_t middle =
      testing::ReferenceLoad::kStartUs + samples / 2 * testing::ReferenceLoad::kTickUs;
  const TimeRange hour{middle, middle + 60 * testing::ReferenceLoad::kTickUs};
  SampleColumns out;
  for (auto _ : state) {
    for (const Bytes& bytes : load) MW_CHECK(decode_chunk(bytes, hour, out).has_value());
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(load.size()));
}

/// The checksum alone, of a chunk's bytes.
void chunk_checksum(benchmark::State& state) {
  const std::string bytes(static_cast<std::size_t>(state.range(0)), 'x');
  for (auto _ : state) benchmark::DoNotOptimize(crc32c(0, bytes));
  state.SetBytesProcessed(state.iterations() * state.range(0));
}

// The whole load, then one metric of each kind.
BENCHMARK_CAPTURE(chunk_encode, load, kAllMetrics)->Arg(256)->Arg(1'024)->Arg(2'048)->Arg(4'096);
BENCHMARK_CAPTURE(chunk_encode, sensor, 0)->Arg(2'048);
BENCHMARK_CAPTURE(chunk_encode, counter, 2)->Arg(2'048);
BENCHMARK_CAPTURE(chunk_encode, switch, 6)->Arg(2'048);
BENCHMARK_CAPTURE(chunk_encode, vibration, 3)->Arg(2'048);
BENCHMARK_CAPTURE(chunk_decode, load, kAllMetrics)->Arg(256)->Arg(1'024)->Arg(2'048)->Arg(4'096);
BENCHMARK_CAPTURE(chunk_decode, sensor, 0)->Arg(2'048);
BENCHMARK_CAPTURE(chunk_decode, counter, 2)->Arg(2'048);
BENCHMARK_CAPTURE(chunk_decode, switch, 6)->Arg(2'048);
BENCHMARK_CAPTURE(chunk_decode, vibration, 3)->Arg(2'048);
BENCHMARK(chunk_decode_an_hour)->Arg(2'048)->Arg(4'096);
BENCHMARK(chunk_checksum)->Arg(700)->Arg(2'700)->Arg(5'500)->Arg(65'536);

}  // namespace
}  // namespace millwright
