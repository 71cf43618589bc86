#include "apps/millwright/platform.h"

#include "apps/millwright/model_registries.h"
#include "apps/millwright/tenant_stores.h"

#include "analyst/analyst.h"
#include "analyst/replay/back_test_run.h"
#include "analytics/analytics_service.h"
#include "base/log.h"
#include "base/text.h"
#include "devices/device_connections.h"
#include "devices/device_service.h"
#include "devices/status_service.h"
#include "identity/local/local_identity.h"
#include "ingest/hub.h"
#include "messaging/inprocess/inprocess_bus.h"
#include "retention/disk_watch.h"
#include "retention/retention_service.h"
#include "telemetry/telemetry.h"
#include "transport/grpc/grpc_server.h"
#include "transport/http/api.h"
#include "transport/http/server.h"
#include "transport/websocket/device_socket.h"
#include "transport/websocket/graphql_socket.h"

namespace millwright {
namespace {

/// One HTTP listener with its own rules of access.
struct HttpListener {
  HttpListener(Identity& identity, http::AccessOptions access)
      : authentication(identity, std::move(access)) {}
  http::Authentication authentication;
  std::unique_ptr<http::Server> server;
};

/// A store that nobody used so long is closed.
constexpr std::chrono::minutes kIdleStore{5};

bool is_loopback(const std::string& host) {
  return host == "127.0.0.1" || host == "localhost" || host == "::1";
}

/// What must hold before anything is opened.
Result<> check(const ServeOptions& options) {
  MW_ASSIGN(const HostPort http, parse_host_port("http", options.http));
  MW_ASSIGN(const HostPort grpc, parse_host_port("grpc", options.grpc));
  if (!options.targets.empty() && options.store.empty()) {
    return failed_precondition(
        "a data folder belongs to one process: to run parts in processes of their own, set store "
        "to a PostgreSQL server, or leave target out");
  }
  if (options.demo_tenant) {
    if (is_loopback(http.host) && is_loopback(grpc.host)) return {};
    return failed_precondition("a demo tenant is shown to everybody: http " + quote(options.http) +
                               " and grpc " + quote(options.grpc) +
                               " must be on loopback; leave demo_tenant out");
  }
  if (!options.legacy_tenants.empty() &&
      (options.legacy_http.empty() || options.legacy_grpc.empty())) {
    return failed_precondition(
        "the contract of older devices has no credentials and needs addresses of its own; set "
        "legacy_http and legacy_grpc, or leave legacy_tenants out");
  }
  return {};
}

}  // namespace

struct Platform::Parts {
  // In the order of construction; destroyed from the end, so a user goes before what it uses.
  telemetry::Telemetry telemetry;
  InprocessBus bus;
  std::unique_ptr<TenantDirectory> directory;
  std::string store_words;
  std::unique_ptr<LocalIdentity> identity;
  ModelRegistries registries;
  std::unique_ptr<RegistryModelRunner> models;
  std::unique_ptr<DiskWatch> disk;
  std::unique_ptr<ingest::Hub> hub;
  std::unique_ptr<RetentionService> retention;
  std::unique_ptr<StatusService> statuses;
  std::unique_ptr<DeviceConnections> connections;
  std::unique_ptr<DeviceService> devices;
  std::unique_ptr<AnalyticsService> analytics;
  std::unique_ptr<Analyst> analyst;
  std::vector<std::unique_ptr<HttpListener>> http;
  std::unique_ptr<GrpcServer> grpc;

  Result<> open_stores(const ServeOptions& options, const Clock& clock);
  void build_services(const ServeOptions& options, const Clock& clock);
  Result<> listen_http(const ServeOptions& options, const Clock& clock, const std::string& address,
                       bool legacy_only);
  Result<> listen_grpc(const ServeOptions& options, const Clock& clock);
};

Result<> Platform::Parts::open_stores(const ServeOptions& options, const Clock& clock) {
  std::vector<TenantId> named = options.legacy_tenants;
  if (options.demo_tenant) named.push_back(*options.demo_tenant);
  const StorePlace place{options.data, options.store};
  for (const TenantId& tenant : named) MW_TRY(require_tenant(place, tenant));
  MW_ASSIGN(OpenedStores opened, millwright::open_stores(place, options.grpc));
  directory = std::move(opened.directory);
  store_words = std::move(opened.words);
  log::info("the store is open", {{"store", store_words}});
  MW_ASSIGN(identity, LocalIdentity::open(options.data, clock));
  MW_ASSIGN(registries, open_model_registries(options, clock));
  return {};
}

void Platform::Parts::build_services(const ServeOptions& options, const Clock& clock) {
  models = std::make_unique<RegistryModelRunner>(registries.all());
  DiskWatchOptions disk_options;
  disk_options.floor_bytes = options.disk_floor_bytes;
  disk = std::make_unique<DiskWatch>([data = options.data] { return measure_disk(data); }, clock,
                                     telemetry, disk_options);
  ingest::HubOptions hub_options;
  hub_options.admit = [this] { return disk->admit(); };
  hub_options.open_watermark_log = watermark_logs_in(options.data);
  hub = std::make_unique<ingest::Hub>(*directory, bus, clock, telemetry, hub_options);
  RetentionOptions retention_options;
  retention_options.waveforms = options.waveform_retention;
  retention_options.interval = options.retention_interval;
  retention = std::make_unique<RetentionService>(
      *directory, clock, telemetry,
      [this](const TenantId& tenant, std::span<const Expiry> expiries) {
        return hub->expire(tenant, expiries);
      },
      retention_options);
  statuses = std::make_unique<StatusService>(*directory, bus, clock);
  connections = std::make_unique<DeviceConnections>(clock);
  devices = std::make_unique<DeviceService>(
      *directory, *identity, bus, *statuses, *connections, clock,
      [this](const std::shared_ptr<TenantStore>& store, const std::vector<SeriesId>& series) {
        return hub->remove_series(store->tenant(), series);
      });
  analytics = std::make_unique<AnalyticsService>(
      *directory, bus, *models, clock, telemetry, AnalyticsLimits{},
      [this, &clock](TenantStore& store, const backtest::Request& request, std::stop_token stop) {
        return run_back_test({store, registries.built_in.get(), clock, std::move(stop), {}},
                             request);
      });
  analyst = std::make_unique<Analyst>(*directory, bus, registries.built_in.get(), clock, telemetry);
}

Result<> Platform::Parts::listen_http(const ServeOptions& options, const Clock& clock,
                                      const std::string& address, bool legacy_only) {
  const bool serves_legacy = legacy_only || options.legacy_http.empty();
  http::AccessOptions access;
  if (serves_legacy) access.legacy_tenants = options.legacy_tenants;
  if (!legacy_only) access.demo_tenant = options.demo_tenant;
  access.secure_cookie = options.behind_tls;
  auto listener = std::make_unique<HttpListener>(*identity, access);

  MW_ASSIGN(const HostPort bind, parse_host_port("http", address));
  http::ServerOptions server;
  server.address = bind.host;
  server.port = bind.port;
  server.origins.origins = options.origins;
  server.origins.loopback = options.demo_tenant.has_value();
  server.hsts = options.behind_tls;
  // Whoever trusts callers without credentials must not be reached through a foreign name.
  if (is_loopback(bind.host) && (access.demo_tenant || !access.legacy_tenants.empty())) {
    server.allowed_hosts = {"127.0.0.1", "localhost", "[::1]"};
  }

  const http::ApiContext context{
      listener->authentication, *directory, *identity, *devices, *connections, clock};
  http::Router router;
  if (options.runs("devices")) http::add_device_calls(router, context);
  http::add_health(router, telemetry, [this] {
    const auto tenants = directory->tenants();
    return tenants ? Result<std::string>(store_words) : Result<std::string>(tenants.error());
  });
  std::vector<http::WebSocketEndpoint> sockets;
  if (options.runs("devices")) {
    sockets.push_back(
        http::device_socket(listener->authentication, *directory, *connections, clock));
  }
  if (options.runs("devices") && !legacy_only) {
    http::add_device_resources(router, context);
    http::add_retention_resources(router, listener->authentication, *retention);
    http::add_session_calls(router, context);
    http::add_documentation(router);
  }
  if (options.runs("web") && !legacy_only) http::add_web_app(router, options.web);
  if (options.runs("analytics")) {
    if (!legacy_only) {
      sockets.push_back(http::graphql_socket(listener->authentication, *analytics, clock));
    }
    // The clients in the field ask the analytics API as well.
    http::add_graphql(router, listener->authentication, *analytics);
  }

  listener->server =
      std::make_unique<http::Server>(server, std::move(router), std::move(sockets), telemetry);
  if (!legacy_only) {
    if (options.runs("devices")) {
      listener->server->run_every(std::chrono::seconds(1), [this] { statuses->tick(); });
    }
    listener->server->run_every(std::chrono::seconds(1), [this] { disk->tick(); });
    listener->server->run_every(std::chrono::minutes(1), [this] {
      hub->release_idle();
      directory->release_idle(kIdleStore);
    });
    listener->server->run_every(std::chrono::milliseconds(250), [this] { connections->tick(); });
  }
  MW_TRY(listener->server->start());
  http.push_back(std::move(listener));
  return {};
}

Result<> Platform::Parts::listen_grpc(const ServeOptions& options, const Clock& clock) {
  GrpcServerOptions server;
  server.addresses = {options.grpc};
  server.legacy_tenants = options.legacy_tenants;
  if (!options.legacy_tenants.empty()) {
    server.legacy_addresses = {options.legacy_grpc.empty() ? options.grpc : options.legacy_grpc};
  }
  grpc = std::make_unique<GrpcServer>(
      std::move(server), *hub, *identity, *directory,
      [this](const Principal& principal, const TenantId& tenant, const DeviceId& device,
             DeviceStatus status,
             Timestamp at) { return statuses->report(principal, tenant, device, status, at); },
      clock, telemetry);
  return grpc->start();
}

Result<std::unique_ptr<Platform>> Platform::start(const ServeOptions& options, const Clock& clock) {
  MW_TRY(check(options));
  auto parts = std::make_unique<Parts>();
  MW_TRY(parts->open_stores(options, clock));
  parts->build_services(options, clock);
  if (!options.targets.empty()) {
    log::warning("parts run in processes of their own: live data is not available between them",
                 {{"store", parts->store_words}});
  }
  MW_TRY(parts->statuses->start());
  if (options.runs("analyst")) parts->analyst->start();
  // What has expired is removed by the process that writes the tenant.
  if (options.runs("hub")) {
    parts->retention->start();
    MW_TRY(parts->listen_grpc(options, clock));
  }
  MW_TRY(parts->listen_http(options, clock, options.http, false));
  if (!options.legacy_http.empty()) {
    MW_TRY(parts->listen_http(options, clock, options.legacy_http, true));
  }
  return std::unique_ptr<Platform>(new Platform(std::move(parts)));
}

Platform::Platform(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Platform::~Platform() {
  if (parts_->grpc) parts_->grpc->stop();
  for (const auto& listener : parts_->http) listener->server->stop();
  parts_->analyst->stop();
  parts_->retention->stop();
  parts_->hub->drain(std::chrono::seconds(5));
}

std::uint16_t Platform::http_port() const { return parts_->http.front()->server->port(); }
int Platform::grpc_port() const { return parts_->grpc ? parts_->grpc->port() : 0; }

}  // namespace millwright
