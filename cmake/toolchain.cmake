# Compiler flags, warnings as errors, ccache and mold where present.
find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()

add_compile_options(-Wall -Wextra -Werror -Wnon-virtual-dtor -Woverloaded-virtual)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  add_compile_options(-fcoroutines)
endif()

find_program(MOLD mold)
if(MOLD)
  add_link_options(-fuse-ld=mold)
endif()

set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")
set(CMAKE_CXX_FLAGS_DEBUG "-O1 -g1 -fno-omit-frame-pointer")

if(SESAME_SANITIZE MATCHES address)
  # Three times as fast to compile as -O1, which is most of what these tests take.
  set(CMAKE_CXX_FLAGS_DEBUG "-O0 -g1 -fno-omit-frame-pointer")
endif()
if(SESAME_SANITIZE)
  add_compile_options(-fsanitize=${SESAME_SANITIZE} -fno-sanitize-recover=all)
  # g++ 12 sees values that are not set behind the sanitizers' own checks (GCC bug 105562).
  add_compile_options($<$<COMPILE_LANG_AND_ID:CXX,GNU>:-Wno-maybe-uninitialized>)
  add_link_options(-fsanitize=${SESAME_SANITIZE})
endif()
if(SESAME_FUZZ)
  # clang 14 cannot put the check of indirect calls before a coroutine (LLVM issue 49689).
  add_compile_options(-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize=function -fno-sanitize-recover=all)
  add_link_options(-fsanitize=address,undefined)
endif()
