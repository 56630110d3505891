#include "store/store.h"

#include <gmock/gmock.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <latch>

#include "base/run_task.h"
#include "store/body_file.h"
#include "store/dialect.h"

namespace store {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;

using ::testing::ThrowsMessage;

const std::vector<std::string> kSchema = {
    "CREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT UNIQUE, body BLOB)",
    "CREATE TABLE mark (id INTEGER PRIMARY KEY, item INTEGER REFERENCES item (id))",
};

class StoreTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto pattern = (std::filesystem::temp_directory_path() / "store-test-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    root_ = pattern;
    folder_ = root_ + "/data";
  }
  void TearDown() override { std::filesystem::remove_all(root_); }

  std::unique_ptr<Store> open(std::vector<std::string> schema = kSchema, std::size_t max_group = 512) {
    // However slow the machine, a group is as large as it can be.
    return Store::open(
        {.folder = folder_, .durable = false, .max_group = max_group, .group_time = std::chrono::hours(1)},
        schema);
  }

  std::string root_, folder_;
};

void add(Db& db, std::string_view name) {
  db.query("INSERT INTO item (name) VALUES (:name)").text(":name", name).run();
}

std::int64_t count(Store& store) {
  std::int64_t n = -1;
  store.read_now([&n](Db& db) {
    auto query = db.query("SELECT count(*) FROM item");
    if (query.next()) n = query.get_integer(0);
  });
  return n;
}

std::function<void(Db&)> adding(std::string name) {
  return [name = std::move(name)](Db& db) { add(db, name); };
}

struct Tally {
  int done = 0, failed = 0;
  int finished() const { return done + failed; }
};

base::Task<void> write_and_count(Store* store, std::function<void(Db&)> work, Tally* tally) {
  try {
    auto task = store->write(std::move(work));
    co_await task;
    ++tally->done;
  } catch (const std::exception&) {
    ++tally->failed;
  }
}

// All of `works` are queued while the writer is busy with another group, so that they are the next one.
Tally write_all(Store& store, const std::vector<std::function<void(Db&)>>& works) {
  base::ManualExecutor executor;
  Tally tally;
  std::latch busy{1}, gate{1};
  Tally gate_tally;
  {
    base::Executor::Scope scope(&executor);
    auto hold = [&busy, &gate](Db&) {
      busy.count_down();
      gate.wait();
    };
    base::spawn(write_and_count(&store, hold, &gate_tally));
    busy.wait();
    for (const auto& work : works) base::spawn(write_and_count(&store, work, &tally));
  }
  gate.count_down();
  executor.run_until(
      [&] { return tally.finished() + gate_tally.finished() == static_cast<int>(works.size()) + 1; });
  return tally;
}

TEST_F(StoreTest, WritesAreReadBackAndSurviveReopening) {
  {
    auto store = open();
    auto id = base::run_task(store->write_value([](Db& db) {
      add(db, "one");
      return db.last_insert_id();
    }));
    EXPECT_EQ(id, 1);
    auto name = base::run_task(store->read_value([](Db& db) {
      auto query = db.query("SELECT name, body FROM item WHERE id = :id");
      query.integer(":id", 1);
      EXPECT_TRUE(query.next());
      EXPECT_TRUE(query.is_null(1));
      return query.get_string(0);
    }));
    EXPECT_EQ(name, "one");
  }
  auto store = open();
  EXPECT_EQ(count(*store), 1);
}

TEST_F(StoreTest, BindsAndReadsEveryType) {
  auto store = open();
  store->write_now([](Db& db) {
    auto query = db.query("SELECT :t, :b, :i, :r, :n, :o, :e");
    std::string blob("a\0b", 3);
    query.text(":t", "text").blob(":b", blob).integer(":i", -7).real(":r", 1.5).null(":n");
    query.text_or_null(":o", std::nullopt).text(":e", std::string_view());
    ASSERT_TRUE(query.next());
    EXPECT_EQ(query.get_text(0), "text");
    EXPECT_EQ(query.get_text(1), blob);
    EXPECT_EQ(query.get_integer(2), -7);
    EXPECT_EQ(query.get_real(3), 1.5);
    EXPECT_TRUE(query.is_null(4));
    EXPECT_EQ(query.get_optional(5), std::nullopt);
    EXPECT_FALSE(query.is_null(6));
    EXPECT_EQ(query.get_optional(6), "");
    EXPECT_FALSE(query.next());
  });
}

TEST_F(StoreTest, AStatementCanBeUsedWhileItIsBeingRead) {
  auto store = open();
  store->write_now([](Db& db) {
    add(db, "a");
    add(db, "b");
    int seen = 0;
    const char* all = "SELECT id FROM item";
    auto outer = db.query(all);
    while (outer.next()) {
      auto inner = db.query(all);
      while (inner.next()) ++seen;
    }
    EXPECT_EQ(seen, 4);
    auto again = db.query(all);
    EXPECT_TRUE(again.next());
  });
}

TEST_F(StoreTest, AnUnknownParameterIsAnError) {
  auto store = open();
  EXPECT_THROW(store->write_now([](Db& db) { db.query("SELECT :a").integer(":b", 1); }), DbError);
}

TEST_F(StoreTest, AThousandWritesTakeFewCommits) {
  auto store = open();
  std::vector<std::function<void(Db&)>> works;
  for (int i = 0; i < 1000; ++i) works.push_back(adding(std::to_string(i)));
  auto tally = write_all(*store, works);
  EXPECT_EQ(tally.done, 1000);
  EXPECT_EQ(count(*store), 1000);
  EXPECT_LT(store->counters().commits, 50u);
  EXPECT_EQ(store->counters().writes, 1001u);
}

TEST_F(StoreTest, OneFailingWriteOfAGroupLeavesTheOthers) {
  auto store = open();
  std::vector<std::function<void(Db&)>> works;
  for (int i = 0; i < 20; ++i) works.push_back(adding(std::to_string(i)));
  works.insert(works.begin() + 7, [](Db& db) {
    add(db, "half");
    throw std::runtime_error("refused");
  });
  works.push_back(adding("3"));  // taken by then
  auto tally = write_all(*store, works);
  EXPECT_EQ(tally.done, 20);
  EXPECT_EQ(tally.failed, 2);
  EXPECT_EQ(count(*store), 20);
  EXPECT_EQ(store->counters().failed_writes, 2u);
}

TEST_F(StoreTest, AFailureReachesItsWaiterAsItWasThrown) {
  auto store = open();
  store->write_now(adding("x"));
  try {
    store->write_now(adding("x"));
    FAIL();
  } catch (const DbError& e) {
    EXPECT_TRUE(e.unique_violation());
  }
  EXPECT_THROW(store->write_now([](Db& db) { db.query("INSERT INTO mark (item) VALUES (99)").run(); }),
               DbError);  // foreign keys are on
  EXPECT_THROW(base::run_task(store->write([](Db&) { throw std::logic_error("mine"); })), std::logic_error);
  EXPECT_EQ(count(*store), 1);
}

TEST_F(StoreTest, AWriteThatEndsTheTransactionFailsAlone) {
  auto store = open();
  EXPECT_THROW(store->write_now([](Db& db) { db.execute("ROLLBACK"); }), DbError);
  store->write_now(adding("after"));
  EXPECT_EQ(count(*store), 1);
}

TEST_F(StoreTest, AFullDiskFailsTheGroupAndIsRecoveredFrom) {
  auto store = open();
  store->write_now(adding("before"));
  store->write_now([](Db& db) {
    auto query = db.query("PRAGMA page_count");
    ASSERT_TRUE(query.next());
    db.execute("PRAGMA max_page_count=" + std::to_string(query.get_integer(0) + 2));
  });
  auto big = [](Db& db) { db.query("INSERT INTO item (body) VALUES (zeroblob(1000000))").run(); };
  EXPECT_THROW(store->write_now(big), DiskFull);
  auto tally = write_all(*store, {adding("a"), big, adding("b")});
  EXPECT_EQ(tally.failed, 3);
  EXPECT_EQ(count(*store), 1);
  store->write_now([](Db& db) { db.execute("PRAGMA max_page_count=100000"); });
  tally = write_all(*store, {adding("a"), big, adding("b")});
  EXPECT_EQ(tally.done, 3);
  EXPECT_EQ(count(*store), 4);
}

TEST_F(StoreTest, AFullQueueRefuses) {
  auto store = Store::open({.folder = folder_, .durable = false, .max_group = 1, .max_queue = 4}, kSchema);
  std::vector<std::function<void(Db&)>> works(20, [](Db&) {});
  auto tally = write_all(*store, works);
  EXPECT_GE(tally.failed, 15);
  store->write_now(adding("later"));
  EXPECT_EQ(count(*store), 1);
}

TEST_F(StoreTest, ClosingFinishesWhatIsQueued) {
  auto store = open();
  base::ManualExecutor executor;
  Tally tally;
  {
    base::Executor::Scope scope(&executor);
    for (int i = 0; i < 100; ++i)
      base::spawn(write_and_count(store.get(), adding(std::to_string(i)), &tally));
  }
  store.reset();
  executor.run_ready();
  EXPECT_EQ(tally.done, 100);
  EXPECT_EQ(count(*open()), 100);
}

TEST_F(StoreTest, AReadCannotWriteAndSeesOneSnapshot) {
  auto store = open();
  store->write_now(adding("one"));
  EXPECT_THROW(store->read_now([](Db& db) { add(db, "two"); }), DbError);
  store->read_now([&](Db& db) {
    auto rows = [&db] {
      auto query = db.query("SELECT count(*) FROM item");
      query.next();
      return query.get_integer(0);
    };
    EXPECT_EQ(rows(), 1);
    store->write_now(adding("two"));
    EXPECT_EQ(rows(), 1);
  });
  EXPECT_EQ(count(*store), 2);
}

TEST_F(StoreTest, MissingStepsAreAppliedOnceAndANewerSchemaIsRefused) {
  { auto store = open({kSchema[0]}); }
  { auto store = open(kSchema); }
  { auto store = open(kSchema); }
  EXPECT_THAT([&] { open({kSchema[0]}); }, ThrowsMessage<OpenError>(HasSubstr("newer Sesame")));
}

TEST_F(StoreTest, AFailingStepLeavesTheStepsBeforeIt) {
  EXPECT_THROW(open({kSchema[0], "CREATE TABLE extra (id INTEGER); CREATE TABLE item (id INTEGER)"}),
               OpenError);
  auto store = open(kSchema);
  store->write_now([](Db& db) { db.query("INSERT INTO mark (item) VALUES (NULL)").run(); });
  EXPECT_THROW(store->write_now([](Db& db) { db.query("SELECT id FROM extra").run(); }), DbError);
}

TEST_F(StoreTest, TheFolderBelongsToOneStore) {
  auto store = open();
  EXPECT_THAT([&] { open(); }, ThrowsMessage<OpenError>(HasSubstr("in use by another Sesame (process " +
                                                                  std::to_string(::getpid()))));
  store.reset();
  EXPECT_NE(open(), nullptr);
}

TEST_F(StoreTest, FilesAreForTheOwnerOnly) {
  auto store = open();
  store->write_now(adding("x"));
  struct stat facts {};
  ASSERT_EQ(::stat(folder_.c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777, 0700u);
  for (const char* name : {"/sesame.db", "/sesame.db-wal", "/sesame.db-shm", "/sesame.lock"}) {
    ASSERT_EQ(::stat((folder_ + name).c_str(), &facts), 0) << name;
    EXPECT_EQ(facts.st_mode & 0077, 0u) << name;
  }
}

TEST_F(StoreTest, AFileThatIsNoDatabaseIsRefused) {
  std::filesystem::create_directory(folder_);
  std::string noise(5000, 'x');
  auto* file = std::fopen((folder_ + "/sesame.db").c_str(), "w");
  std::fwrite(noise.data(), 1, noise.size(), file);
  std::fclose(file);
  EXPECT_THROW(open(), OpenError);
}

TEST_F(StoreTest, StatementsAreRecordedForTheDialectTest) {
  record_statements(true);
  auto store = open();
  store->write_now(adding("x"));
  store->write_now(adding("y"));
  record_statements(false);
  EXPECT_THAT(registered_statements(), Contains("INSERT INTO item (name) VALUES (:name)").Times(1));
}

TEST(DbErrorTest, KnowsWhatAFullDiskAndAFailedSyncAre) {
  EXPECT_TRUE(DbError(SQLITE_FULL, "").disk_full());
  EXPECT_TRUE(DbError(SQLITE_IOERR_SHMSIZE, "").disk_full());
  EXPECT_TRUE(DbError(SQLITE_IOERR_WRITE, "", ENOSPC).disk_full());
  EXPECT_FALSE(DbError(SQLITE_IOERR_WRITE, "", EIO).disk_full());
  EXPECT_FALSE(DbError(SQLITE_IOERR_FSYNC, "", ENOSPC).disk_full());
  EXPECT_TRUE(DbError(SQLITE_IOERR_FSYNC, "").sync_failed());
  EXPECT_TRUE(DbError(SQLITE_IOERR_DIR_FSYNC, "").sync_failed());
  EXPECT_TRUE(DbError(SQLITE_BUSY_SNAPSHOT, "").spoils_transaction());
  EXPECT_FALSE(DbError(SQLITE_CONSTRAINT_UNIQUE, "").spoils_transaction());
}

TEST_F(StoreTest, BodyFilesAreKeptReadRemovedAndSwept) {
  std::filesystem::create_directory(folder_);
  BodyFiles files(folder_, true);
  std::string body(300000, 'b');
  files.put("one", body);
  files.put("two", "");
  files.put("three", "3");
  EXPECT_EQ(files.get("one"), body);
  EXPECT_EQ(files.get("two"), "");
  EXPECT_EQ(files.get("four"), std::nullopt);
  EXPECT_THROW(files.put("one", "again"), std::system_error);
  files.remove("two");
  files.remove("two");
  EXPECT_EQ(files.get("two"), std::nullopt);
  EXPECT_EQ(files.sweep([](const std::string& id) { return id == "one"; }), 1u);
  EXPECT_EQ(files.get("three"), std::nullopt);
  EXPECT_EQ(files.get("one"), body);
  for (const char* bad : {"", "../x", "a/b", ".", "a b"})
    EXPECT_THROW(files.get(bad), std::invalid_argument) << bad;
  EXPECT_THROW(files.put(std::string(129, 'a'), ""), std::invalid_argument);
}

}  // namespace
}  // namespace store
