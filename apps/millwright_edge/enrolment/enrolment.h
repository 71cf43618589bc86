#pragma once
/// Where the device's secret comes from: the data folder, or a registration with a claim.

#include <thread>

#include "edge/token_keeper.h"
#include "uplink/device_api/registration.h"

namespace millwright {

/// Answers a SecretSource. Registration happens on a thread of its own, one at a time; it is joined
/// on destruction.
class Enrolment {
 public:
  struct Options {
    std::string secret_file;
    std::string claim;                    ///< as configured; empty: from the file
    std::string claim_file;               ///< removed once the claim has been used
    uplink::RegistrationRequest request;  ///< without the claim
  };

  explicit Enrolment(Options options) : options_(std::move(options)) {}

  /// `is_refused`: the secret that was answered last is not accepted any more. Called by one
  /// thread.
  void request(bool is_refused, std::function<void(Result<std::string>)> done);

 private:
  Result<std::string> enrol() const;
  Result<std::string> claim() const;

  const Options options_;
  std::string given_;  // the secret of the file that was answered last
  std::jthread thread_;
};

}  // namespace millwright
