#pragma once
/// x_t = sum ar_i x_(t-i) + e_t + sum ma_j e_(t-j), e_t normal with standard deviation `std`.
///
/// Source: Box and Jenkins, Time Series Analysis, 1970. The process starts at zero; 1,000 values
/// are thrown away so that the first one seen is from its stationary distribution. Not thread-safe.

#include <vector>

#include "signal/random.h"

namespace millwright::simulated {

class ArmaProcess {
 public:
  ArmaProcess(std::vector<double> ar, std::vector<double> ma, double std, std::uint64_t seed);
  double next();

 private:
  std::vector<double> ar_, ma_;
  double std_;
  signal::RandomSource random_;
  std::vector<double> past_, past_innovations_;  // newest first
};

}  // namespace millwright::simulated
