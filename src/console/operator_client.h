// The client's side of the operator's socket, for the subcommands of the binary. Blocking; main thread.
#pragma once

#include <string>
#include <vector>

namespace console {

// Asks the server that runs on the data folder, prints its answer (as JSON if asked) on standard output, or
// what went wrong on standard error. The exit code: 0, 1 when the server refused, 3 when no server answers
// there.
int ask_operator(const std::string& data_folder, const std::string& command,
                 const std::vector<std::string>& words, bool json);

// `--file PATH` becomes `--document TEXT`: the server reads no files for those who ask. Throws
// std::runtime_error where the file cannot be read or is larger than any policy.
std::vector<std::string> with_documents(const std::vector<std::string>& words);

}  // namespace console
