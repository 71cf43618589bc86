// How long the answer of a long chart takes to write: one day at one sample a second.
#include <benchmark/benchmark.h>

#include <cmath>
#include <cstdio>

#include "graphql/testing/example.h"

namespace millwright::graphql {
namespace {

constexpr std::size_t kDay = 86'400;

void run(benchmark::State& state, const std::string& field, const std::string& query,
         const ResolvedValue& value) {
  Resolvers resolvers;
  resolvers.field("Query", field, [&](const FieldCall&) -> Result<ResolvedValue> { return value; });
  std::size_t bytes = 0;
  for (auto _ : state) {
    const Response response =
        execute(*testing::example_schema(), resolvers, testing::request(query));
    bytes += response.body.size();
    benchmark::DoNotOptimize(response.body.data());
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(bytes));
}

std::vector<double> wave() {
  std::vector<double> out(kDay);
  for (std::size_t i = 0; i < kDay; ++i) out[i] = std::sin(static_cast<double>(i) * 0.01) * 20;
  return out;
}

void numbers(benchmark::State& state) { run(state, "numbers", "{ numbers }", wave()); }
BENCHMARK(numbers)->Unit(benchmark::kMillisecond);

void table(benchmark::State& state) {
  TextColumn times;
  for (std::size_t i = 0; i < kDay; ++i) {
    char text[32];
    std::snprintf(text, sizeof text, "2024-05-01T%02zu:%02zu:%02zu.000", i / 3600, i / 60 % 60,
                  i % 60);
    times.push_back(text);
  }
  Table rows;
  rows.add("x", wave());
  rows.add("label", std::move(times));
  run(state, "points", "{ points { x label } }", rows);
}
BENCHMARK(table)->Unit(benchmark::kMillisecond);

void small_query(benchmark::State& state) {
  run(state, "dog",
      "query ($a: Boolean = true) { dog { name barks @include(if: $a) owner { name } } }",
      Json::parse(R"({"name": "Rex", "owner": {"name": "Ann"}})"));
}
BENCHMARK(small_query)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace millwright::graphql
