# Three precompiled headers serve everything: the standard library without exceptions (the data
# path), with exceptions (the folders at the border), and with GoogleTest (tests only).
# GG_PCH=OFF builds without them, which shows a missing #include.
set(standard_headers
  <algorithm> <array> <bit> <charconv> <chrono> <concepts> <coroutine> <cstddef> <cstdint>
  <cstring> <expected> <map> <memory> <optional> <span> <string> <string_view> <tuple>
  <type_traits> <unordered_map> <utility> <variant> <vector>)

function(gg_add_precompiled kind)
  cmake_parse_arguments(ARG "" "" "OPTIONS;LIBRARIES;HEADERS" ${ARGN})
  set(carrier ${CMAKE_BINARY_DIR}/precompiled/${kind}.cc)
  if(NOT EXISTS ${carrier})
    file(WRITE ${carrier} "// Carries a precompiled header.\n")
  endif()
  add_library(gg_precompiled_${kind} OBJECT EXCLUDE_FROM_ALL ${carrier})
  target_link_libraries(gg_precompiled_${kind} PRIVATE gg_options ${ARG_LIBRARIES})
  target_compile_options(gg_precompiled_${kind} PRIVATE ${ARG_OPTIONS})
  target_precompile_headers(gg_precompiled_${kind} PRIVATE ${ARG_HEADERS})
endfunction()

if(GG_PCH)
  gg_add_precompiled(plain OPTIONS -fno-exceptions HEADERS ${standard_headers})
  gg_add_precompiled(throwing HEADERS ${standard_headers})
  gg_add_precompiled(tests LIBRARIES GTest::gtest HEADERS ${standard_headers} <gtest/gtest.h>)
endif()

# `target` must be compiled with the options that its kind of header was compiled with.
function(gg_precompile target kind)
  if(GG_PCH)
    target_precompile_headers(${target} REUSE_FROM gg_precompiled_${kind})
  endif()
endfunction()
