# Writes OUT, a source with the commit that SOURCE was built from; only when that has changed. Run at each build, by
# cmake -P. COMMIT, if it is set, is believed (packagers, tarballs); else git is asked, if SOURCE itself is a checkout
# and not something that lies in another one. Nobody knows: empty. No time and no path gets in, so that the same source
# gives the same program.
set(commit "${COMMIT}")
if(commit STREQUAL "" AND EXISTS ${SOURCE}/.git)
  find_program(GIT git)
  if(GIT)
    execute_process(COMMAND ${GIT} -C ${SOURCE} rev-parse --short=12 HEAD
      OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE failed)
    execute_process(COMMAND ${GIT} -C ${SOURCE} diff --quiet HEAD -- src schema cmake CMakeLists.txt
      OUTPUT_QUIET ERROR_QUIET RESULT_VARIABLE changed)
    if(failed)
      set(commit "")
    elseif(changed)
      string(APPEND commit " with changes")
    endif()
  endif()
endif()
set(text "#include \"daemon/admin/build_info.h\"\n\nnamespace specd::admin {\n\nstd::string_view build_commit() {\n  return \"${commit}\";\n}\n\n}  // namespace specd::admin\n")
set(before "")
if(EXISTS ${OUT})
  file(READ ${OUT} before)
endif()
if(NOT text STREQUAL before)
  file(WRITE ${OUT} "${text}")
endif()
