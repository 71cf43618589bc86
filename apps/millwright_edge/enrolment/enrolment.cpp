#include "enrolment.h"

#include <unistd.h>

#include "base/log.h"
#include "base/text.h"
#include "edge/sensor_file.h"

namespace millwright {
namespace {

std::string without_blanks(std::string text) {
  const auto is_blank = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
  std::erase_if(text, is_blank);
  return text;
}

}  // namespace

void Enrolment::request(bool is_refused, std::function<void(Result<std::string>)> done) {
  const auto stored = edge::read_small_file(options_.secret_file);
  if (!stored) {
    done(stored.error());
    return;
  }
  std::string secret = *stored ? without_blanks(**stored) : std::string();
  // A person may have put another secret there since the last one was refused.
  if (!secret.empty() && (!is_refused || secret != given_)) {
    given_ = secret;
    done(std::move(secret));
    return;
  }
  thread_ = std::jthread([this, done = std::move(done)] { done(enrol()); });
}

Result<std::string> Enrolment::claim() const {
  if (!options_.claim.empty()) return options_.claim;
  MW_ASSIGN(const auto stored, edge::read_small_file(options_.claim_file));
  return stored ? without_blanks(*stored) : std::string();
}

Result<std::string> Enrolment::enrol() const {
  if (options_.request.api_url.empty()) {
    return failed_precondition("there is no valid secret in " + quote(options_.secret_file) +
                               " and hub.api is not set; set it, or store the device's secret");
  }
  uplink::RegistrationRequest request = options_.request;
  MW_ASSIGN(request.claim, claim());
  if (request.claim.empty()) {
    return failed_precondition(
        "the device has no valid secret and no claim; have an "
        "administrator make one and store it in " +
        quote(options_.claim_file));
  }
  MW_ASSIGN(const uplink::Registration answer, uplink::register_device(request));
  log::info("the device is registered", {{"answer", answer.message}});
  if (!answer.device_secret) {
    return failed_precondition("the device was registered before and its secret is not in " +
                               quote(options_.secret_file) +
                               "; have an administrator make a new one");
  }
  MW_TRY(edge::write_file_atomically(options_.secret_file, *answer.device_secret + "\n"));
  if (options_.claim.empty()) ::unlink(options_.claim_file.c_str());
  return *answer.device_secret;
}

}  // namespace millwright
