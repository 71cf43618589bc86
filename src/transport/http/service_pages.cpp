#include "transport/http/api.h"
#include "transport/http/embedded.h"

// What tells about the server itself: its health, its counters, its description.
namespace millwright::http {
namespace {

Handler fixed(std::string_view text, std::string type) {
  return [text, type = std::move(type)](const Request&, const Respond& respond) {
    Response response;
    response.with("Content-Type", type).with("Cache-Control", "no-cache");
    response.body = text;
    respond(std::move(response));
  };
}

}  // namespace

void add_documentation(Router& router) {
  router.add("GET", "/api/openapi.json", fixed(k_openapi_json, "application/json"));
  router.add("GET", "/api/docs", fixed(k_docs_html, "text/html; charset=utf-8"));
  router.add("GET", "/api/docs.js", fixed(k_docs_js, "text/javascript; charset=utf-8"));
  router.add("GET", "/api/page.css", fixed(k_page_css, "text/css; charset=utf-8"));
  router.add("GET", "/api/graphql.js", fixed(k_graphql_js, "text/javascript; charset=utf-8"));
}

void add_health(Router& router, const telemetry::Telemetry& telemetry,
                std::function<Result<std::string>()> ready) {
  router.add("GET", "/healthz", [](const Request&, const Respond& respond) {
    respond(json_response(200, {{"status", "ok"}}));
  });
  router.add("GET", "/readyz",
             [ready = std::move(ready)](const Request& request, const Respond& respond) {
               const Result<std::string> state = ready();
               respond(state ? json_response(200, {{"status", "ok"}, {"store", *state}})
                             : failure(request, state.error(), 503));
             });
  router.add("GET", "/metrics", [&telemetry](const Request&, const Respond& respond) {
    Response response;
    response.with("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
    response.body = telemetry.exposition();
    respond(std::move(response));
  });
}

}  // namespace millwright::http
