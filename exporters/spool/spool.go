// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package spool configures and inspects the spool, which buffers OTLP requests on disk or in
// memory until a collector accepts them.
//
// Stability: experimental; may change in a minor release.
//
// All OTLP requests pass through the spool. Each is written to it first and then sent, in the
// order of its signal, and retried until the collector accepts it, rejects it permanently, or it
// is older than [Config.MaxAge]. Losses are counted by reason, and logged when they begin and
// when they end. [Health] reports the state of each signal.
//
// # Files
//
// Processes may share a directory. A process also sends the requests that earlier processes
// left. A file (logs-….spool) holds up to 4 MiB of requests of one signal. A process locks the
// files that it has open, at most four for each signal. Its lock file (logs-….lock) shows that
// it is alive and that its closed files belong to it.
//
// Files of earlier processes are listed at startup and every 30 s, and opened one at a time,
// the oldest first. Listing ten thousand files of a signal takes about 20 ms and uses no
// descriptors. Until a file is opened, [Health] counts it as one request with one item. If there
// are more than 4,096 files, only the oldest 4,096 are counted.
//
// Only regular files of at most 68 MiB are opened; symbolic links are not followed. Files of
// other programs or of another version are not touched, and a log line names them. The
// directory itself may be a symbolic link; it is created with mode 0700, files with 0600.
//
// Each record has a checksum. A damaged record is skipped and its items are counted; the rest of
// the file is delivered.
//
// Another program may delete, rename, replace, truncate or overwrite files or the directory. A
// process notices this within one second while it writes, otherwise within 30 s, and at
// shutdown. It creates the directory again and rewrites all requests that it still holds in
// memory or in open files. The others are counted with the reason removed or damaged, and
// shutdown returns an error.
//
// Written data survives a crash of the process, but not of the machine: the spool does not call
// fsync, which would take some milliseconds for each batch.
//
// # Responses of the collector
//
// After most errors, such as a failed connection, 401, 404, 429, 502 or 503, the request is
// retried with pauses of 0.5 to 30 s. These responses are handled differently:
//
//   - 413, or gRPC's "larger than max": the request is split in halves, down to single items.
//     The spool remembers the accepted size, and tries larger requests after a minute and, each
//     time that fails, after a longer pause. A single item that is too large is dropped.
//   - 500 and other errors that the request itself may cause: after five attempts the request is
//     set aside and the next one is tried. If the collector accepts that one, the first is
//     retried at once, then after 30 s, and then with pauses that grow to 10 minutes. If it does
//     not, the collector is at fault and the order is restored.
//   - 415, or gRPC's Unimplemented, for a compressed request: this and all later requests are
//     sent without compression.
//   - 400, 422 and gRPC's InvalidArgument: the request is dropped. Flush and shutdown return an
//     error with the number of dropped items, and [Health.Delivering] is false.
//
// Dropped requests become dead letters in the file dead-letters.jsonl, together with the
// response. [DeadLetters] lists them and [ResendDeadLetters] sends them again, as does the
// command otelvoice spool. The newest 16 to 32 MiB are kept. Without a directory there are no
// dead letters.
package spool

import (
	"crypto/tls"
	"time"
)

// Signal is the kind of telemetry in a request.
type Signal string

// The signals.
const (
	Traces  Signal = "traces"
	Metrics Signal = "metrics"
	Logs    Signal = "logs"
)

// Config bounds the requests that wait for a collector. The zero Config keeps them in memory.
type Config struct {
	// Dir is the directory of the files. It is created if it does not exist. If Dir is empty,
	// requests wait in memory.
	Dir string
	// MaxBytes bounds the size of the files of each signal, both of this process and of earlier
	// ones; 0 is 256 MiB. Above it, the oldest file, of up to 4 MiB, is dropped and counted.
	// Files of earlier processes are dropped in the background when this process writes.
	MaxBytes int64
	// MaxMemory bounds the bytes that wait in memory for each signal, without a directory or
	// while writes to it fail; 0 is a 32nd of the memory that the process may use, at least 8 and
	// at most 64 MiB. From an eighth of it on, requests are compressed. When it is full, turns
	// without an error, an interruption or a slow answer are dropped, and then the oldest request.
	MaxMemory int64
	// MaxAge is the age at which a request is dropped; 0 is 24 hours.
	MaxAge time.Duration
}

// Health is the state of one signal.
type Health struct {
	Signal Signal
	// Requests is the number of waiting requests, and Items the number of spans, metric points
	// or log records in them. A file of an earlier process counts as one request with one item
	// until it is opened.
	Requests int
	Items    int
	// Aside is the number of waiting requests that are set aside, with AsideItems in them: the
	// collector fails on them and accepts others. They are retried with growing pauses until
	// they are too old.
	Aside      int
	AsideItems int
	// Disk is the size of the files in bytes, including delivered requests and the files of
	// earlier processes.
	Disk   int64
	Memory int64         // Bytes of the requests that wait in memory.
	Oldest time.Duration // Age of the oldest waiting request; 0 if none waits.
	// Sent, Retried and Dropped count since the start: accepted items, repeated attempts, and
	// lost items by reason.
	Sent    int64
	Retried int64
	Dropped map[string]int64
	// LastError is the newest failure, "" if there was none, and LastErrorAt its time. It
	// contains no headers, and of a URL only the host.
	LastError   string
	LastErrorAt time.Time
	// Delivering reports whether the collector accepted at least a part of the newest request,
	// or there was none yet. Attempts with requests that are set aside do not count while others
	// are accepted.
	Delivering bool
}

// Endpoint is the address of a collector.
type Endpoint struct {
	// URL is the URL of the signal, over HTTP with its path. A Unix socket is
	// unix:///run/otel.sock, unix:path for a relative path, or on Linux unix:@name for an
	// abstract one; over HTTP, requests then go to the signal's usual path, such as /v1/traces.
	URL string
	// GRPC selects gRPC instead of HTTP.
	GRPC bool
	// Headers are sent with each request. Errors and files do not contain them.
	Headers map[string]string
	// Timeout bounds one attempt; 0 is 10 s.
	Timeout time.Duration
	// TLS is used with https; nil is the system's configuration.
	TLS *tls.Config
	// Gzip compresses requests, until the collector rejects a compressed request and accepts it
	// uncompressed.
	Gzip bool
}
