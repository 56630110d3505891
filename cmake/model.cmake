# sesame_model: structs and descriptor tables made from model/*.json at build time; headers are included as
# "model/sesv2_types.h" from ${CMAKE_BINARY_DIR}/generated. Beside it model_echo, the server side of the SDK
# round trips (tests/sdk/roundtrip).
find_package(Python3 3.9 REQUIRED COMPONENTS Interpreter)

set(model_generator ${CMAKE_SOURCE_DIR}/tools/generate_model.py)
set(model_output ${CMAKE_BINARY_DIR}/generated/model)
file(GLOB model_inputs CONFIGURE_DEPENDS
     ${CMAKE_SOURCE_DIR}/model/*.json ${CMAKE_SOURCE_DIR}/tools/generate/*.py)
list(APPEND model_inputs ${model_generator})
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${model_inputs})

execute_process(COMMAND ${Python3_EXECUTABLE} -B ${model_generator} ${CMAKE_SOURCE_DIR}/model ${model_output} --list
                OUTPUT_VARIABLE model_files OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
string(REPLACE "\n" ";" model_files "${model_files}")
list(TRANSFORM model_files PREPEND ${model_output}/)
add_custom_command(
  OUTPUT ${model_output}/stamp BYPRODUCTS ${model_files}
  COMMAND ${Python3_EXECUTABLE} -B ${model_generator} ${CMAKE_SOURCE_DIR}/model ${model_output}
  COMMAND ${CMAKE_COMMAND} -E touch ${model_output}/stamp
  DEPENDS ${model_inputs} COMMENT "Generating the service models" VERBATIM)
add_custom_target(generate_model DEPENDS ${model_output}/stamp)

set(model_sources ${model_files})
list(FILTER model_sources INCLUDE REGEX "\\.cc$")
set(model_objects ${model_sources})
list(FILTER model_objects INCLUDE REGEX "_objects\\.cc$|objects_index\\.cc$")
list(FILTER model_sources EXCLUDE REGEX "_objects\\.cc$|objects_index\\.cc$")
add_library(sesame_model STATIC ${model_sources})
add_dependencies(sesame_model generate_model)
target_include_directories(sesame_model PUBLIC ${CMAKE_SOURCE_DIR}/src ${CMAKE_BINARY_DIR}/generated)
target_link_libraries(sesame_model PUBLIC sesame_base)
if(NOT SESAME_SANITIZE AND NOT SESAME_FUZZ)
  target_compile_options(sesame_model PRIVATE -Os -g0)  # tables and one-line functions
endif()

# Requests and answers made by descriptor alone: for tests and fuzzers.
add_library(sesame_model_objects STATIC EXCLUDE_FROM_ALL ${model_objects})
target_link_libraries(sesame_model_objects PUBLIC sesame_model)

if(NOT SESAME_FUZZ AND EXISTS ${CMAKE_SOURCE_DIR}/tests/sdk/roundtrip/model_echo.cc)
  add_executable(model_echo EXCLUDE_FROM_ALL ${CMAKE_SOURCE_DIR}/tests/sdk/roundtrip/model_echo.cc)
  target_link_libraries(model_echo PRIVATE sesame_aws sesame_model_objects ${BOOST_JSON_LIBRARY})
  set_target_properties(model_echo PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR})
endif()

# The fuzz targets of aws/ are made after this file has run.
function(link_model_fuzzers)
  foreach(fuzzer query_fuzz json_fuzz)
    if(TARGET ${fuzzer})
      target_link_libraries(${fuzzer} PRIVATE sesame_model_objects)
    endif()
  endforeach()
endfunction()
cmake_language(DEFER CALL link_model_fuzzers)
