# Compiler settings, third-party packages, and the two functions that every folder uses.

find_program(SPECD_CCACHE ccache)
if(SPECD_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${SPECD_CCACHE})
endif()
find_program(SPECD_MOLD mold)
if(SPECD_MOLD)
  add_link_options(-fuse-ld=mold)
endif()

add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wnon-virtual-dtor -Werror
                    -Wno-missing-field-initializers -fno-omit-frame-pointer -ffunction-sections -fdata-sections)
add_link_options(-Wl,--gc-sections)
if(CMAKE_CXX_COMPILER_ID MATCHES Clang)
  # The last: libstdc++ 12 calls what it has deprecated, in every std::stable_sort. g++ warns of ours.
  add_compile_options(-Wthread-safety -Wthread-safety-beta -Wno-deprecated-declarations)
else()
  # g++ 12 reports uninitialised members inside std::optional and std::variant that are never read.
  add_compile_options(-Wno-maybe-uninitialized)
endif()
if(SPECD_SANITIZE)
  add_compile_options(-fsanitize=${SPECD_SANITIZE} -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${SPECD_SANITIZE})
endif()
include_directories(${CMAKE_SOURCE_DIR}/src)
add_compile_definitions(SPECD_VERSION="${PROJECT_VERSION}")

find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)

# specd_library(NAME [COLD source...|ALL] [DEPENDS folder...] [LIBRARIES target...])
# The library of one folder of src/: all its sources, linked to the folders it may include. COLD: sources that run seldom,
# or wait for others anyway; they are made small instead of quick.
function(specd_library name)
  cmake_parse_arguments(ARG "" "" "COLD;DEPENDS;LIBRARIES" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS *.cc)
  list(FILTER sources EXCLUDE REGEX "/main\\.cc$")
  string(REPLACE "/" "_" target specd_${name})
  add_library(${target} STATIC ${sources})
  if(ARG_COLD STREQUAL ALL)
    set(ARG_COLD ${sources})
  endif()
  set_source_files_properties(${ARG_COLD} PROPERTIES COMPILE_OPTIONS $<$<CONFIG:Release>:-Os>)
  foreach(folder IN LISTS ARG_DEPENDS)
    string(REPLACE "/" "_" folder ${folder})
    target_link_libraries(${target} PUBLIC specd_${folder})
  endforeach()
  target_link_libraries(${target} PRIVATE ${ARG_LIBRARIES})
endfunction()

# specd_test(NAME [DEPENDS folder...] [LIBRARIES target...] [LABELS label...])
# One test program from all *.cc of the folder; each TEST becomes a ctest entry "NAME.Suite.Test".
# Labels: `system` tests run real processes, all others are labelled `unit`; `threads` are those worth running under
# ThreadSanitizer. The target tests-LABEL builds the programs of a label.
function(specd_test name)
  cmake_parse_arguments(ARG "" "" "DEPENDS;LIBRARIES;LABELS;PROPERTIES" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS *.cc)
  string(REPLACE "/" "_" target ${name}_tests)
  add_executable(${target} ${sources})
  foreach(folder IN LISTS ARG_DEPENDS)
    string(REPLACE "/" "_" folder ${folder})
    target_link_libraries(${target} PRIVATE specd_${folder})
  endforeach()
  target_link_libraries(${target} PRIVATE ${ARG_LIBRARIES} GTest::gmock GTest::gtest_main)
  target_include_directories(${target} PRIVATE ${CMAKE_SOURCE_DIR})
  target_compile_definitions(${target} PRIVATE SPECD_SOURCE_DIR="${CMAKE_SOURCE_DIR}"
                                               SPECD_BINARY_DIR="${CMAKE_BINARY_DIR}")
  if(NOT "system" IN_LIST ARG_LABELS)
    list(APPEND ARG_LABELS unit)
  endif()
  foreach(label IN LISTS ARG_LABELS)
    if(NOT TARGET tests-${label})
      add_custom_target(tests-${label})
    endif()
    add_dependencies(tests-${label} ${target})
  endforeach()
  list(JOIN ARG_LABELS "-" labels)  # as one: gtest_discover_tests keeps only the first of several
  gtest_discover_tests(${target} TEST_PREFIX "${name}." DISCOVERY_TIMEOUT 60
                       PROPERTIES TIMEOUT 300 LABELS "${labels}" ${ARG_PROPERTIES})
endfunction()
