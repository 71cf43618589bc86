# Compiler settings that hold for every target of ours: warnings are errors, hardening is on.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE OFF)  # -fPIE everywhere: one precompiled header serves all
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release)
endif()
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")
set(CMAKE_CXX_FLAGS_DEBUG "-O1 -g1")

set(MILLWRIGHT_SANITIZE "" CACHE STRING "Sanitizers, as -fsanitize takes them; empty for none")

add_library(millwright_options INTERFACE)
target_include_directories(millwright_options INTERFACE "${CMAKE_SOURCE_DIR}/src")
target_compile_options(millwright_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Werror
  -Wno-tsan -fstack-protector-strong -fstack-clash-protection -fcf-protection
  -fPIE -fpch-preprocess)
target_compile_definitions(millwright_options INTERFACE
  _GLIBCXX_ASSERTIONS $<$<CONFIG:Release>:_FORTIFY_SOURCE=3>)
target_link_options(millwright_options INTERFACE -pie -Wl,-z,relro,-z,now,-z,noexecstack)

# g++ 12 sees overflows in std::string and std::variant that are not there once it inlines them
# (gcc.gnu.org bugs 105329, 105651, 105762).
target_compile_options(millwright_options INTERFACE
  $<$<CONFIG:Release>:-Wno-restrict -Wno-array-bounds -Wno-stringop-overflow -Wno-stringop-overread>)

if(MILLWRIGHT_SANITIZE)
  target_compile_options(millwright_options INTERFACE
    -fsanitize=${MILLWRIGHT_SANITIZE} -fno-omit-frame-pointer)
  target_link_options(millwright_options INTERFACE -fsanitize=${MILLWRIGHT_SANITIZE})
endif()

find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env
    CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime ${CCACHE})
endif()
find_program(MOLD mold)
if(MOLD)
  add_link_options(-fuse-ld=mold)
endif()
