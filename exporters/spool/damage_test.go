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
)

// otlp returns a request with items of a signal.
func otlpRequest(signal Signal, items int) []byte {
	nest := func(number protowire.Number, b []byte) []byte {
		return protowire.AppendBytes(protowire.AppendTag(nil, number, protowire.BytesType), b)
	}
	var scope []byte
	for range items {
		item := nest(5, []byte("a text of some length, to be damaged"))
		if signal == Metrics {
			item = nest(7, nest(1, []byte("a point of some length")[:0]))
		}
		scope = append(scope, nest(2, item)...)
	}
	return nest(1, nest(2, scope))
}

// Damage is counted in spans, points and records, not in requests: as the payload says if it
// is whole, else as the header says.
func TestDamageIsCountedInItems(t *testing.T) {
	const items = 66
	for _, signal := range []Signal{Traces, Metrics, Logs} {
		for _, gzipped := range []bool{false, true} {
			var records [][]byte
			for range 5 {
				r := request{at: time.Now(), items: items, payload: otlpRequest(signal, items), gzipped: gzipped}
				if gzipped {
					var err error
					r.payload, err = compress(r.payload)
					must(t, err)
				}
				records = append(records, appendRecord(nil, r))
			}
			for name, tt := range map[string]struct {
				damage func(records [][]byte)
				want   int
			}{
				"nothing":                   {func([][]byte) {}, 0},
				"a payload":                 {func(r [][]byte) { r[2][headerSize+20] ^= 4 }, items},
				"three payloads":            {func(r [][]byte) { r[1][headerSize+20] ^= 4; r[2][headerSize+20] ^= 4; r[4][headerSize+20] ^= 4 }, 3 * items},
				"a checksum":                {func(r [][]byte) { r[2][sumAt] ^= 4 }, items},
				"a number of items":         {func(r [][]byte) { r[2][itemsAt] ^= 4 }, items},
				"a high bit of that number": {func(r [][]byte) { r[2][itemsAt+3] ^= 0x80 }, items},
				"a time":                    {func(r [][]byte) { r[2][timeAt+7] ^= 4 }, items},
				"a marker":                  {func(r [][]byte) { r[2][0] ^= 4 }, items},
				"a length":                  {func(r [][]byte) { r[2][lengthAt] ^= 4 }, items},
				"a high bit of a length":    {func(r [][]byte) { r[2][lengthAt+3] ^= 4 }, items},
				"two lengths":               {func(r [][]byte) { r[2][lengthAt] ^= 4; r[3][lengthAt] ^= 4 }, 2 * items},
				"a marker and a length":     {func(r [][]byte) { r[2][0] ^= 4; r[2][lengthAt] ^= 4 }, 1},
				"a header":                  {func(r [][]byte) { clear(r[2][:headerSize]) }, 1},
				"the end of the last":       {func(r [][]byte) { r[4] = r[4][:len(r[4])-5] }, items},
				"the payload of the last":   {func(r [][]byte) { r[4] = r[4][:headerSize] }, items},
				"what was delivered":        {func(r [][]byte) { r[2][headerSize+20] ^= 4; r[2][stateAt] = stateDone }, 0},
				"a header and its items":    {func(r [][]byte) { binary.LittleEndian.PutUint32(r[2][itemsAt:], 1<<30); r[2][headerSize+1] ^= 0x40 }, 1},
			} {
				t.Run(string(signal)+", "+name, func(t *testing.T) {
					damaged := make([][]byte, 0, len(records))
					for _, r := range records {
						damaged = append(damaged, bytes.Clone(r))
					}
					tt.damage(damaged)
					b := append(start(signal), bytes.Join(damaged, nil)...)
					_, got, _, err := scanSegment(bytes.NewReader(b), int64(len(b)), signal, int64(fileStart))
					if err != nil || got != tt.want {
						t.Errorf("gzip %t: %d items are damaged, want %d; %v", gzipped, got, tt.want, err)
					}
				})
			}
		}
	}
}

// The damage in a segment of an earlier process, and that in one of this process which it has
// closed meanwhile, is counted in items.
func TestDamageOnDiskIsCountedInItems(t *testing.T) {
	const items = 66
	dir := t.TempDir()
	left := newQueue(Logs, Config{Dir: dir}.filled(), &stats{}, newTeller())
	for range 3 {
		must(t, left.put(request{at: time.Now(), items: items, payload: otlpRequest(Logs, items)}))
	}
	left.close()
	file := glob(t, dir, "*.spool")[0]
	b, err := os.ReadFile(file)
	must(t, err)
	size := (len(b) - fileStart) / 3
	for i := range 3 { // In each payload.
		b[fileStart+i*size+headerSize+30] ^= 0x10
	}
	must(t, os.WriteFile(file, b, 0o600))
	q := newQueue(Logs, Config{Dir: dir}.filled(), &stats{}, newTeller())
	defer q.close()
	q.adopt()
	if got := takeAll(q); len(got) > 0 || q.stats.drops()[reasonDamaged] != 3*items {
		t.Errorf("%d arrived, dropped %v, want %d", len(got), q.stats.drops(), 3*items)
	}

	own := newQueue(Logs, Config{Dir: t.TempDir(), segmentBytes: 1000}.filled(), &stats{}, newTeller())
	defer own.close()
	for range 20 {
		must(t, own.put(request{at: time.Now(), items: items, payload: otlpRequest(Logs, items)}))
	}
	closed := own.segments[2]
	if closed.unread == nil {
		t.Fatal("the segment is open")
	}
	b, err = os.ReadFile(closed.path)
	must(t, err)
	clear(b[fileStart:]) // No header is left to tell.
	must(t, os.WriteFile(closed.path, b, 0o600))
	if got := takeAll(own); len(got) != 19 || own.stats.drops()[reasonDamaged] != items {
		t.Errorf("%d arrived, dropped %v, want %d", len(got), own.stats.drops(), items)
	}
}

// A segment of which only the signature is damaged is sent, and a file of another program
// that has one's name is not.
func TestSignatureIsDamaged(t *testing.T) {
	dir := t.TempDir()
	want := leave(t, dir, Logs, 3)
	for i, file := range glob(t, dir, "*.spool") {
		b, err := os.ReadFile(file)
		must(t, err)
		switch i {
		case 0:
			b[3] ^= 4
		case 1:
			clear(b[:fileStart])
		case 2:
			b[len(magic)]++ // That of a later version.
		}
		must(t, os.WriteFile(file, b, 0o600))
	}
	must(t, os.WriteFile(filepath.Join(dir, "logs-1-other.spool"), bytes.Repeat([]byte("text"), 1000), 0o600))
	q := newQueue(Logs, Config{Dir: dir}.filled(), &stats{}, newTeller())
	defer q.close()
	q.adopt()
	got := takeAll(q)
	if len(got) != 2 || got[0] != want[0] || got[1] != want[1] || len(q.stats.drops()) > 0 {
		t.Errorf("got %q, dropped %v", got, q.stats.drops())
	}
	if left := glob(t, dir, "*.spool"); len(left) != 2 {
		t.Errorf("left are %q", left)
	}
}

// A file that was made to take long, or much memory, takes neither.
func TestScanIsBounded(t *testing.T) {
	t.Parallel()
	fake := make([]byte, headerSize) // A header whose record is most of the file, and whose checksum is wrong.
	copy(fake, marker)
	binary.LittleEndian.PutUint32(fake[lengthAt:], 4<<20)
	empty := appendRecord(nil, request{at: time.Now(), items: 1})
	for name, b := range map[string][]byte{
		"headers in headers": bytes.Repeat(fake, 8<<20/headerSize),
		"empty requests":     bytes.Repeat(empty, maxEntries+1000),
		"markers":            bytes.Repeat(marker, 1<<20),
		"zeros":              make([]byte, 64<<20),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			began := time.Now()
			b = append(start(Logs), b...)
			records, _, resume, err := scanSegment(bytes.NewReader(b), int64(len(b)), Logs, int64(fileStart))
			must(t, err)
			if took := time.Since(began); took > 20*time.Second || len(records) > maxEntries {
				t.Errorf("%d records, in %v", len(records), took)
			}
			if name == "empty requests" {
				rest, _, end, err := scanSegment(bytes.NewReader(b), int64(len(b)), Logs, resume)
				if len(records) != maxEntries || len(rest) != 1000 || end != 0 || err != nil {
					t.Errorf("%d and %d records, %v", len(records), len(rest), err)
				}
			}
		})
	}
}

// A segment with more requests than are remembered at a time is sent to its end.
func TestSegmentWithVeryManyRequests(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	record := appendRecord(nil, request{at: time.Now(), items: 1})
	path := filepath.Join(dir, segmentName(Logs, 1, newID(), 1))
	must(t, os.WriteFile(path, append(start(Logs), bytes.Repeat(record, maxEntries+1000)...), 0o600))
	q := newQueue(Logs, Config{Dir: dir}.filled(), &stats{}, newTeller())
	defer q.close()
	q.adopt()
	if got := takeAll(q); len(got) != maxEntries+1000 || len(q.stats.drops()) > 0 {
		t.Errorf("%d arrived, dropped %v", len(got), q.stats.drops())
	}
}
