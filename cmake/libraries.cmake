# Debian's libraries; each is used by the rooms that name it (see docs/decisions/0002-libraries.md).
find_package(Threads REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(GTest REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(IDN2 REQUIRED IMPORTED_TARGET libidn2)
pkg_check_modules(PSL REQUIRED IMPORTED_TARGET libpsl)
find_library(UNBOUND_LIBRARY unbound REQUIRED)  # its .pc names libevent, which nothing here needs
pkg_check_modules(FMT REQUIRED IMPORTED_TARGET fmt)
find_library(SIMDJSON_LIBRARY simdjson REQUIRED)
find_library(BOOST_JSON_LIBRARY NAMES boost_json libboost_json.so.1.81.0 REQUIRED)
