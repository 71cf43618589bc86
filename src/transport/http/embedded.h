#pragma once
/// Files that the server answers from its own memory, built in by CMake. Internal.

#include <string_view>

namespace millwright::http {

extern const std::string_view k_openapi_json;
extern const std::string_view k_docs_html;
extern const std::string_view k_docs_js;
extern const std::string_view k_graphql_html;
extern const std::string_view k_graphql_js;
extern const std::string_view k_page_css;

}  // namespace millwright::http
