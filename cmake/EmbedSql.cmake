# cmake -DDIR=schema -DOUT=schema_sql.cc -P EmbedSql.cmake
#
# Turns schema/NN-name.sql and schema/search-NN-name.sql into the lists of migrations that
# store/schema.h declares. The number in the name is the version that the file produces.
# Everything stays quoted: SQL is full of semicolons, which CMake would take for lists.

function(emit function pattern)
  file(GLOB files RELATIVE ${DIR} ${DIR}/${pattern})
  list(SORT files)
  file(APPEND ${OUT} "std::span<const sqlite::Migration> ${function}() {\n"
                     "  static constexpr sqlite::Migration kSteps[] = {\n")
  foreach(name IN LISTS files)
    string(REGEX MATCH "([0-9][0-9])-[^/]*\\.sql$" matched ${name})
    math(EXPR version "1${CMAKE_MATCH_1} - 100")
    file(READ ${DIR}/${name} text)
    file(APPEND ${OUT} "      {${version}, \"${name}\", R\"sql(" "${text}" ")sql\"},\n")
  endforeach()
  file(APPEND ${OUT} "  }" ";\n  return kSteps" ";\n}\n")
endfunction()

file(WRITE ${OUT} "// Made by cmake/EmbedSql.cmake.\n#include \"store/schema.h\"\n\n"
                  "namespace specd::store {\n")
emit(main_migrations "[0-9][0-9]-*.sql")
emit(search_migrations "search-[0-9][0-9]-*.sql")
file(APPEND ${OUT} "}  // namespace specd::store\n")
