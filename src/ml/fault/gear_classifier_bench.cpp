#include "ml/fault/gear_classifier.h"

#include <benchmark/benchmark.h>

#include "ml/fault/gear_training.h"
#include "ml/features/gear_features.h"
#include "signal/gear_vibration.h"

namespace millwright::ml {
namespace {

void features(benchmark::State& state) {
  const auto burst = signal::GearVibration::create({.seed = 1}).value().generate(256);
  for (auto _ : state) {
    benchmark::DoNotOptimize(gear_features(burst.x_axis, burst.y_axis, 5000.0));
  }
}
BENCHMARK(features);

void window(benchmark::State& state) {
  const auto runs = simulate_gear_runs(1, 3, 1024);
  const auto classifier = GearClassifier::load(train_gear(runs, 1, {}).value().file).value();
  const auto burst = signal::GearVibration::create({.seed = 1}).value().generate(256);
  for (auto _ : state) {
    benchmark::DoNotOptimize(classifier.predict(burst.x_axis, burst.y_axis, 5000.0));
  }
}
BENCHMARK(window)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace millwright::ml
