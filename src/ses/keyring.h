// Keyring: the master key, and the sealing of what is kept secret in the database (secret access keys,
// private DKIM keys) with AES-256-GCM. A sealed text is bound to its context ("access-key:AKIA…"), so that it
// opens only where it was put, and names the key it was sealed with, so that keys can be changed: the file
// holds one base64 key a line, the first seals, all of them open. Any thread, while the key is being changed
// too; holds its keys until it ends and then wipes them.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace ses {

struct KeyringError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

class Keyring {
 public:
  // Makes a new key in a new file of mode 0600, synced. Throws KeyringError; never overwrites.
  static Keyring create(const std::string& path);
  // Throws KeyringError where the file is missing, readable by others than its owner, or holds no keys.
  static Keyring open(const std::string& path);
  // A key that lives and dies with the process (dev).
  static Keyring ephemeral();

  Keyring(Keyring&&) noexcept;
  Keyring& operator=(Keyring&&) noexcept;
  ~Keyring();

  std::string seal(std::string_view plain, std::string_view context) const;
  // nullopt where it was changed, cut, sealed in another context or with a key that is not here.
  std::optional<std::string> open(std::string_view sealed, std::string_view context) const;

  // Changing the master key (ses/reseal.h). begin_change() makes a new key, which seals from now on, and puts
  // it into the file before the old ones; end_change() takes the old ones out of the file and of memory,
  // unless they are to be kept for older backups. The file is replaced whole, so that one that was stopped
  // anywhere in between opens everything. KeyringError where the file cannot be written: nothing is changed
  // then.
  void begin_change();
  void end_change(bool keep_old);
  // True where the newest key did not seal it.
  bool is_old(std::string_view sealed) const;
  // True where a key that is here sealed it, by its first kPrefixBytes bytes.
  bool knows(std::string_view sealed) const;
  static constexpr std::size_t kPrefixBytes = 5;

 private:
  struct Key;
  struct State;
  using Keys = std::vector<std::shared_ptr<const Key>>;
  Keyring(Keys keys, std::string path);
  static Keys read(const std::string& path);
  std::shared_ptr<const Keys> keys() const;
  void replace(Keys keys);  // in the file, if there is one, and then here

  std::unique_ptr<State> state_;
};

// Overwrites the text with zeros before it is let go of.
void wipe(std::string& secret);

}  // namespace ses
