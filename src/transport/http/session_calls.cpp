#include "base/log.h"
#include "transport/http/api_support.h"

namespace millwright::http {
namespace {

using nlohmann::json;

/// Who the caller is, as the web app shows it.
json session_json(const Caller& caller) {
  const Principal& principal = *caller.principal;
  json shown{{"tenant", nullptr},
             {"user", caller.demo ? json() : json(principal.name)},
             {"roles", json::array({std::string(to_string(principal.role))})},
             {"read_only", !principal.may_manage_devices()},
             {"demo", caller.demo}};
  if (principal.tenant) shown["tenant"] = principal.tenant->str();
  if (!caller.csrf_token.empty()) shown["csrf_token"] = caller.csrf_token;
  return shown;
}

Result<Response> log_in(const ApiContext& c, const Request& request) {
  MW_ASSIGN(const JsonBody body, JsonBody::read(request));
  MW_TRY(body.allow_only({"user", "password"}));
  MW_ASSIGN(const std::string user, body.text("user"));
  MW_ASSIGN(const std::string password, body.text("password"));
  auto session = c.identity.login(user, password);
  if (!session) {
    log::warning("login refused", {{"request_id", request.id}, {"remote", request.remote}});
    return session.error();
  }
  log::info("login", {{"request_id", request.id}, {"user", session->principal.name}});
  Caller caller;
  caller.principal = session->principal;
  caller.csrf_token = session->csrf_token;
  Response response = success("logged in", session_json(caller));
  response.with("Set-Cookie", c.authentication.cookie(session->id));
  return response;
}

Result<Response> log_out(const ApiContext& c, const Request& request) {
  MW_ASSIGN(const Caller caller, c.authentication.caller(request));
  if (!caller.session_id.empty()) MW_TRY(c.identity.logout(caller.session_id));
  Response response = success("logged out");
  response.with("Set-Cookie", c.authentication.cookie(""));
  response.with("Clear-Site-Data", "\"cache\", \"storage\"");
  return response;
}

Result<Response> show_session(const ApiContext& c, const Request& request) {
  MW_ASSIGN(const Caller caller, c.authentication.caller(request));
  if (!caller.principal) {
    return unauthenticated("nobody is logged in; POST /api/v1/login with user and password");
  }
  return json_response(200, session_json(caller));
}

}  // namespace

void add_session_calls(Router& router, const ApiContext& context) {
  const auto c = std::make_shared<const ApiContext>(context);
  const auto add = [&](std::string_view method, std::string_view path,
                       Result<Response> (*call)(const ApiContext&, const Request&)) {
    router.add(method, path,
               answer_with([c, call](const Request& request) { return call(*c, request); }));
  };
  add("POST", "/api/v1/login", log_in);
  add("POST", "/api/v1/logout", log_out);
  add("GET", "/api/v1/session", show_session);
}

}  // namespace millwright::http
