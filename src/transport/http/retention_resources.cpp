#include "base/text.h"
#include "retention/keep_words.h"
#include "retention/retention_rules.h"
#include "transport/http/api_support.h"

// How long a tenant's samples are kept: /api/v1/tenants/{tenant}/retention. Unknown fields and
// parameters are refused: one that is misspelt would make a rule of a wider scope.
namespace millwright::http {
namespace {

using nlohmann::json;

json to_json(const RetentionService::Listed& listed) {
  const auto& [scope, keep] = listed.rule;
  return {{"device_identifier", scope.device ? json(scope.device->str()) : json()},
          {"path", scope.path.str().empty() ? json() : json(scope.path.str())},
          {"metric_identifier", scope.metric ? json(scope.metric->str()) : json()},
          {"waveforms_only", scope.waveforms_only},
          {"keep", retention::format_keep(keep)},
          {"keep_h", keep.count() == 0 ? json() : json(keep.count())},
          {"source", listed.is_default ? "server" : "tenant"}};
}

Result<bool> flag(const json& body, const char* name) {
  const auto found = body.find(name);
  if (found == body.end() || found->is_null()) return false;
  if (found->is_boolean()) return found->get<bool>();
  return invalid_argument("field '" + std::string(name) + "' must be true or false, not " +
                          quote(found->dump(-1, ' ', true, json::error_handler_t::replace)));
}

Result<RetentionRule> read_rule(const JsonBody& body) {
  MW_TRY(body.allow_only(
      {"device_identifier", "path", "metric_identifier", "waveforms_only", "keep"}));
  MW_ASSIGN(const auto device, body.optional_text("device_identifier"));
  MW_ASSIGN(const auto path, body.optional_text("path"));
  MW_ASSIGN(const auto metric, body.optional_text("metric_identifier"));
  MW_ASSIGN(const bool waveforms_only, flag(body.object(), "waveforms_only"));
  MW_ASSIGN(const std::string keep_text, body.text("keep"));
  MW_ASSIGN(RetentionScope scope, retention::parse_scope(device, path, metric, waveforms_only));
  MW_ASSIGN(const std::chrono::hours keep, retention::parse_keep(keep_text));
  return RetentionRule{std::move(scope), keep};
}

/// The scope that the query's parameters name.
Result<RetentionScope> read_scope(const Request& request, bool may_have_keep) {
  for (const auto& [name, value] : request.query) {
    const bool is_known = name == "device_identifier" || name == "path" ||
                          name == "metric_identifier" || name == "waveforms_only" ||
                          (may_have_keep && name == "keep");
    if (!is_known) {
      return invalid_argument("query parameter " + quote(name) +
                              " is unknown; known are device_identifier, path, metric_identifier, "
                              "waveforms_only" +
                              (may_have_keep ? " and keep" : ""));
    }
  }
  MW_ASSIGN(const auto device, request.parameter("device_identifier"));
  MW_ASSIGN(const auto path, request.parameter("path"));
  MW_ASSIGN(const auto metric, request.parameter("metric_identifier"));
  MW_ASSIGN(const auto waveforms_only, request.parameter("waveforms_only"));
  if (waveforms_only && *waveforms_only != "true" && *waveforms_only != "false") {
    return invalid_argument("query parameter 'waveforms_only' is " + quote(*waveforms_only) +
                            "; write true or false");
  }
  return retention::parse_scope(device, path, metric, waveforms_only == "true");
}

/// A rule that the query supposes; missing without parameters.
Result<std::optional<RetentionRule>> read_supposed(const Request& request) {
  MW_ASSIGN(RetentionScope scope, read_scope(request, true));
  MW_ASSIGN(const auto keep_text, request.parameter("keep"));
  if (!keep_text) {
    if (request.query.empty()) return std::optional<RetentionRule>();
    return invalid_argument(
        "query parameter 'keep' is missing; add how long that scope would be kept, or leave the "
        "others out");
  }
  MW_ASSIGN(const std::chrono::hours keep, retention::parse_keep(*keep_text));
  return std::optional(RetentionRule{std::move(scope), keep});
}

json to_json(const Expirable& found) {
  const auto time = [&](std::int64_t us) {
    return found.samples == 0 ? json() : json(format_utc(from_us(us)));
  };
  return {{"samples", found.samples},
          {"bytes", found.bytes},
          {"first", time(found.first_us)},
          {"last", time(found.last_us)}};
}

}  // namespace

void add_retention_resources(Router& router, const Authentication& authentication,
                             RetentionService& retention) {
  const std::string rules = "/api/v1/tenants/{tenant}/retention";
  router.add("GET", rules, answer_with([&](const Request& request) -> Result<Response> {
               MW_ASSIGN(const Principal principal, authentication.require(request));
               MW_ASSIGN(const TenantId tenant, tenant_param(request));
               MW_ASSIGN(const auto listed, retention.rules(principal, tenant));
               json shown = json::array();
               for (const auto& each : listed) shown.push_back(to_json(each));
               return success(std::to_string(shown.size()) + " rules", {{"rules", shown}});
             }));
  router.add("PUT", rules, answer_with([&](const Request& request) -> Result<Response> {
               MW_ASSIGN(const Principal principal, authentication.require(request));
               MW_ASSIGN(const TenantId tenant, tenant_param(request));
               MW_TRY(require_tenant(principal, tenant));
               MW_TRY(require_administer(principal));
               MW_ASSIGN(const JsonBody body, JsonBody::read(request));
               MW_ASSIGN(const RetentionRule rule, read_rule(body));
               MW_TRY(retention.put(principal, tenant, rule));
               return success("the rule is set", {{"rule", to_json({rule, false})}});
             }));
  router.add("DELETE", rules, answer_with([&](const Request& request) -> Result<Response> {
               MW_ASSIGN(const Principal principal, authentication.require(request));
               MW_ASSIGN(const TenantId tenant, tenant_param(request));
               MW_TRY(require_tenant(principal, tenant));
               MW_TRY(require_administer(principal));
               MW_ASSIGN(const RetentionScope scope, read_scope(request, false));
               MW_TRY(retention.remove(principal, tenant, scope));
               return success("the rule is removed");
             }));
  router.add("GET", rules + "/preview",
             answer_with([&](const Request& request) -> Result<Response> {
               MW_ASSIGN(const Principal principal, authentication.require(request));
               MW_ASSIGN(const TenantId tenant, tenant_param(request));
               MW_TRY(require_tenant(principal, tenant));
               MW_TRY(require_manage(principal));
               MW_ASSIGN(const auto supposed, read_supposed(request));
               MW_ASSIGN(const Expirable found, retention.preview(principal, tenant, supposed));
               return success(preview_words(found), to_json(found));
             }));
}

}  // namespace millwright::http
