#pragma once
/// The five questions, with other series, devices and times each time, and the right answers.
///
///   1  the latest value of all series
///   2  one series, one day, raw
///   3  one series over all of the load in 1,000 buckets of minimum, maximum and average
///   4  all series of a device, hourly averages over all of the load
///   5  how many samples of ten devices are above a threshold within one day
///
/// Threads: none.

#include <filesystem>
#include <vector>

#include "load_file.h"

namespace millwright::bench {

constexpr int kQuestions = 5;
constexpr int kRepetitions = 50;

struct Query {
  int question = 0;
  std::int64_t first_series = 0;
  std::int64_t series_count = 0;
  std::int64_t start_us = 0;
  std::int64_t end_us = 0;
  std::int64_t step_us = 0;  ///< of the buckets of questions 3 and 4
  double threshold = 0;      ///< of question 5
};

/// Enough of an answer to see that a peer answered the same question: the number of samples that
/// it rests on (of series in question 1, of those above the threshold in 5), and a sum that is
/// exact when it is formed in order of series and time: of the values in questions 1 and 2, of the
/// buckets' maxima in 3, none in 4 and 5.
struct Answer {
  std::uint64_t samples = 0;
  double sum = 0;
  friend bool operator==(const Answer&, const Answer&) = default;
};

/// All repetitions of question 1, then of 2 and so on; over the first `minutes` of the load.
std::vector<Query> make_queries(const LoadHeader& load, std::int64_t minutes, std::uint64_t seed);

/// Queries with their answers, a line each, numbers separated by tabs: question, first series,
/// number of series, start, end, step, threshold, samples, sum.
struct AnsweredQuery {
  Query query;
  Answer answer;
};
void write_queries(const std::filesystem::path& path, const std::vector<AnsweredQuery>& queries);
std::vector<AnsweredQuery> read_queries(const std::filesystem::path& path);

}  // namespace millwright::bench
