#include "apps/millwright/serve_command.h"

#include <csignal>
#include <cstdio>

#include "apps/millwright/admin_commands.h"
#include "apps/millwright/platform.h"
#include "base/log.h"

namespace millwright {
namespace {

log::Level level_of(const std::string& name) {
  if (name == "debug") return log::Level::kDebug;
  if (name == "warning") return log::Level::kWarning;
  if (name == "error") return log::Level::kError;
  return log::Level::kInfo;
}

}  // namespace

int serve_command(const ServeOptions& options) {
  log::set_level(level_of(options.log_level));
  // Blocked in every thread that is started from here on; this one waits for them.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);

  const SystemClock clock;
  auto platform = Platform::start(options, clock);
  if (!platform) return report_failure(platform.error());
  // Only a server that runs shows the first password: it is shown once.
  if (const auto ready = ensure_first_administrator(options, clock); !ready) {
    return report_failure(ready.error());
  }
  log::info("millwright is ready",
            {{"http_port", (*platform)->http_port()}, {"grpc_port", (*platform)->grpc_port()}});

  int received = 0;
  sigwait(&signals, &received);
  log::info("millwright is stopping", {{"signal", received}});
  platform->reset();
  log::info("millwright has stopped");
  return 0;
}

}  // namespace millwright
