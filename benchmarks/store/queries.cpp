#include "queries.h"

#include <fstream>

#include "../figures.h"
#include "storage/testing/reference_load.h"

namespace millwright::bench {

std::vector<Query> make_queries(const LoadHeader& load, std::int64_t minutes, std::uint64_t seed) {
  constexpr std::int64_t kDay = 1'440;
  // The load's own generator, numbered below all of its series and devices.
  const testing::ReferenceRandom random(seed, -1'000'000);
  const std::int64_t start = load.start_us, end = load.minute_start_us(minutes);
  const auto all = static_cast<std::int64_t>(load.series_count());
  std::vector<Query> queries;
  for (int question = 1; question <= kQuestions; ++question) {
    for (int i = 0; i < kRepetitions; ++i) {
      const std::int64_t tick = question * 1'000 + i;
      const auto below = [&](std::uint64_t purpose, std::int64_t n) {
        return static_cast<std::int64_t>(
            random.below(tick, purpose, static_cast<std::uint64_t>(n)));
      };
      Query query{question, 1, all, start, end, 0, 0};
      if (question == 2 || question == 3) {
        query.first_series = 1 + below(0, all);
        query.series_count = 1;
      }
      if (question == 3) query.step_us = (end - start) / 1'000;
      if (question == 4) {
        query.first_series = 1 + below(0, load.devices) * load.metrics;
        query.series_count = load.metrics;
        query.step_us = 3'600'000'000;
      }
      if (question == 5) {
        const int devices = std::min(10, load.devices);
        query.first_series = 1 + below(0, load.devices - devices + 1) * load.metrics;
        query.series_count = std::int64_t{devices} * load.metrics;
        query.threshold = random.uniform(tick, 1, 20, 60);
      }
      if ((question == 2 || question == 5) && minutes > kDay) {
        query.start_us = load.minute_start_us(below(2, minutes - kDay + 1));
        query.end_us = query.start_us + kDay * 60'000'000;
      }
      queries.push_back(query);
    }
  }
  return queries;
}

void write_queries(const std::filesystem::path& path, const std::vector<AnsweredQuery>& queries) {
  std::ofstream out(path);
  out.precision(17);
  for (const auto& [query, answer] : queries) {
    out << query.question << '\t' << query.first_series << '\t' << query.series_count << '\t'
        << query.start_us << '\t' << query.end_us << '\t' << query.step_us << '\t'
        << query.threshold << '\t' << answer.samples << '\t' << answer.sum << '\n';
  }
  if (!out.flush()) fail("cannot write " + path.string());
}

std::vector<AnsweredQuery> read_queries(const std::filesystem::path& path) {
  std::ifstream in(path);
  std::vector<AnsweredQuery> queries;
  for (AnsweredQuery next; in >> next.query.question >> next.query.first_series >>
                           next.query.series_count >> next.query.start_us >> next.query.end_us >>
                           next.query.step_us >> next.query.threshold >> next.answer.samples >>
                           next.answer.sum;) {
    queries.push_back(next);
  }
  if (queries.empty()) fail("cannot read " + path.string());
  return queries;
}

}  // namespace millwright::bench
