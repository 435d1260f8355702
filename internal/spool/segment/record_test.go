// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package segment

import (
	"bytes"
	"errors"
	"testing"
	"time"
)

func TestRecord(t *testing.T) {
	t.Parallel()
	want := Request{At: time.Unix(1, 234), Items: 7, Gzipped: true, Payload: []byte("payload")}
	b := AppendRecord([]byte("before"), want)[len("before"):]
	got, size, done, err := parseRecord(append(b, "after"...))
	if err != nil || size != len(b) || done || !got.At.Equal(want.At) || got.Items != want.Items || !got.Gzipped || !bytes.Equal(got.Payload, want.Payload) {
		t.Errorf("got %+v, %d, %t, %v", got, size, done, err)
	}
	b[StateAt] = StateDone
	if _, _, done, err := parseRecord(b); err != nil || !done {
		t.Errorf("a delivered record: done %t, %v", done, err)
	}
}

func TestWhatASegmentBeginsWith(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		text string
		want error
	}{
		"ours":            {string(Start(Logs)), nil},
		"another signal":  {string(Start(Traces)), ErrSignal},
		"another version": {Magic + "\x09l", ErrVersion},
		"another file":    {"{\"json\": true}", ErrForeign},
		"nothing":         {"", ErrForeign},
		"too short":       {Magic, ErrForeign},
	} {
		if err := checkStart([]byte(tt.text), Logs); !errors.Is(err, tt.want) {
			t.Errorf("%s: got %v, want %v", name, err, tt.want)
		}
	}
}

// FuzzScan checks that reading any file terminates, and that a record after the input is found.
func FuzzScan(f *testing.F) {
	begin := Start(Logs)
	record := AppendRecord(nil, Request{At: time.Unix(1, 0), Items: 1, Payload: []byte("payload")})
	f.Add([]byte{})
	f.Add(record)
	f.Add(record[:len(record)-1])
	f.Add(append(record[:10:10], record...))
	f.Add(bytes.Repeat(Marker, 50))
	f.Fuzz(func(t *testing.T, garbage []byte) {
		b := append(append(bytes.Clone(begin), garbage...), record...)
		records, damaged, _, err := ScanSegment(bytes.NewReader(b), int64(len(b)), Logs, int64(FileStart))
		if err != nil || damaged < 0 {
			t.Fatalf("%d damaged, %v", damaged, err)
		}
		for _, r := range records {
			if _, size, _, err := parseRecord(b[r.offset:]); err != nil || size != r.Size {
				t.Errorf("the record at %d is not valid: %v", r.offset, err)
			}
		}
		if len(records) == 0 || records[len(records)-1].offset != int64(len(b)-len(record)) {
			t.Errorf("the last record was not found: %v", records)
		}
	})
}

// FuzzSegment checks that reading any file from its first byte terminates, and that the results lie
// in the file.
func FuzzSegment(f *testing.F) {
	record := AppendRecord(Start(Metrics), Request{At: time.Unix(1, 0), Items: 1, Gzipped: true, Payload: []byte("payload")})
	f.Add([]byte{})
	f.Add(Start(Traces))
	f.Add(record)
	f.Add(record[1:])
	f.Add(append(bytes.Clone(record), record...))
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, signal := range []Signal{Traces, Metrics, Logs} {
			records, damaged, resume, err := ScanSegment(bytes.NewReader(b), int64(len(b)), signal, int64(FileStart))
			if damaged < 0 || resume != 0 || err != nil && len(records) > 0 {
				t.Errorf("%d records, %d damaged, resume at %d, %v", len(records), damaged, resume, err)
			}
			for _, r := range records {
				if r.offset < int64(FileStart) || r.offset+int64(r.Size) > int64(len(b)) {
					t.Errorf("a record at %d of %d bytes, in %d", r.offset, r.Size, len(b))
				}
			}
		}
	})
}
