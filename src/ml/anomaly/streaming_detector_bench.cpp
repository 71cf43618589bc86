#include "ml/anomaly/streaming_detector.h"

#include <benchmark/benchmark.h>

#include "ml/anomaly/burst_detector.h"
#include "signal/random.h"

namespace millwright::ml {
namespace {

void update(benchmark::State& state) {
  signal::RandomSource random(1);
  std::vector<double> values(4096);
  for (double& v : values) v = 23.0 + 0.5 * random.normal();
  StreamingDetector detector({.name = "temperature", .unit = "°C"});
  std::int64_t t = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(detector.update(t, values[static_cast<std::size_t>(t) % 4096]));
    ++t;
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(update);

void burst(benchmark::State& state) {
  signal::RandomSource random(1);
  std::vector<double> values(1024);
  for (double& v : values) v = random.normal();
  BurstDetector detector({.name = "vibration", .unit = "mm", .learning_samples = 30});
  std::int64_t t = 0;
  for (auto _ : state) benchmark::DoNotOptimize(detector.update(++t, values, 5000.0));
}
BENCHMARK(burst);

}  // namespace
}  // namespace millwright::ml
