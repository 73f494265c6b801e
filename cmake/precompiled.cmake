# A few precompiled headers serve everything. Of the standard library: without exceptions (the data
# path), the same with JSON (the folders that talk to people), with exceptions and JSON (the folders
# at the border), and with GoogleTest (units, and all other tests).
# Where most files of a folder read the same of our own headers, these are precompiled on top, by the
# folder's own (gg_precompile_own): that is 2 s of each file of gate/.
# GG_PCH=OFF builds without them, which shows a missing #include.
set(standard_headers
  <algorithm> <array> <bit> <charconv> <chrono> <concepts> <coroutine> <cstddef> <cstdint>
  <cstring> <expected> <map> <memory> <optional> <span> <string> <string_view> <tuple>
  <type_traits> <unordered_map> <utility> <variant> <vector>)

function(gg_add_precompiled kind)
  cmake_parse_arguments(ARG "" "" "LIBRARIES;HEADERS" ${ARGN})
  set(carrier ${CMAKE_BINARY_DIR}/precompiled/${kind}.cc)
  if(NOT EXISTS ${carrier})
    file(WRITE ${carrier} "// Carries a precompiled header.\n")
  endif()
  add_library(gg_precompiled_${kind} OBJECT EXCLUDE_FROM_ALL ${carrier})
  target_link_libraries(gg_precompiled_${kind} PRIVATE gg_options ${ARG_LIBRARIES})
  target_compile_options(gg_precompiled_${kind} PRIVATE ${options_${kind}})
  target_precompile_headers(gg_precompiled_${kind} PRIVATE ${ARG_HEADERS})
endfunction()

# What is never in a request's way is compiled in a third less time where nobody measures it.
set(quickly $<$<CONFIG:Debug>:-O0>)
set(options_plain -fno-exceptions)
set(options_talking -fno-exceptions ${quickly})
set(options_throwing ${quickly})
set(options_units ${quickly})
set(options_tests)

set(headers_plain ${standard_headers})
set(headers_talking ${standard_headers} <nlohmann/json.hpp>)
set(headers_throwing ${headers_talking})
set(headers_units ${standard_headers} <gtest/gtest.h>)
set(headers_tests ${headers_units})

if(GG_PCH)
  gg_add_precompiled(plain HEADERS ${headers_plain})
  gg_add_precompiled(talking LIBRARIES nlohmann_json::nlohmann_json
    HEADERS ${headers_talking})
  gg_add_precompiled(throwing LIBRARIES nlohmann_json::nlohmann_json
    HEADERS ${headers_throwing})
  gg_add_precompiled(units LIBRARIES GTest::gtest HEADERS ${headers_units})
  gg_add_precompiled(tests LIBRARIES GTest::gtest HEADERS ${headers_tests})
endif()

# Compiles `target` as its kind is compiled: "plain", "talking", "throwing", "units" or "tests".
function(gg_precompile target kind)
  target_compile_options(${target} PRIVATE ${options_${kind}})
  if(GG_PCH)
    target_precompile_headers(${target} REUSE_FROM gg_precompiled_${kind})
  endif()
endfunction()

# Compiles `target` with a precompiled header of its own: its kind's and `headers`, below src/ or tests/.
function(gg_precompile_own target kind)
  target_compile_options(${target} PRIVATE ${options_${kind}})
  if(GG_PCH)
    target_precompile_headers(${target} PRIVATE ${headers_${kind}} ${ARGN})
  endif()
endfunction()
