# SPDX-License-Identifier: Apache-2.0
# astrolabe_module(NAME [SOURCES ...] DEPENDS ... [LIBRARIES ...])
#   one folder of src/astrolabe as a static library. DEPENDS names other modules: it is the link line and what
#   tools/check_layers reads. LIBRARIES names what comes from outside.
# astrolabe_test(NAME SOURCES ... DEPENDS ... [LABELS ...] [TIMEOUT seconds])
#   one GoogleTest program; every test in it carries the labels (kinds: unit, contract, error, property, ...).

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)

find_package(Threads REQUIRED)
find_package(fmt REQUIRED)  # every folder: text

add_library(astrolabe_options INTERFACE)
# g++ fuses multiply and add even under -std=c++20; results must not depend on the compiler's mood.
# -fPIC for programs too, never -fPIE: libraries, plug-ins and tests share one precompiled header.
# -Wno-restrict: g++ 12 warns wrongly about std::string operator+ (GCC bug 105651).
target_compile_options(astrolabe_options INTERFACE
  -fPIC -ffp-contract=off -Wall -Wextra -Wpedantic -Wshadow -Werror $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>)
target_include_directories(astrolabe_options INTERFACE ${CMAKE_SOURCE_DIR}/src)
target_link_libraries(astrolabe_options INTERFACE Threads::Threads fmt::fmt)
if(ASTROLABE_SANITIZE)
  target_compile_options(astrolabe_options INTERFACE -fsanitize=${ASTROLABE_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer -g1)
  target_link_options(astrolabe_options INTERFACE -fsanitize=${ASTROLABE_SANITIZE})
endif()
# How many times its usual limit a test may take; what tests themselves wait for is in tests/support/patience.h.
set(astrolabe_patience 1)
if(ASTROLABE_SANITIZE)
  set(astrolabe_patience 20)
endif()
if(ASTROLABE_FUZZ)
  # clang sees that libstdc++ 12 uses its own deprecated parts.
  target_compile_options(astrolabe_options INTERFACE -fsanitize=fuzzer-no-link,address -g1 -Wno-deprecated-declarations)
  target_link_options(astrolabe_options INTERFACE -fsanitize=address)
endif()

# Precompiled headers: what most sources include anyway; of tests, GoogleTest too, which takes longer to read than
# most of them.
function(astrolabe_add_pch NAME)
  if(ASTROLABE_PCH)
    add_library(${NAME} OBJECT ${CMAKE_SOURCE_DIR}/cmake/precompiled.cpp)
    target_link_libraries(${NAME} PUBLIC astrolabe_options)
    target_precompile_headers(${NAME} PRIVATE
      <algorithm> <array> <cmath> <cstdint> <filesystem> <functional> <map> <memory> <optional> <span> <string>
      <string_view> <unordered_map> <variant> <vector> <fmt/format.h> ${ARGN})
  endif()
endfunction()
astrolabe_add_pch(astrolabe_pch)

function(astrolabe_apply_pch target)
  if(ASTROLABE_PCH)
    target_precompile_headers(${target} REUSE_FROM astrolabe_pch)
  endif()
endfunction()

# How tests are compiled: -O1, because most of them run for milliseconds and g++ takes a third less time for it.
function(astrolabe_compile_as_test target)
  target_compile_options(${target} PRIVATE $<$<CONFIG:Release>:-O1>)
  if(ASTROLABE_PCH)
    target_precompile_headers(${target} REUSE_FROM astrolabe_test_pch)
  endif()
endfunction()

function(astrolabe_module NAME)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPENDS;LIBRARIES" ${ARGN})
  set(target astrolabe_${NAME})
  list(TRANSFORM ARG_DEPENDS PREPEND astrolabe_)
  if(ARG_SOURCES)
    add_library(${target} STATIC ${ARG_SOURCES})
    target_link_libraries(${target} PUBLIC astrolabe_options ${ARG_DEPENDS} PRIVATE ${ARG_LIBRARIES})
    astrolabe_apply_pch(${target})
  else()
    add_library(${target} INTERFACE)
    target_link_libraries(${target} INTERFACE astrolabe_options ${ARG_DEPENDS} ${ARG_LIBRARIES})
  endif()
endfunction()

function(astrolabe_test NAME)
  cmake_parse_arguments(ARG "" "TIMEOUT" "SOURCES;DEPENDS;LABELS;LIBRARIES" ${ARGN})
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 300)
  endif()
  math(EXPR timeout "${ARG_TIMEOUT} * ${astrolabe_patience}")
  set(target test_${NAME})
  list(TRANSFORM ARG_DEPENDS PREPEND astrolabe_)
  add_executable(${target} ${ARG_SOURCES})
  target_link_libraries(${target} PRIVATE ${ARG_DEPENDS} astrolabe_options GTest::gtest_main ${ARG_LIBRARIES})
  target_include_directories(${target} PRIVATE ${CMAKE_SOURCE_DIR})
  astrolabe_compile_as_test(${target})
  gtest_discover_tests(${target} TEST_PREFIX "${NAME}." DISCOVERY_TIMEOUT 60 PROPERTIES LABELS "${ARG_LABELS}" TIMEOUT ${timeout})
endfunction()
