# The one compiler, its warnings, and the build kinds. docs/decisions/0012-clang-19.md says why.
if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang" OR CMAKE_CXX_COMPILER_VERSION VERSION_LESS 19)
  message(FATAL_ERROR
    "Goodgate needs clang 19 or newer, this is ${CMAKE_CXX_COMPILER_ID} ${CMAKE_CXX_COMPILER_VERSION}.\n"
    "GCC 12 miscompiles coroutines. Use a preset: cmake --preset release")
endif()
include(${CMAKE_CURRENT_LIST_DIR}/compiler_checks.cmake)

option(GG_WERROR "Treat warnings as errors" OFF)
option(GG_PCH "Precompile the standard headers" ON)
set(GG_SANITIZE "" CACHE STRING "Sanitizers, comma separated: address,undefined or thread")
option(GG_FUZZ "Build the fuzz targets" OFF)

# A request runs through much code once: what -O3 inlines costs more in misses of the instruction
# cache than it saves in instructions.
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")

add_library(gg_options INTERFACE)
target_compile_options(gg_options INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wshadow $<$<COMPILE_LANGUAGE:CXX>:-Wold-style-cast>
  $<$<COMPILE_LANGUAGE:CXX>:-Wnon-virtual-dtor> -Werror=switch
  -Wno-missing-designated-field-initializers
  $<$<BOOL:${GG_WERROR}>:-Werror> $<IF:$<CONFIG:Release>,-fomit-frame-pointer,-fno-omit-frame-pointer> -pthread)
target_include_directories(gg_options INTERFACE ${CMAKE_SOURCE_DIR}/src)
target_link_options(gg_options INTERFACE -fuse-ld=lld -pthread)
if(GG_SANITIZE)
  target_compile_options(gg_options INTERFACE -fsanitize=${GG_SANITIZE} -fno-sanitize-recover=all)
  target_link_options(gg_options INTERFACE -fsanitize=${GG_SANITIZE})
endif()
if(GG_FUZZ)
  target_compile_options(gg_options INTERFACE -fsanitize=fuzzer-no-link)
endif()
if(CMAKE_BUILD_TYPE STREQUAL "Release")
  target_compile_options(gg_options INTERFACE -flto=thin)
  target_link_options(gg_options INTERFACE
    -flto=thin -Wl,--thinlto-cache-dir=${CMAKE_BINARY_DIR}/lto-cache)
endif()
