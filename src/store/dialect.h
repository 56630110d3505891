// Remembers the text of every statement that any Db prepares, so that a test can run the service and then
// read all of them in the other engine's dialect (ARCHITECTURE 3.7). Off unless asked for; any thread.
#pragma once

#include <string>
#include <vector>

namespace store {

void record_statements(bool on);
std::vector<std::string> registered_statements();  // each distinct text once, sorted

// Called by Db when it prepares a statement.
void note_statement(const char* sql);

}  // namespace store
