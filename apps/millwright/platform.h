#pragma once
/// Every cloud service in one process, wired on the adapters that the options name.
///
/// Starts in the order store, services, listeners; stops in the order intake, drain, close.

#include <memory>

#include "apps/millwright/serve_options.h"
#include "base/clock.h"

namespace millwright {

class Platform {
 public:
  /// Opens the data folder and listens. Errors: what the parts say, ready to show.
  static Result<std::unique_ptr<Platform>> start(const ServeOptions& options, const Clock& clock);
  /// Stops everything cleanly.
  ~Platform();

  std::uint16_t http_port() const;
  int grpc_port() const;

 private:
  struct Parts;
  explicit Platform(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace millwright
