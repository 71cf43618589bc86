#include "analytics/analytics_service.h"

#include "analytics/access.h"
#include "analytics/fields.h"
#include "analytics/live_pump.h"
#include "analytics/schema_sdl.h"
#include "base/check.h"
#include "base/log.h"

namespace millwright {
namespace {

using graphql::FieldCall;

graphql::Request language_request(const GraphqlRequest& request) {
  return {request.query, request.operation_name.value_or(""), request.variables};
}

/// What the field `samples` was asked for, after the principal was checked.
struct SamplesSource final : graphql::SubscriptionSource {
  explicit SamplesSource(LiveFilter wanted) : filter(std::move(wanted)) {}
  LiveFilter filter;
};

Result<std::shared_ptr<graphql::SubscriptionSource>> open_samples(const FieldContext& context,
                                                                  const FieldCall& call) {
  MW_ASSIGN(const DeviceView view, open_device(*context.directory, principal_of(call),
                                               text_of(call.arguments, "tenantIdentifier"),
                                               text_of(call.arguments, "deviceIdentifier")));
  MW_ASSIGN(Path path, path_argument(call.arguments));
  return std::shared_ptr<graphql::SubscriptionSource>(std::make_shared<SamplesSource>(
      LiveFilter{view.store->tenant(), view.device.id, std::move(path)}));
}

graphql::ResolvedValue live_message(const DeviceId& device,
                                    const std::vector<LiveColumns>& columns) {
  graphql::ResolvedValue::List series;
  for (const auto& [metric, samples] : columns) {
    graphql::Object object;
    object.set("metricIdentifier", metric.key.metric.str());
    object.set("path", metric.key.path.str());
    object.set("unit", metric.unit);
    object.set("displayName", metric.display_name);
    object.set("metricType", to_string(metric.type));
    object.set("t", samples.timestamp_us);
    object.set("value", samples.value);
    series.emplace_back(std::move(object));
  }
  graphql::Object message;
  message.set("deviceIdentifier", device.str());
  message.set("series", std::move(series));
  return message;
}

class LiveSubscription final : public GraphqlSubscription {
 public:
  LiveSubscription(std::unique_ptr<LiveSamples::Handle> handle, telemetry::Gauge& count)
      : handle_(std::move(handle)), count_(count) {
    count_.add(1);
  }
  ~LiveSubscription() override {
    handle_.reset();
    count_.add(-1);
  }
  void pause(bool paused) override { handle_->pause(paused); }

 private:
  std::unique_ptr<LiveSamples::Handle> handle_;
  telemetry::Gauge& count_;
};

std::shared_ptr<const graphql::Schema> load_schema() {
  auto schema = graphql::Schema::from_sdl(schema_sdl());
  if (!schema) log::error("the schema cannot be read", {{"reason", schema.error().message}});
  MW_CHECK(schema.has_value());  // it is part of this library
  return std::move(schema).value();
}

graphql::Resolvers bind_fields(const FieldContext& context) {
  graphql::Resolvers resolvers;
  using Function = FieldResult (*)(const FieldContext&, const FieldCall&);
  const auto bind = [&](const char* type, const char* field, Function function) {
    resolvers.field(type, field, [&context, function](const FieldCall& call) {
      return function(context, call);
    });
  };
  const auto query = [&](const char* field, Function function) { bind("Query", field, function); };
  query("devices", resolve_devices);
  query("numericScalar", resolve_numeric_scalar);
  query("numericScalarModel", resolve_numeric_scalar_model);
  query("metrics", resolve_metrics);
  query("latest", resolve_latest);
  query("countAbove", resolve_count_above);
  query("series", resolve_series);
  query("events", resolve_events);
  query("anomalies", resolve_anomalies);
  query("predictions", resolve_predictions);
  query("predictionHistory", resolve_prediction_history);
  query("labels", resolve_labels);
  query("backTest", resolve_back_test);
  query("degradationLimits", resolve_degradation_limits);
  bind("Mutation", "createLabel", resolve_create_label);
  bind("Mutation", "deleteLabel", resolve_delete_label);
  bind("Mutation", "createDegradationLimit", resolve_create_degradation_limit);
  bind("Mutation", "deleteDegradationLimit", resolve_delete_degradation_limit);
  resolvers.subscription("samples",
                         [&context](const FieldCall& call) { return open_samples(context, call); });
  return resolvers;
}

/// The instruments of the API, asked for once.
struct Instruments {
  explicit Instruments(telemetry::Telemetry& telemetry)
      : ok(outcome(telemetry, "ok")),
        errors(outcome(telemetry, "errors")),
        refused(outcome(telemetry, "refused")),
        seconds(telemetry.histogram("millwright_graphql_seconds", "Time of a GraphQL query.",
                                    telemetry::duration_bounds())),
        subscriptions(telemetry.gauge("millwright_subscriptions", "Live subscriptions.")),
        messages(telemetry.counter("millwright_live_messages_total",
                                   "Messages sent to live subscriptions.")),
        left_out(telemetry.gauge("millwright_live_left_out_samples",
                                 "Samples left out of live streams since the start, because a "
                                 "reader was slower than the data.")) {}

  static telemetry::Counter& outcome(telemetry::Telemetry& telemetry, const char* name) {
    return telemetry.counter("millwright_graphql_requests_total", "GraphQL queries by outcome.",
                             {{"outcome", name}});
  }

  telemetry::Counter& ok;
  telemetry::Counter& errors;
  telemetry::Counter& refused;
  telemetry::Histogram& seconds;
  telemetry::Gauge& subscriptions;
  telemetry::Counter& messages;
  telemetry::Gauge& left_out;
};

RequestScope& scope_of(const FieldCall& call) {
  RequestScope* const* scope = call.context_as<RequestScope*>();
  MW_CHECK(scope != nullptr);
  return **scope;
}

}  // namespace

const Principal& principal_of(const FieldCall& call) { return *scope_of(call).principal; }

PointBudget& points_of(const FieldCall& call) { return scope_of(call).points; }

struct AnalyticsService::Parts {
  Parts(TenantDirectory& directory, Bus& bus, ModelRunner& models, const Clock& service_clock,
        telemetry::Telemetry& telemetry, AnalyticsLimits service_limits, BackTester back_tester)
      : limits(service_limits),
        back_tests(std::move(back_tester), service_limits.back_test_time),
        context{&directory, &models, service_limits, &service_clock, &back_tests},
        clock(service_clock),
        schema(load_schema()),
        resolvers(bind_fields(context)),
        instruments(telemetry),
        samples(service_clock, service_limits.live_interval, service_limits.live_pending),
        pump(bus, samples) {
    MW_CHECK(resolvers.check(*schema).has_value());
  }

  AnalyticsLimits limits;
  BackTests back_tests;
  FieldContext context;
  const Clock& clock;
  std::shared_ptr<const graphql::Schema> schema;
  graphql::Resolvers resolvers;
  Instruments instruments;
  LiveSamples samples;
  LivePump pump;  // last: its thread uses all of the above
};

AnalyticsService::AnalyticsService(TenantDirectory& directory, Bus& bus, ModelRunner& models,
                                   const Clock& clock, telemetry::Telemetry& telemetry,
                                   AnalyticsLimits limits, BackTester back_tester)
    : parts_(std::make_unique<Parts>(directory, bus, models, clock, telemetry, limits,
                                     std::move(back_tester))) {}

AnalyticsService::~AnalyticsService() = default;

GraphqlReply AnalyticsService::execute(const Principal& principal, const GraphqlRequest& request) {
  const auto started = parts_->clock.steady_now();
  RequestScope scope{&principal, PointBudget(parts_->limits.raw_points)};
  graphql::Response response =
      graphql::execute(*parts_->schema, parts_->resolvers, language_request(request),
                       parts_->limits.language, std::any(&scope));
  Instruments& instruments = parts_->instruments;
  instruments.seconds.observe(
      std::chrono::duration<double>(parts_->clock.steady_now() - started).count());
  (response.request_error     ? instruments.refused
   : response.error_count > 0 ? instruments.errors
                              : instruments.ok)
      .add();
  return {std::move(response.body), response.request_error};
}

SubscribeReply AnalyticsService::subscribe(const Principal& principal,
                                           const GraphqlRequest& request,
                                           GraphqlObserver observer) {
  RequestScope scope{&principal, PointBudget(parts_->limits.raw_points)};
  auto outcome = graphql::subscribe(*parts_->schema, parts_->resolvers, language_request(request),
                                    parts_->limits.language, std::any(&scope));
  if (!outcome.subscription) return {nullptr, std::move(outcome.errors)};
  const auto source = std::dynamic_pointer_cast<SamplesSource>(outcome.subscription->source());
  MW_CHECK(source != nullptr);
  LiveSink sink;
  sink.on_samples = [this, prepared = *outcome.subscription, on_next = observer.on_next,
                     device = source->filter.device](const std::vector<LiveColumns>& columns) {
    on_next(prepared.format(live_message(device, columns)).body);
    parts_->instruments.messages.add();
    parts_->instruments.left_out.set(static_cast<double>(parts_->samples.left_out()));
  };
  sink.on_complete = std::move(observer.on_complete);
  return {std::make_unique<LiveSubscription>(parts_->samples.add(source->filter, std::move(sink)),
                                             parts_->instruments.subscriptions),
          {}};
}

GraphqlOperation AnalyticsService::operation(const GraphqlRequest& request) const {
  using graphql::OperationKind;
  const auto kind = graphql::operation_kind(language_request(request), parts_->limits.language);
  if (kind == OperationKind::kSubscription) return GraphqlOperation::kSubscription;
  if (kind == OperationKind::kMutation) return GraphqlOperation::kMutation;
  return GraphqlOperation::kQuery;
}

std::string_view AnalyticsService::schema() const { return schema_sdl(); }

}  // namespace millwright
