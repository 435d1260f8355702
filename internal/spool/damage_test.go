// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package spool

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"testing"
	"time"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/voice-agents/telemetry/internal/spool/queue"
	"github.com/voice-agents/telemetry/internal/spool/report"
	"github.com/voice-agents/telemetry/internal/spool/segment"
)

// otlp returns a request with items of a signal.
func otlpRequest(signal segment.Signal, items int) []byte {
	nest := func(number protowire.Number, b []byte) []byte {
		return protowire.AppendBytes(protowire.AppendTag(nil, number, protowire.BytesType), b)
	}
	var scope []byte
	for range items {
		item := nest(5, []byte("a text of some length, to be damaged"))
		if signal == segment.Metrics {
			item = nest(7, nest(1, []byte("a point of some length")[:0]))
		}
		scope = append(scope, nest(2, item)...)
	}
	return nest(1, nest(2, scope))
}

// Damage is counted in spans, points and records, not in requests: from the payload if it is
// intact, else from the header.
func TestDamageIsCountedInItems(t *testing.T) {
	const items = 66
	for _, signal := range []segment.Signal{segment.Traces, segment.Metrics, segment.Logs} {
		for _, gzipped := range []bool{false, true} {
			var records [][]byte
			for range 5 {
				r := segment.Request{At: time.Now(), Items: items, Payload: otlpRequest(signal, items), Gzipped: gzipped}
				if gzipped {
					var err error
					r.Payload, err = segment.Compress(r.Payload)
					must(t, err)
				}
				records = append(records, segment.AppendRecord(nil, r))
			}
			for name, tt := range map[string]struct {
				damage func(records [][]byte)
				want   int
			}{
				"nothing":   {func([][]byte) {}, 0},
				"a payload": {func(r [][]byte) { r[2][segment.HeaderSize+20] ^= 4 }, items},
				"three payloads": {func(r [][]byte) {
					r[1][segment.HeaderSize+20] ^= 4
					r[2][segment.HeaderSize+20] ^= 4
					r[4][segment.HeaderSize+20] ^= 4
				}, 3 * items},
				"a checksum":                {func(r [][]byte) { r[2][segment.SumAt] ^= 4 }, items},
				"a number of items":         {func(r [][]byte) { r[2][segment.ItemsAt] ^= 4 }, items},
				"a high bit of that number": {func(r [][]byte) { r[2][segment.ItemsAt+3] ^= 0x80 }, items},
				"a time":                    {func(r [][]byte) { r[2][segment.TimeAt+7] ^= 4 }, items},
				"a marker":                  {func(r [][]byte) { r[2][0] ^= 4 }, items},
				"a length":                  {func(r [][]byte) { r[2][segment.LengthAt] ^= 4 }, items},
				"a high bit of a length":    {func(r [][]byte) { r[2][segment.LengthAt+3] ^= 4 }, items},
				"two lengths":               {func(r [][]byte) { r[2][segment.LengthAt] ^= 4; r[3][segment.LengthAt] ^= 4 }, 2 * items},
				"a marker and a length":     {func(r [][]byte) { r[2][0] ^= 4; r[2][segment.LengthAt] ^= 4 }, 1},
				"a header":                  {func(r [][]byte) { clear(r[2][:segment.HeaderSize]) }, 1},
				"the end of the last":       {func(r [][]byte) { r[4] = r[4][:len(r[4])-5] }, items},
				"the payload of the last":   {func(r [][]byte) { r[4] = r[4][:segment.HeaderSize] }, items},
				"what was delivered":        {func(r [][]byte) { r[2][segment.HeaderSize+20] ^= 4; r[2][segment.StateAt] = segment.StateDone }, 0},
				"a header and its items": {func(r [][]byte) {
					binary.LittleEndian.PutUint32(r[2][segment.ItemsAt:], 1<<30)
					r[2][segment.HeaderSize+1] ^= 0x40
				}, 1},
			} {
				t.Run(string(signal)+", "+name, func(t *testing.T) {
					damaged := make([][]byte, 0, len(records))
					for _, r := range records {
						damaged = append(damaged, bytes.Clone(r))
					}
					tt.damage(damaged)
					b := append(segment.Start(signal), bytes.Join(damaged, nil)...)
					_, got, _, err := segment.ScanSegment(bytes.NewReader(b), int64(len(b)), signal, int64(segment.FileStart))
					if err != nil || got != tt.want {
						t.Errorf("gzip %t: %d items are damaged, want %d; %v", gzipped, got, tt.want, err)
					}
				})
			}
		}
	}
}

// Damage is counted in items, in segments of earlier processes and in closed segments of this
// process.
func TestDamageOnDiskIsCountedInItems(t *testing.T) {
	const items = 66
	dir := t.TempDir()
	left := queue.NewQueue(segment.Logs, queue.Config{Dir: dir}.Filled(), &report.Stats{}, report.NewReporter())
	for range 3 {
		must(t, left.Put(segment.Request{At: time.Now(), Items: items, Payload: otlpRequest(segment.Logs, items)}))
	}
	left.Close()
	file := glob(t, dir, "*.spool")[0]
	b, err := os.ReadFile(file)
	must(t, err)
	size := (len(b) - segment.FileStart) / 3
	for i := range 3 { // In each payload.
		b[segment.FileStart+i*size+segment.HeaderSize+30] ^= 0x10
	}
	must(t, os.WriteFile(file, b, 0o600))
	q := queue.NewQueue(segment.Logs, queue.Config{Dir: dir}.Filled(), &report.Stats{}, report.NewReporter())
	defer q.Close()
	q.Adopt()
	if got := takeAll(q); len(got) > 0 || q.Stats.Drops()[report.ReasonDamaged] != 3*items {
		t.Errorf("%d arrived, dropped %v, want %d", len(got), q.Stats.Drops(), 3*items)
	}

	own := queue.NewQueue(segment.Logs, queue.Config{Dir: t.TempDir(), SegmentBytes: 1000}.Filled(), &report.Stats{}, report.NewReporter())
	defer own.Close()
	for range 20 {
		must(t, own.Put(segment.Request{At: time.Now(), Items: items, Payload: otlpRequest(segment.Logs, items)}))
	}
	closed := own.Segments[2]
	if closed.Unread == nil {
		t.Fatal("the segment is open")
	}
	b, err = os.ReadFile(closed.Path)
	must(t, err)
	clear(b[segment.FileStart:]) // No header remains to give the number.
	must(t, os.WriteFile(closed.Path, b, 0o600))
	if got := takeAll(own); len(got) != 19 || own.Stats.Drops()[report.ReasonDamaged] != items {
		t.Errorf("%d arrived, dropped %v, want %d", len(got), own.Stats.Drops(), items)
	}
}

// A segment is sent if only its signature is damaged. A file of another program with the name of a
// segment is not sent.
func TestSignatureIsDamaged(t *testing.T) {
	dir := t.TempDir()
	want := leave(t, dir, segment.Logs, 3)
	for i, file := range glob(t, dir, "*.spool") {
		b, err := os.ReadFile(file)
		must(t, err)
		switch i {
		case 0:
			b[3] ^= 4
		case 1:
			clear(b[:segment.FileStart])
		case 2:
			b[len(segment.Magic)]++ // That of a later version.
		}
		must(t, os.WriteFile(file, b, 0o600))
	}
	must(t, os.WriteFile(filepath.Join(dir, "logs-1-other.spool"), bytes.Repeat([]byte("text"), 1000), 0o600))
	q := queue.NewQueue(segment.Logs, queue.Config{Dir: dir}.Filled(), &report.Stats{}, report.NewReporter())
	defer q.Close()
	q.Adopt()
	got := takeAll(q)
	if len(got) != 2 || got[0] != want[0] || got[1] != want[1] || len(q.Stats.Drops()) > 0 {
		t.Errorf("got %q, dropped %v", got, q.Stats.Drops())
	}
	if left := glob(t, dir, "*.spool"); len(left) != 2 {
		t.Errorf("left are %q", left)
	}
}

// A file that is crafted to use much time or memory does not.
func TestScanIsBounded(t *testing.T) {
	t.Parallel()
	fake := make([]byte, segment.HeaderSize) // A header whose record is most of the file, and whose checksum is wrong.
	copy(fake, segment.Marker)
	binary.LittleEndian.PutUint32(fake[segment.LengthAt:], 4<<20)
	empty := segment.AppendRecord(nil, segment.Request{At: time.Now(), Items: 1})
	for name, b := range map[string][]byte{
		"headers in headers": bytes.Repeat(fake, 8<<20/segment.HeaderSize),
		"empty requests":     bytes.Repeat(empty, segment.MaxEntries+1000),
		"markers":            bytes.Repeat(segment.Marker, 1<<20),
		"zeros":              make([]byte, 64<<20),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			began := time.Now()
			b = append(segment.Start(segment.Logs), b...)
			records, _, resume, err := segment.ScanSegment(bytes.NewReader(b), int64(len(b)), segment.Logs, int64(segment.FileStart))
			must(t, err)
			if took := time.Since(began); took > 20*time.Second || len(records) > segment.MaxEntries {
				t.Errorf("%d records, in %v", len(records), took)
			}
			if name == "empty requests" {
				rest, _, end, err := segment.ScanSegment(bytes.NewReader(b), int64(len(b)), segment.Logs, resume)
				if len(records) != segment.MaxEntries || len(rest) != 1000 || end != 0 || err != nil {
					t.Errorf("%d and %d records, %v", len(records), len(rest), err)
				}
			}
		})
	}
}

// A segment with more requests than are kept in memory at a time is sent completely.
func TestSegmentWithVeryManyRequests(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	record := segment.AppendRecord(nil, segment.Request{At: time.Now(), Items: 1})
	path := filepath.Join(dir, segment.SegmentName(segment.Logs, 1, segment.NewID(), 1))
	must(t, os.WriteFile(path, append(segment.Start(segment.Logs), bytes.Repeat(record, segment.MaxEntries+1000)...), 0o600))
	q := queue.NewQueue(segment.Logs, queue.Config{Dir: dir}.Filled(), &report.Stats{}, report.NewReporter())
	defer q.Close()
	q.Adopt()
	if got := takeAll(q); len(got) != segment.MaxEntries+1000 || len(q.Stats.Drops()) > 0 {
		t.Errorf("%d arrived, dropped %v", len(got), q.Stats.Drops())
	}
}
