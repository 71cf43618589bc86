#pragma once
/// The text of schema.graphql, put into the library by the build: no file is read at run time.

#include <string_view>

namespace millwright {

std::string_view schema_sdl();

}  // namespace millwright
