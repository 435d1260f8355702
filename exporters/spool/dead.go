// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package spool

import (
	"encoding/json"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// deadLetters is a file for requests that a collector refuses for good, one JSON object a
// line, for somebody to look at. It is bounded: the file before it is kept, and no more.
type deadLetters struct {
	dir string
	max int64

	mu sync.Mutex
}

const deadLetterFile = "dead-letters.jsonl"

// letter is a line of the file.
type letter struct {
	Timestamp time.Time `json:"timestamp"`
	Signal    Signal    `json:"signal"`
	Items     int       `json:"items"`
	Reason    string    `json:"reason"`
	Gzip      bool      `json:"gzip"`
	Request   []byte    `json:"request"` // OTLP in protobuf, in base64.
}

// bury appends a request. What cannot be written is counted by the caller all the same.
func (d *deadLetters) bury(signal Signal, r request, reason string) {
	if d.dir == "" {
		return
	}
	text, err := json.Marshal(letter{time.Now().UTC(), signal, r.items, reason, r.gzipped, r.payload})
	if err != nil {
		return
	}
	text = append(text, '\n')
	d.mu.Lock()
	defer d.mu.Unlock()
	path := filepath.Join(d.dir, deadLetterFile)
	if info, err := os.Stat(path); err == nil && info.Size()+int64(len(text)) > d.max {
		_ = os.Rename(path, path+".1")
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return
	}
	_, _ = f.Write(text) // One write: two processes may share the file.
	_ = f.Close()
}
