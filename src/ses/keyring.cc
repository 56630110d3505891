#include "ses/keyring.h"

#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <mutex>
#include <system_error>

#include "base/encoding.h"
#include "base/random.h"

namespace ses {
namespace {

// Sealed: version, key id, nonce, ciphertext, tag. The nonce is random: good for some 2^32 texts a key.
constexpr char kVersion = 1;
constexpr std::size_t kKeyBytes = 32, kIdBytes = 4, kNonceBytes = 12, kTagBytes = 16;
constexpr std::size_t kPrefix = 1 + kIdBytes;
static_assert(kPrefix == Keyring::kPrefixBytes);
constexpr std::size_t kMaxFile = 4096;
constexpr std::size_t kMaxKeys = 32;
constexpr std::size_t kMaxText = 1 << 24;

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* bytes_of(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

[[noreturn]] void fail(const std::string& what, int error) {
  throw KeyringError(what + ": " + std::generic_category().message(error));
}

class File {
 public:
  explicit File(int fd) : fd_(fd) {}
  ~File() {
    if (fd_ >= 0) ::close(fd_);
  }
  File(const File&) = delete;
  int fd() const { return fd_; }

 private:
  int fd_;
};

void sync_folder_of(const std::string& path) {
  auto slash = path.rfind('/');
  auto folder = slash == path.npos ? std::string(".") : path.substr(0, slash + 1);
  File file(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (file.fd() < 0 || ::fsync(file.fd()) != 0) fail("cannot sync the folder " + folder, errno);
}

void write_key_file(const std::string& path, const std::string& text) {
  File file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (file.fd() < 0) fail("cannot make the key file " + path, errno);
  auto n = ::write(file.fd(), text.data(), text.size());
  if (n != static_cast<ssize_t>(text.size()) || ::fsync(file.fd()) != 0) {
    int error = n >= 0 && n < static_cast<ssize_t>(text.size()) ? ENOSPC : errno;
    ::unlink(path.c_str());
    fail("cannot write the key file " + path, error);
  }
  sync_folder_of(path);
}

// The file by the path becomes this one or stays what it was, whenever the process ends.
void replace_key_file(const std::string& path, const std::string& text) {
  const auto made = path + ".new";
  ::unlink(made.c_str());  // of a change that was stopped
  write_key_file(made, text);
  if (::rename(made.c_str(), path.c_str()) != 0) {
    const int error = errno;
    ::unlink(made.c_str());
    fail("cannot replace the key file " + path, error);
  }
  sync_folder_of(path);
}

std::string read_key_file(const std::string& path) {
  File file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.fd() < 0) fail("cannot open the key file " + path, errno);
  struct stat facts {};
  if (::fstat(file.fd(), &facts) != 0) fail("cannot read the key file " + path, errno);
  if (!S_ISREG(facts.st_mode)) throw KeyringError("the key file " + path + " is not a file");
  if (facts.st_mode & 077)
    throw KeyringError("the key file " + path + " is open to others than its owner: give it mode 0600");
  std::string text(kMaxFile, '\0');
  auto n = ::read(file.fd(), text.data(), text.size());
  if (n < 0) fail("cannot read the key file " + path, errno);
  text.resize(static_cast<std::size_t>(n));
  return text;
}

struct ContextDeleter {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, ContextDeleter>;

CipherContext new_context() {
  CipherContext context(EVP_CIPHER_CTX_new());
  if (!context) throw std::bad_alloc();
  return context;
}

void check(int result) {
  if (result != 1) throw KeyringError("AES-256-GCM failed");
}

// What is authenticated but not sealed: the prefix and the context.
std::string associated(std::string_view prefix, std::string_view context) {
  std::string data(prefix);
  data += context;
  return data;
}

}  // namespace

struct Keyring::Key {
  explicit Key(const std::string& secret) {
    std::copy(secret.begin(), secret.end(), bytes.begin());
    auto text = "sesame master key id:" + secret;
    prefix = kVersion + base::sha256(text).substr(0, kIdBytes);
    wipe(text);
  }
  ~Key() { OPENSSL_cleanse(bytes.data(), bytes.size()); }
  Key(const Key&) = delete;

  std::string line() const {
    std::string_view secret(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    return base::base64_encode(secret) + "\n";
  }

  std::array<unsigned char, kKeyBytes> bytes;
  std::string prefix;
};

struct Keyring::State {
  mutable std::mutex mutex;
  std::shared_ptr<const Keys> keys;
  const std::string path;  // empty: no file
};

Keyring::Keyring(Keys keys, std::string path)
    : state_(new State{{}, std::make_shared<const Keys>(std::move(keys)), std::move(path)}) {}
Keyring::Keyring(Keyring&&) noexcept = default;
Keyring& Keyring::operator=(Keyring&&) noexcept = default;
Keyring::~Keyring() = default;

Keyring Keyring::create(const std::string& path) {
  auto secret = base::SystemRandom().bytes(kKeyBytes);
  auto text = base::base64_encode(secret) + "\n";
  wipe(secret);
  write_key_file(path, text);
  wipe(text);
  return open(path);
}

Keyring::Keys Keyring::read(const std::string& path) {
  auto text = read_key_file(path);
  Keys keys;
  for (auto line : base::split(text, '\n')) {
    line = base::trim(line);
    if (line.empty() || line.front() == '#') continue;
    auto secret = base::base64_decode(line);
    if (!secret || secret->size() != kKeyBytes) {
      wipe(text);
      throw KeyringError("the key file " + path + " has a line that is not 32 bytes of base64");
    }
    keys.push_back(std::make_shared<const Key>(*secret));
    wipe(*secret);
  }
  wipe(text);
  if (keys.empty()) throw KeyringError("the key file " + path + " holds no key");
  return keys;
}

Keyring Keyring::open(const std::string& path) {
  auto keys = read(path);
  // A link stays one when the file is replaced.
  std::error_code error;
  auto real = std::filesystem::canonical(path, error).string();
  if (error) throw KeyringError("cannot find the key file " + path + ": " + error.message());
  return Keyring(std::move(keys), std::move(real));
}

Keyring Keyring::ephemeral() {
  auto secret = base::SystemRandom().bytes(kKeyBytes);
  Keys keys = {std::make_shared<const Key>(secret)};
  wipe(secret);
  return Keyring(std::move(keys), "");
}

std::shared_ptr<const Keyring::Keys> Keyring::keys() const {
  std::lock_guard lock(state_->mutex);
  return state_->keys;
}

void Keyring::replace(Keys keys) {
  if (!state_->path.empty()) {
    std::string text;
    for (const auto& key : keys) text += key->line();
    replace_key_file(state_->path, text);
    wipe(text);
  }
  auto held = std::make_shared<const Keys>(std::move(keys));
  std::lock_guard lock(state_->mutex);
  state_->keys = std::move(held);
}

void Keyring::begin_change() {
  auto secret = base::SystemRandom().bytes(kKeyBytes);
  Keys changed = {std::make_shared<const Key>(secret)};
  wipe(secret);
  const auto before = keys();
  changed.insert(changed.end(), before->begin(), before->end());
  if (changed.size() > kMaxKeys) throw KeyringError("the key file holds too many keys: take old ones out");
  replace(std::move(changed));
}

void Keyring::end_change(bool keep_old) {
  if (keep_old) return;
  replace({keys()->front()});
}

bool Keyring::is_old(std::string_view sealed) const { return !sealed.starts_with(keys()->front()->prefix); }

bool Keyring::knows(std::string_view sealed) const {
  const auto all = keys();
  return std::ranges::any_of(*all, [&](const auto& key) { return sealed.starts_with(key->prefix); });
}

std::string Keyring::seal(std::string_view plain, std::string_view context) const {
  if (plain.size() > kMaxText) throw KeyringError("too long to seal");
  const auto all = keys();
  const Key& key = *all->front();
  auto nonce = base::SystemRandom().bytes(kNonceBytes);
  auto data = associated(key.prefix, context);
  std::string body(plain.size(), '\0');
  std::string tag(kTagBytes, '\0');
  int length = 0;

  auto cipher = new_context();
  check(EVP_EncryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, key.bytes.data(), bytes_of(nonce)));
  check(EVP_EncryptUpdate(cipher.get(), nullptr, &length, bytes_of(data), static_cast<int>(data.size())));
  check(EVP_EncryptUpdate(cipher.get(), bytes_of(body), &length, bytes_of(plain),
                          static_cast<int>(plain.size())));
  check(EVP_EncryptFinal_ex(cipher.get(), bytes_of(body) + length, &length));
  check(EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_GET_TAG, kTagBytes, tag.data()));
  return key.prefix + nonce + body + tag;
}

std::optional<std::string> Keyring::open(std::string_view sealed, std::string_view context) const {
  if (sealed.size() < kPrefix + kNonceBytes + kTagBytes || sealed.size() > kMaxText + 64) return std::nullopt;
  auto prefix = sealed.substr(0, kPrefix);
  const auto all = keys();
  auto found = std::ranges::find_if(*all, [&](const auto& key) { return key->prefix == prefix; });
  if (found == all->end()) return std::nullopt;
  auto nonce = sealed.substr(kPrefix, kNonceBytes);
  auto body = sealed.substr(kPrefix + kNonceBytes, sealed.size() - kPrefix - kNonceBytes - kTagBytes);
  std::string tag(sealed.substr(sealed.size() - kTagBytes));
  auto data = associated(prefix, context);
  std::string plain(body.size(), '\0');
  int length = 0;

  auto cipher = new_context();
  check(
      EVP_DecryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, (*found)->bytes.data(), bytes_of(nonce)));
  check(EVP_DecryptUpdate(cipher.get(), nullptr, &length, bytes_of(data), static_cast<int>(data.size())));
  check(EVP_DecryptUpdate(cipher.get(), bytes_of(plain), &length, bytes_of(body),
                          static_cast<int>(body.size())));
  check(EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG, kTagBytes, tag.data()));
  if (EVP_DecryptFinal_ex(cipher.get(), bytes_of(plain) + length, &length) != 1) {
    wipe(plain);
    return std::nullopt;
  }
  return plain;
}

void wipe(std::string& secret) {
  OPENSSL_cleanse(secret.data(), secret.size());
  secret.clear();
}

}  // namespace ses
