# Compiler, linker and warnings, the same for every target of ours.
find_program(CCACHE ccache)
if(CCACHE)
  # What is compiled the same way in two build folders, or in two clones, is compiled once.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${CMAKE_SOURCE_DIR}
      CCACHE_NOHASHDIR=true CCACHE_SLOPPINESS=pch_defines,time_macros ${CCACHE})
endif()
find_program(MOLD mold)
if(MOLD)
  add_link_options(-fuse-ld=mold)
endif()

add_library(recall_flags INTERFACE)
target_compile_options(recall_flags INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Werror)
target_include_directories(recall_flags INTERFACE ${CMAKE_SOURCE_DIR})
if(RECALL_PRECOMPILE AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  add_compile_options(-fpch-preprocess)  # for ccache
  # GCC 12 then takes what it inlines of the standard library for ours, and warns of what is not so.
  target_compile_options(recall_flags INTERFACE -Wno-array-bounds -Wno-restrict
                         -Wno-stringop-overflow -Wno-stringop-overread)
endif()
if(RECALL_MUTATIONS)
  target_compile_definitions(recall_flags INTERFACE RECALL_MUTATIONS)
endif()
if(RECALL_SANITIZE)
  add_compile_options(-fsanitize=${RECALL_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${RECALL_SANITIZE})
else()
  add_compile_options(-fstack-protector-strong)
  add_link_options(-Wl,-z,relro,-z,now)
endif()
