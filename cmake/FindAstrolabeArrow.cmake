# SPDX-License-Identifier: Apache-2.0
# Apache Arrow C++ (only src/astrolabe/data/readers uses it): targets AstrolabeArrow::arrow and
# AstrolabeArrow::parquet. First an installed Arrow package; else the copy inside the pyarrow wheel (22 or newer:
# older wheels have the old string ABI) of ASTROLABE_PYTHON, of .venv, or of python3. The wheel has no package
# file and no development links, so its versioned libraries are imported by their full path.
# ASTROLABE_ARROW_RUNTIME lists the libraries that must travel with the plug-in; empty for an installed Arrow.

set(ASTROLABE_ARROW_RUNTIME "")
find_package(Arrow CONFIG QUIET)
find_package(Parquet CONFIG QUIET)
if(Arrow_FOUND AND Parquet_FOUND)
  if(NOT TARGET AstrolabeArrow::arrow)
    add_library(AstrolabeArrow::arrow ALIAS Arrow::arrow_shared)
    add_library(AstrolabeArrow::parquet ALIAS Parquet::parquet_shared)
  endif()
  set(AstrolabeArrow_VERSION ${Arrow_VERSION})
else()
  set(candidates "${ASTROLABE_PYTHON}" "${CMAKE_SOURCE_DIR}/.venv/bin/python" python3)
  foreach(python IN LISTS candidates)
    if(python STREQUAL "")
      continue()
    endif()
    execute_process(
      COMMAND ${python} -c "import pyarrow; print(pyarrow.__version__, pyarrow.get_include(), pyarrow.get_library_dirs()[0], sep=';', end='')"
      RESULT_VARIABLE result OUTPUT_VARIABLE found ERROR_QUIET)
    if(NOT result EQUAL 0)
      continue()
    endif()
    list(GET found 0 AstrolabeArrow_VERSION)
    list(GET found 1 include_folder)
    list(GET found 2 library_folder)
    string(REGEX MATCH "^[0-9]+" major ${AstrolabeArrow_VERSION})
    set(arrow_library ${library_folder}/libarrow.so.${major}00)
    set(parquet_library ${library_folder}/libparquet.so.${major}00)
    if(major LESS 22 OR NOT EXISTS ${arrow_library} OR NOT EXISTS ${parquet_library})
      continue()
    endif()
    if(NOT TARGET AstrolabeArrow::arrow)
      foreach(name arrow parquet)
        add_library(AstrolabeArrow::${name} SHARED IMPORTED)
        set_target_properties(AstrolabeArrow::${name} PROPERTIES
          IMPORTED_LOCATION ${${name}_library}
          INTERFACE_INCLUDE_DIRECTORIES ${include_folder})
      endforeach()
      target_link_libraries(AstrolabeArrow::parquet INTERFACE AstrolabeArrow::arrow)
    endif()
    set(ASTROLABE_ARROW_RUNTIME ${arrow_library} ${parquet_library})
    break()
  endforeach()
endif()

include(FindPackageHandleStandardArgs)
if(TARGET AstrolabeArrow::arrow)
  set(AstrolabeArrow_FOUND TRUE)
endif()
find_package_handle_standard_args(AstrolabeArrow REQUIRED_VARS AstrolabeArrow_FOUND VERSION_VAR AstrolabeArrow_VERSION)
