#include "store/store.h"

#include <fcntl.h>
#include <unistd.h>

#include <system_error>

#include "store/folder.h"
#include "store/readers.h"
#include "store/schema.h"
#include "store/writer.h"

namespace store {
namespace {

// Made by us so that it is nobody else's to read; SQLite gives its other files the same mode.
void touch_private(const std::string& file) {
  int fd = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) throw std::system_error(errno, std::generic_category(), "cannot open " + file);
  ::close(fd);
}

void set_wal(Db& db) {
  auto query = db.query("PRAGMA journal_mode=WAL");
  if (!query.next() || query.get_text(0) != "wal")
    throw OpenError("the data folder's file system cannot hold a write-ahead log");
}

// A checkpoint every 1000 pages keeps commits short and the log small; measured against 4096 and against a
// thread of its own.
void configure(Db& db, bool durable) {
  db.execute(durable ? "PRAGMA synchronous=FULL" : "PRAGMA synchronous=OFF");
  db.execute("PRAGMA page_size=8192");
  set_wal(db);
  db.execute("PRAGMA wal_autocheckpoint=1000; PRAGMA journal_size_limit=67108864; PRAGMA cache_size=-8192");
}

}  // namespace

struct Store::Impl {
  explicit Impl(const StoreOptions& options)
      : folder(options.folder), lock(options.folder), file(options.folder + "/sesame.db") {}

  std::string folder;
  FolderLock lock;
  std::string file;
  std::unique_ptr<Db> db;
  std::unique_ptr<Writer> writer;
  std::unique_ptr<Readers> readers;  // gone first, so that the writer's connection is the last to close
};

Store::Store(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Store::~Store() = default;

std::unique_ptr<Store> Store::open(StoreOptions options, const std::vector<std::string>& schema_steps) {
  make_folder(options.folder, options.durable);
  auto impl = std::make_unique<Impl>(options);
  touch_private(impl->file);
  try {
    impl->db = std::make_unique<Db>(impl->file, false);
    configure(*impl->db, options.durable);
    apply_schema(*impl->db, schema_steps);
  } catch (const DbError& e) {
    if (e.disk_full()) throw DiskFull("the disk of the data folder " + options.folder + " is full");
    throw OpenError("cannot open " + impl->file + ": " + e.what());
  }
  impl->writer = std::make_unique<Writer>(*impl->db, options);
  impl->readers = std::make_unique<Readers>(impl->file, options.read_threads, options.max_queue);
  return std::unique_ptr<Store>(new Store(std::move(impl)));
}

base::Task<void> Store::write(std::function<void(Db&)> work) {
  Job job;
  job.work = std::move(work);
  co_await impl_->writer->queue().wait_for(&job);
  if (job.error) std::rethrow_exception(job.error);
}

base::Task<void> Store::read(std::function<void(Db&)> work) {
  Job job;
  job.work = std::move(work);
  co_await impl_->readers->queue().wait_for(&job);
  if (job.error) std::rethrow_exception(job.error);
}

void Store::write_now(std::function<void(Db&)> work) {
  impl_->writer->queue().wait_on_thread(std::move(work));
}
void Store::read_now(std::function<void(Db&)> work) {
  impl_->readers->queue().wait_on_thread(std::move(work));
}

const std::string& Store::folder() const { return impl_->folder; }
StoreCounters Store::counters() const { return impl_->writer->counters(); }

}  // namespace store
