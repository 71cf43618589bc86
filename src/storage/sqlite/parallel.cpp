#include "storage/sqlite/parallel.h"

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

namespace millwright {
namespace {

std::atomic<int> g_helpers = 0;

/// Takes up to `wanted` helpers, as long as cores are left.
int take_helpers(int wanted) {
  const int most = static_cast<int>(std::thread::hardware_concurrency()) - 1;
  int busy = g_helpers.load();
  while (true) {
    const int taken = std::clamp(most - busy, 0, wanted);
    if (g_helpers.compare_exchange_weak(busy, busy + taken)) return taken;
  }
}

}  // namespace

Result<> in_parallel(std::size_t count, std::size_t least,
                     const std::function<Result<>(std::size_t, std::size_t)>& work) {
  const std::size_t parts = std::max<std::size_t>(count / std::max<std::size_t>(least, 1), 1);
  const int helpers = take_helpers(static_cast<int>(std::min<std::size_t>(parts - 1, 64)));
  if (helpers == 0) return work(0, count);
  const auto size = static_cast<std::size_t>(helpers) + 1;
  std::vector<Result<>> results(size);
  const auto run = [&](std::size_t part) {
    results[part] = work(count * part / size, count * (part + 1) / size);
  };
  std::vector<std::thread> threads;
  for (std::size_t part = 1; part < size; ++part) threads.emplace_back(run, part);
  run(0);
  for (std::thread& thread : threads) thread.join();
  g_helpers -= helpers;
  for (const Result<>& result : results) MW_TRY(result);
  return {};
}

}  // namespace millwright
