# Refuses a compiler that gets coroutines wrong: builds and runs tests/compiler/ once without and
# once with optimisation. The answer is kept until the compiler or a check changes.
set(checks_folder ${CMAKE_SOURCE_DIR}/tests/compiler)
file(GLOB check_sources CONFIGURE_DEPENDS ${checks_folder}/*.cc)
set(fingerprint "${CMAKE_CXX_COMPILER} ${CMAKE_CXX_COMPILER_VERSION}")
foreach(source ${check_sources} ${checks_folder}/check.h)
  file(SHA256 ${source} hash)
  string(APPEND fingerprint " ${hash}")
endforeach()

if(NOT GG_COMPILER_CHECKED STREQUAL fingerprint)
  foreach(kind "plain;-O0;-fno-exceptions" "optimised;-O2")
    list(POP_FRONT kind name)
    list(JOIN kind " " flags)
    message(STATUS "Checking coroutines, ${name}")
    # A command, not try_run: it takes flags per run and shows what the compiler said.
    set(program ${CMAKE_BINARY_DIR}/compiler_checks_${name})
    execute_process(
      COMMAND ${CMAKE_CXX_COMPILER} -std=c++23 -w ${kind} ${check_sources} -o ${program}
      RESULT_VARIABLE compiled OUTPUT_VARIABLE said ERROR_VARIABLE said)
    if(NOT compiled EQUAL 0)
      message(FATAL_ERROR
        "${CMAKE_CXX_COMPILER} cannot compile Goodgate's coroutine checks (tests/compiler, ${flags}).\n${said}")
    endif()
    execute_process(COMMAND ${program} RESULT_VARIABLE ran OUTPUT_VARIABLE said ERROR_VARIABLE said TIMEOUT 60)
    if(NOT ran EQUAL 0)
      message(FATAL_ERROR
        "${CMAKE_CXX_COMPILER} miscompiles coroutines: the last check named below failed (${flags}: ${ran}).\n"
        "Its source is in tests/compiler. Use clang 19: cmake --preset release\n${said}")
    endif()
  endforeach()
  set(GG_COMPILER_CHECKED "${fingerprint}" CACHE INTERNAL "Compiler and checks that passed")
endif()
