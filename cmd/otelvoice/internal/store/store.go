// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package store keeps the spans and log records of calls in SQLite: in memory, or in a file.
//
//	Add ─▶ queue ─▶ writer ─▶ items of a session ─▶ Signals
//	                            └─▶ changed ─▶ SetCall ─▶ Calls, Turns
//
// Each signal belongs to a session. One without the attribute session.id belongs to the session of its trace. As
// long as that is not known, the trace itself stands for the session, by the ID "trace:" and the trace ID.
//
// The store is bounded by [Limits]. It forgets the sessions of which nothing came for the longest time, and counts
// what it forgot.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// The errors of the store.
var (
	// ErrClosed is returned after Close.
	ErrClosed = errors.New("the store is closed")
	// ErrUnknown is returned for a session that the store does not have.
	ErrUnknown = errors.New("no call has this ID")
	// ErrInUse is returned for a file that another process has open.
	ErrInUse = errors.New("another process uses the database")
	// ErrFull is returned by Offer while too much is to be written.
	ErrFull = errors.New("too much waits to be written")
)

// Limits bounds a store. A limit of 0 is the default.
type Limits struct {
	Sessions int           `json:"sessions"` // 20,000
	Bytes    int64         `json:"bytes"`    // Of memory or of the file: 512 MiB.
	Age      time.Duration `json:"-"`        // Since the last signal of a session: 30 days.
	// Items is how many signals of one session are kept: 500,000.
	Items int `json:"items"`
}

func (l Limits) orDefault() Limits {
	if l.Sessions <= 0 {
		l.Sessions = 20_000
	}
	if l.Bytes <= 0 {
		l.Bytes = 512 << 20
	}
	if l.Age <= 0 {
		l.Age = 30 * 24 * time.Hour
	}
	if l.Items <= 0 {
		l.Items = 500_000
	}
	return l
}

// A Store keeps signals. It is safe for concurrent use.
type Store struct {
	db     *sql.DB
	limits Limits
	writer *writer
	queue  chan task
	queued queued
	done   chan struct{} // The writer has ended.

	closing   sync.Mutex
	isClosed  bool
	adding    sync.WaitGroup
	closed    chan struct{}
	lost      counts
	watchers  watchers
	writeFail atomic.Pointer[error]
	failed    chan error
}

// Failed sends an error of the database that lost signals. Errors that follow are left out until it is received.
func (s *Store) Failed() <-chan error { return s.failed }

// The bounds of what waits to be written: batches, and bytes as [signal.Batch.Size] tells them.
const (
	maxQueue       = 256
	maxQueuedBytes = 128 << 20
)

// Open opens a store in a file, which is made if it does not exist, or in memory if path is "".
func Open(ctx context.Context, path string, limits Limits) (*Store, error) {
	db, err := open(ctx, path)
	if err != nil {
		return nil, fmt.Errorf("open the database %s: %w", path, err)
	}
	s := &Store{
		db: db, limits: limits.orDefault(), queue: make(chan task, maxQueue), done: make(chan struct{}), closed: make(chan struct{}), failed: make(chan error, 1),
	}
	s.writer = &writer{store: s, isInMemory: path == ""}
	if err := s.writer.load(ctx); err != nil {
		_ = db.Close()
		return nil, fmt.Errorf("read the database %s: %w", path, err)
	}
	go s.writer.run() //nolint:contextcheck // The writer ends with Close.
	return s, nil
}

// schemaVersion is that of the tables. A file of another version is refused.
const schemaVersion = 2

const schema = `
CREATE TABLE sessions (
	n     INTEGER PRIMARY KEY,
	id    TEXT NOT NULL UNIQUE,
	seen  INTEGER NOT NULL, -- When its last signal came, in nanoseconds since 1970.
	items INTEGER NOT NULL,
	bytes INTEGER NOT NULL
);
CREATE INDEX sessions_seen ON sessions (seen);
CREATE TABLE traces (id BLOB PRIMARY KEY, session INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX traces_session ON traces (session);
CREATE TABLE shared (n INTEGER PRIMARY KEY, data BLOB NOT NULL UNIQUE); -- Resources and scopes.
CREATE TABLE items (
	n        INTEGER PRIMARY KEY,
	session  INTEGER NOT NULL,
	is_span  INTEGER NOT NULL,
	resource INTEGER NOT NULL,
	scope    INTEGER NOT NULL,
	span     INTEGER, -- The ID of the span.
	data     BLOB NOT NULL
);
CREATE INDEX items_session ON items (session);
CREATE INDEX items_span ON items (span) WHERE span IS NOT NULL;
CREATE TABLE ids (id TEXT NOT NULL COLLATE NOCASE, session INTEGER NOT NULL, kind TEXT NOT NULL, PRIMARY KEY (id, session)) WITHOUT ROWID;
CREATE INDEX ids_session ON ids (session);
CREATE TABLE calls (
	session     INTEGER PRIMARY KEY,
	items       INTEGER NOT NULL, -- Of which the row was computed.
	start       INTEGER NOT NULL,
	is_open     INTEGER NOT NULL,
	agent       TEXT NOT NULL,
	version     TEXT NOT NULL,
	channel     TEXT NOT NULL,
	outcome     TEXT NOT NULL,
	slow        INTEGER NOT NULL,
	interrupted INTEGER NOT NULL,
	errors      INTEGER NOT NULL,
	cost        REAL,
	text        TEXT NOT NULL,
	row         BLOB NOT NULL
);
CREATE INDEX calls_start ON calls (start);
CREATE TABLE turns (
	session INTEGER NOT NULL,
	turn    INTEGER NOT NULL,
	start   INTEGER NOT NULL,
	row     BLOB NOT NULL,
	PRIMARY KEY (session, turn)
) WITHOUT ROWID;
CREATE TABLE faults (
	session INTEGER NOT NULL,
	rule    TEXT NOT NULL,
	what    TEXT NOT NULL,
	count   INTEGER NOT NULL,
	PRIMARY KEY (session, rule, what)
) WITHOUT ROWID;
`

func open(ctx context.Context, path string) (*sql.DB, error) {
	source := ":memory:"
	if path != "" {
		if err := check(path); err != nil {
			return nil, err
		}
		source = "file:" + (&url.URL{Path: path}).EscapedPath() + "?_pragma=locking_mode(exclusive)&_pragma=journal_mode(wal)&_pragma=synchronous(normal)"
	}
	db, err := sql.Open("sqlite", source)
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1) // A database in memory is one connection.
	if err := prepare(ctx, db); err != nil {
		_ = db.Close()
		var coded *sqlite.Error
		if errors.As(err, &coded) && (coded.Code()&0xff == sqlite3.SQLITE_BUSY || coded.Code()&0xff == sqlite3.SQLITE_LOCKED) {
			return nil, ErrInUse
		}
		return nil, err
	}
	return db, nil
}

// check returns an error for a path that is not a database, before SQLite writes to it.
func check(path string) error {
	const magic = "SQLite format 3\x00"
	f, err := os.Open(path) // #nosec G304 -- the user names it.
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	if info, err := f.Stat(); err != nil || info.IsDir() {
		return errors.Join(errors.New("the path is a directory"), err)
	}
	head := make([]byte, len(magic))
	if n, _ := f.Read(head); n > 0 && !strings.HasPrefix(string(head[:n]), magic) {
		return errors.New("the file is not a database of SQLite")
	}
	return nil
}

func prepare(ctx context.Context, db *sql.DB) error {
	var version int
	if err := db.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version); err != nil {
		return err
	}
	var tables int
	if err := db.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_master").Scan(&tables); err != nil {
		return err
	}
	switch {
	case version == schemaVersion:
		_, err := db.ExecContext(ctx, "BEGIN EXCLUSIVE; COMMIT") // The lock stays: see locking_mode.
		return err
	case version != 0 || tables > 0:
		return fmt.Errorf("the tables have version %d, and this program reads version %d", version, schemaVersion)
	}
	_, err := db.ExecContext(ctx, fmt.Sprintf("BEGIN; %s PRAGMA user_version = %d; COMMIT", schema, schemaVersion))
	return err
}

// Close writes what was added, and closes the store. It is idempotent.
func (s *Store) Close() error {
	s.closing.Lock()
	defer s.closing.Unlock()
	if s.isClosed {
		return nil
	}
	s.isClosed = true
	close(s.closed)
	s.adding.Wait()
	close(s.queue)
	<-s.done
	s.watchers.close()
	return s.db.Close()
}
