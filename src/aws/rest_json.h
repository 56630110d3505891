// The REST-JSON protocol of v2: method and path to operation, labels, query and body to struct, struct to
// JSON, driven by the descriptors. Pure; any thread. Faults: serialization, with Amazon's texts, for a value
// of the wrong JSON type. What is no route is no fault here: route() answers nullopt. SES §4.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "aws/query.h"
#include "aws/shape.h"
#include "base/fault.h"

namespace aws {

struct Route {
  const OperationInfo* operation = nullptr;
  bool alternate = false;  // by a binding of older clients: body members may travel in the query
  std::vector<std::pair<std::string_view, std::string>> labels;  // decoded once
};

// `path` is the raw path, without the query. A trailing slash more or less does not matter.
std::optional<Route> route(std::string_view method, std::string_view path);

// Members from labels, query and body. `body` may lack simdjson's padding; leave 64 spare bytes of capacity
// to spare a copy.
void decode_json_request(const Route& route, const Form& query, std::string body, void* input);

// A JSON object alone, with the same coercions.
void decode_json(const StructInfo& info, const std::string& body, void* object);
// A large base64 string is decoded where it stands, and the blob takes over the memory of the body.
void decode_json(const StructInfo& info, std::string&& body, void* object);
template <class T>
T decode_json(const std::string& body) {
  T value;
  decode_json(describe(&value), body, &value);
  return value;
}

void append_json(std::string& out, const StructInfo& info, const void* object);
template <class T>
std::string encode_json(const T& value) {
  std::string out;
  append_json(out, describe(&value), &value);
  return out;
}

std::string encode_json_error(const base::Fault& fault);  // {"message":…}

}  // namespace aws
