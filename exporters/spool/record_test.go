// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package spool

import (
	"bytes"
	"errors"
	"testing"
	"time"
)

func TestRecord(t *testing.T) {
	t.Parallel()
	want := request{at: time.Unix(1, 234), items: 7, gzipped: true, payload: []byte("payload")}
	b := appendRecord([]byte("before"), want)[len("before"):]
	got, size, done, err := parseRecord(append(b, "after"...))
	if err != nil || size != len(b) || done || !got.at.Equal(want.at) || got.items != want.items || !got.gzipped || !bytes.Equal(got.payload, want.payload) {
		t.Errorf("got %+v, %d, %t, %v", got, size, done, err)
	}
	b[stateAt] = stateDone
	if _, _, done, err := parseRecord(b); err != nil || !done {
		t.Errorf("what was delivered: %t, %v", done, err)
	}
}

func TestWhatASegmentBeginsWith(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		text string
		want error
	}{
		"ours":            {string(start(Logs)), nil},
		"another signal":  {string(start(Traces)), errSignal},
		"another version": {magic + "\x09l", errVersion},
		"another file":    {"{\"json\": true}", errForeign},
		"nothing":         {"", errForeign},
		"too short":       {magic, errForeign},
	} {
		if err := checkStart([]byte(tt.text), Logs); !errors.Is(err, tt.want) {
			t.Errorf("%s: got %v, want %v", name, err, tt.want)
		}
	}
}

// FuzzScan holds that whatever is in a file, reading it ends, and that a record behind it
// is found.
func FuzzScan(f *testing.F) {
	begin := start(Logs)
	record := appendRecord(nil, request{at: time.Unix(1, 0), items: 1, payload: []byte("payload")})
	f.Add([]byte{})
	f.Add(record)
	f.Add(record[:len(record)-1])
	f.Add(append(record[:10:10], record...))
	f.Add(bytes.Repeat(marker, 50))
	f.Fuzz(func(t *testing.T, garbage []byte) {
		b := append(append(bytes.Clone(begin), garbage...), record...)
		records, damaged, _, err := scanSegment(bytes.NewReader(b), int64(len(b)), Logs, int64(fileStart))
		if err != nil || damaged < 0 {
			t.Fatalf("%d damaged, %v", damaged, err)
		}
		for _, r := range records {
			if _, size, _, err := parseRecord(b[r.offset:]); err != nil || size != r.size {
				t.Errorf("the record at %d is none: %v", r.offset, err)
			}
		}
		if len(records) == 0 || records[len(records)-1].offset != int64(len(b)-len(record)) {
			t.Errorf("the last record was not found: %v", records)
		}
	})
}

// FuzzSegment holds that whatever a file is from its first byte on, reading it ends, and what
// it returns lies in the file.
func FuzzSegment(f *testing.F) {
	record := appendRecord(start(Metrics), request{at: time.Unix(1, 0), items: 1, gzipped: true, payload: []byte("payload")})
	f.Add([]byte{})
	f.Add(start(Traces))
	f.Add(record)
	f.Add(record[1:])
	f.Add(append(bytes.Clone(record), record...))
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, signal := range []Signal{Traces, Metrics, Logs} {
			records, damaged, resume, err := scanSegment(bytes.NewReader(b), int64(len(b)), signal, int64(fileStart))
			if damaged < 0 || resume != 0 || err != nil && len(records) > 0 {
				t.Errorf("%d records, %d damaged, resume at %d, %v", len(records), damaged, resume, err)
			}
			for _, r := range records {
				if r.offset < int64(fileStart) || r.offset+int64(r.size) > int64(len(b)) {
					t.Errorf("a record at %d of %d bytes, in %d", r.offset, r.size, len(b))
				}
			}
		}
	})
}
