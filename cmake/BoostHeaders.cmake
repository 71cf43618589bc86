# Header-only Boost 1.81 (Asio, Beast). Debian's default Boost is 1.74 and too old: where 1.74 is
# installed, unpack libboost1.81-dev into a prefix and pass -DMILLWRIGHT_BOOST_PREFIX=that/prefix.
set(MILLWRIGHT_BOOST_PREFIX "" CACHE PATH "Folder that holds usr/include/boost of Boost 1.81")
find_path(BOOST_INCLUDE_DIR boost/asio/any_completion_handler.hpp
  HINTS "${MILLWRIGHT_BOOST_PREFIX}/usr/include" REQUIRED)
add_library(boost_headers INTERFACE)
target_include_directories(boost_headers SYSTEM INTERFACE "${BOOST_INCLUDE_DIR}")
target_compile_definitions(boost_headers INTERFACE
  BOOST_ASIO_NO_DEPRECATED BOOST_ASIO_DISABLE_BOOST_COROUTINE)
target_link_libraries(boost_headers INTERFACE Threads::Threads)
