// Speed of the embedded store without the disk: the files lie in memory where the system has such a
// folder, so that a flush costs nothing.
#include "storage/sqlite/sqlite_sample_store.h"

#include <benchmark/benchmark.h>
#include <stdlib.h>

#include <cmath>
#include <random>

#include "storage/sqlite/waveform_codec.h"

namespace millwright {
namespace {

constexpr std::int64_t kStart = 1'764'000'000'000'000;
constexpr std::int64_t kSecond = 1'000'000;

class ScratchStore {
 public:
  ScratchStore() {
    const std::filesystem::path memory = "/dev/shm";
    std::string name =
        ((std::filesystem::is_directory(memory) ? memory : std::filesystem::temp_directory_path()) /
         "millwright-XXXXXX")
            .string();
    MW_CHECK(::mkdtemp(name.data()) != nullptr);
    folder_ = name;
    auto opened = SqliteSampleStore::open(folder_);
    MW_CHECK(opened.has_value());
    store_ = std::move(opened).value();
  }
  ~ScratchStore() {
    store_.reset();
    std::filesystem::remove_all(folder_);
  }
  SqliteSampleStore& operator*() { return *store_; }
  double bytes() const {
    double total = 0;
    for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
      total += static_cast<double>(entry.file_size());
    }
    return total;
  }

 private:
  std::filesystem::path folder_;
  std::unique_ptr<SqliteSampleStore> store_;
};

/// Slow metrics with two decimals and a jitter of milliseconds.
SampleColumns columns_of(std::mt19937_64& random, std::int64_t from_us, std::size_t count) {
  SampleColumns out;
  std::normal_distribution<double> noise(0, 0.3);
  for (std::size_t i = 0; i < count; ++i) {
    out.append(from_us + static_cast<std::int64_t>(i) * kSecond +
                   static_cast<std::int64_t>(random() % 30) * 1'000,
               std::round((20 + noise(random)) * 100) / 100);
  }
  return out;
}

/// Appends of 65,536 samples, four to a commit; the argument is the number of series in each.
void append_samples(benchmark::State& state) {
  const auto series_count = static_cast<std::size_t>(state.range(0));
  std::mt19937_64 random(1);
  std::vector<Append> appends(4);
  const std::size_t each = 65'536 / series_count;
  std::int64_t at = kStart;
  for (Append& append : appends) {
    for (std::size_t s = 0; s < series_count; ++s) {
      append.samples.append(SeriesId{static_cast<std::int64_t>(s)}, columns_of(random, at, each));
    }
    at += static_cast<std::int64_t>(each) * kSecond;
  }
  const std::int64_t length = at - kStart;
  ScratchStore store;
  for (auto _ : state) {
    for (const auto& result : (*store).append(appends)) MW_CHECK(result.has_value());
    state.PauseTiming();
    for (Append& append : appends) {
      for (std::int64_t& t : append.samples.columns.timestamp_us) t += length;
    }
    state.ResumeTiming();
  }
  const auto total = static_cast<double>(state.iterations()) * 4.0 * 65'536;
  state.SetItemsProcessed(static_cast<std::int64_t>(total));
  state.counters["bytes_per_sample"] = store.bytes() / total;
}
BENCHMARK(append_samples)->Arg(100)->Arg(1'000)->Unit(benchmark::kMillisecond);

/// A chart: a day at one sample a second, in 1,000 columns. The argument is the samples a commit.
void chart_of_a_day(benchmark::State& state) {
  std::mt19937_64 random(1);
  ScratchStore store;
  const std::int64_t each = state.range(0);
  for (std::int64_t i = 0; i < 86'400; i += each) {
    Append append;
    append.samples.append(SeriesId{1},
                          columns_of(random, kStart + i * kSecond, static_cast<std::size_t>(each)));
    MW_CHECK((*store).append({&append, 1})[0].has_value());
    if (i % 512 == 0) MW_CHECK((*store).maintain().has_value());
  }
  while (*(*store).maintain()) continue;
  std::vector<std::int64_t> boundaries;
  for (int i = 0; i <= 1'000; ++i) boundaries.push_back(kStart + i * 86'400 * kSecond / 1'000);
  for (auto _ : state) {
    auto buckets = (*store).aggregate(SeriesId{1}, boundaries);
    MW_CHECK(buckets.has_value());
    benchmark::DoNotOptimize(buckets->data());
  }
}
BENCHMARK(chart_of_a_day)->Arg(1)->Arg(60)->Unit(benchmark::kMillisecond);

void encode_chunk(benchmark::State& state) {
  std::mt19937_64 random(1);
  const SampleColumns columns = columns_of(random, kStart, kChunkSamples);
  ChunkEncoder encoder;
  std::size_t size = 0;
  for (auto _ : state) size = encoder.encode(columns.timestamp_us, columns.value).size();
  state.SetItemsProcessed(state.iterations() * std::int64_t{kChunkSamples});
  state.counters["bytes_per_sample"] = static_cast<double>(size) / double{kChunkSamples};
}
BENCHMARK(encode_chunk);

void decode_one_chunk(benchmark::State& state) {
  std::mt19937_64 random(1);
  const SampleColumns columns = columns_of(random, kStart, kChunkSamples);
  ChunkEncoder encoder;
  const Bytes bytes = encoder.encode(columns.timestamp_us, columns.value);
  SampleColumns out;
  for (auto _ : state) MW_CHECK(decode_chunk(bytes, out).has_value());
  state.SetItemsProcessed(state.iterations() * std::int64_t{kChunkSamples});
}
BENCHMARK(decode_one_chunk);

/// A burst of vibration: two tones and noise.
void encode_burst(benchmark::State& state) {
  std::mt19937_64 random(1);
  std::normal_distribution<float> noise(0, 0.1F);
  std::vector<float> values;
  for (int i = 0; i < 1'024; ++i) {
    const auto t = static_cast<float>(i) / 5'000;
    values.push_back(std::sin(t * 1'500) + 0.3F * std::sin(t * 6'000) + noise(random));
  }
  std::size_t size = 0;
  for (auto _ : state) size = encode_waveform(values).size();
  state.SetItemsProcessed(state.iterations() * 1'024);
  state.counters["bytes_per_value"] = static_cast<double>(size) / 1'024;
}
BENCHMARK(encode_burst);

}  // namespace
}  // namespace millwright
