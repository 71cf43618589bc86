#include "connectors/simulated/arma_process.h"

namespace millwright::simulated {
namespace {

void push_newest(std::vector<double>* past, double value) {
  if (past->empty()) return;
  std::rotate(past->rbegin(), past->rbegin() + 1, past->rend());
  past->front() = value;
}

}  // namespace

ArmaProcess::ArmaProcess(std::vector<double> ar, std::vector<double> ma, double std,
                         std::uint64_t seed)
    : ar_(std::move(ar)),
      ma_(std::move(ma)),
      std_(std),
      random_(seed),
      past_(ar_.size()),
      past_innovations_(ma_.size()) {
  for (int i = 0; i < 1'000; ++i) next();
}

double ArmaProcess::next() {
  const double innovation = std_ * random_.normal();
  double value = innovation;
  for (std::size_t i = 0; i < ar_.size(); ++i) value += ar_[i] * past_[i];
  for (std::size_t j = 0; j < ma_.size(); ++j) value += ma_[j] * past_innovations_[j];
  push_newest(&past_, value);
  push_newest(&past_innovations_, innovation);
  return value;
}

}  // namespace millwright::simulated
