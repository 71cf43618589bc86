# millwright_module(NAME [DEPENDS targets...] [PRIVATE targets...] [TEST_DEPENDS targets...])
#
# One folder under src/, one target: every x.cpp in the folder belongs to the library NAME, every
# x_test.cpp to the program NAME_test, every x_bench.cpp to NAME_bench. Sub-folders are targets of
# their own. DEPENDS is the module graph; tests/architecture checks it by the includes.
#   PRIVATE       libraries that the module's headers do not show
#   TEST_DEPENDS  what only the tests need
#   ONE_PROCESS   the tests share a server that they start: one process runs them all, as one test
include(GoogleTest)

add_custom_target(unit_tests)  # every test program of ours

# One precompiled header of the standard library, shared by every target.
file(WRITE "${CMAKE_BINARY_DIR}/pch.cpp" "")
add_library(millwright_pch STATIC "${CMAKE_BINARY_DIR}/pch.cpp")
target_link_libraries(millwright_pch PRIVATE millwright_options Threads::Threads)
target_precompile_headers(millwright_pch PRIVATE
  <algorithm> <array> <atomic> <chrono> <cmath> <condition_variable> <cstdint> <deque>
  <filesystem> <functional> <map> <memory> <mutex> <optional> <set> <span> <string>
  <string_view> <thread> <unordered_map> <utility> <variant> <vector>)

function(millwright_module name)
  cmake_parse_arguments(M "ONE_PROCESS" "" "DEPENDS;PRIVATE;TEST_DEPENDS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS "*.cpp")
  set(tests ${sources})
  set(benches ${sources})
  list(FILTER sources EXCLUDE REGEX "_(test|bench)\\.cpp$")
  list(FILTER tests INCLUDE REGEX "_test\\.cpp$")
  list(FILTER benches INCLUDE REGEX "_bench\\.cpp$")

  if(sources)
    add_library(${name} STATIC ${sources})
    target_link_libraries(${name} PUBLIC ${M_DEPENDS} PRIVATE millwright_options ${M_PRIVATE})
    target_include_directories(${name} PUBLIC "${CMAKE_SOURCE_DIR}/src")
    target_precompile_headers(${name} REUSE_FROM millwright_pch)
  else()
    add_library(${name} INTERFACE)
    target_link_libraries(${name} INTERFACE ${M_DEPENDS} ${M_PRIVATE})
    target_include_directories(${name} INTERFACE "${CMAKE_SOURCE_DIR}/src")
  endif()

  if(tests)
    add_executable(${name}_test ${tests})
    target_link_libraries(${name}_test PRIVATE
      ${name} ${M_TEST_DEPENDS} millwright_options GTest::gmock GTest::gtest_main)
    target_precompile_headers(${name}_test REUSE_FROM millwright_pch)
    target_compile_definitions(${name}_test PRIVATE
      MILLWRIGHT_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
    add_dependencies(unit_tests ${name}_test)
    if(M_ONE_PROCESS)
      add_test(NAME ${name}_test COMMAND ${name}_test)
      set_tests_properties(${name}_test PROPERTIES LABELS unit TIMEOUT 600
        SKIP_REGULAR_EXPRESSION "\\[  SKIPPED \\] [0-9]+ test")
    else()
      gtest_discover_tests(${name}_test DISCOVERY_TIMEOUT 60 PROPERTIES LABELS unit TIMEOUT 300)
    endif()
  endif()

  find_package(benchmark QUIET)  # tests install it; users need not
  if(benches AND benchmark_FOUND)
    add_executable(${name}_bench EXCLUDE_FROM_ALL ${benches})
    target_link_libraries(${name}_bench PRIVATE
      ${name} ${M_TEST_DEPENDS} millwright_options benchmark::benchmark_main)
  endif()
endfunction()

# millwright_adapters(FOLDER...): adds the adapters' sub-folders that exist; deleting one removes it.
function(millwright_adapters)
  foreach(folder IN LISTS ARGN)
    if(EXISTS "${CMAKE_CURRENT_SOURCE_DIR}/${folder}/CMakeLists.txt")
      add_subdirectory(${folder})
    endif()
  endforeach()
endfunction()
