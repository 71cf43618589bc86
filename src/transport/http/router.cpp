#include "transport/http/router.h"

#include <algorithm>

namespace millwright::http {
namespace {

std::vector<std::string> split(std::string_view path) {
  std::vector<std::string> segments;
  if (path == "/") return segments;
  path.remove_prefix(1);
  while (true) {
    const auto slash = path.find('/');
    segments.emplace_back(path.substr(0, slash));
    if (slash == std::string_view::npos) return segments;
    path.remove_prefix(slash + 1);
  }
}

bool is_name(const std::string& segment) { return segment.front() == '{'; }

bool fits(const std::vector<std::string>& pattern, const std::vector<std::string>& path) {
  if (pattern.size() != path.size()) return false;
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (!is_name(pattern[i]) && pattern[i] != path[i]) return false;
  }
  return true;
}

/// Whether `a` is literal at the first place where the two differ in kind.
bool is_more_literal(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (is_name(a[i]) != is_name(b[i])) return is_name(b[i]);
  }
  return false;
}

}  // namespace

void Router::add(std::string_view method, std::string_view pattern, Handler handler) {
  routes_.push_back(
      {std::string(method), std::string(pattern), split(pattern), std::move(handler)});
}

Router::Match Router::match(std::string_view method, std::string_view path) const {
  const std::vector<std::string> segments = split(path);
  const std::vector<std::string>* best = nullptr;
  for (const Route& route : routes_) {
    if (!fits(route.segments, segments)) continue;
    if (!best || is_more_literal(route.segments, *best)) best = &route.segments;
  }
  Match match;
  const std::string_view wanted = method == "HEAD" ? std::string_view("GET") : method;
  if (!best) {
    if (fallback_) {
      match.allow = "GET, HEAD, OPTIONS";
      match.pattern = "fallback";
      if (wanted == "GET") match.handler = &fallback_;
    }
    return match;
  }
  for (const Route& route : routes_) {
    if (route.segments != *best) continue;
    match.allow += (match.allow.empty() ? "" : ", ") + route.method;
    if (route.method == "GET") match.allow += ", HEAD";
    match.pattern = route.pattern;
    if (route.method == wanted) match.handler = &route.handler;
  }
  match.allow += ", OPTIONS";
  for (std::size_t i = 0; i < segments.size(); ++i) {
    const std::string& part = (*best)[i];
    if (is_name(part)) match.params[part.substr(1, part.size() - 2)] = segments[i];
  }
  return match;
}

}  // namespace millwright::http
