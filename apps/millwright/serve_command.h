#pragma once
/// `millwright serve`: runs the platform until SIGINT or SIGTERM.

#include "apps/millwright/serve_options.h"

namespace millwright {

/// Answers the process's exit code: 0 after a clean stop, 1 when it could not start.
int serve_command(const ServeOptions& options);

}  // namespace millwright
