# cmake -DOUT=x.cc -DHEADER=folder/x.h -DNAMESPACE=specd::x -DFILES=name=path,name=path -P EmbedText.cmake
#
# Turns text files into functions `std::string_view name()` that the header declares.

file(WRITE ${OUT} "// Made by cmake/EmbedText.cmake.\n#include \"${HEADER}\"\n\nnamespace ${NAMESPACE} {\n")
string(REPLACE "," ";" pairs "${FILES}")
foreach(pair IN LISTS pairs)
  string(REGEX MATCH "^([^=]+)=(.+)$" matched "${pair}")
  file(READ ${CMAKE_MATCH_2} text)
  file(APPEND ${OUT} "std::string_view ${CMAKE_MATCH_1}() {\n  return R\"text(" "${text}" ")text\"" ";\n}\n")
endforeach()
file(APPEND ${OUT} "}  // namespace ${NAMESPACE}\n")
