// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package telemetryfile_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/klauspost/compress/zstd"
	"golang.org/x/text/encoding/unicode"

	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/signal"
	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/signal/telemetryfile"
)

const aRecord = `{"timestamp":"2026-03-01T09:00:00Z","level":"INFO","message":"é 話"}` + "\n"

func inGzip(t *testing.T, text []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = w.Write(text)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func inZstd(t *testing.T, text []byte) []byte {
	t.Helper()
	w, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	return w.EncodeAll(text, nil)
}

// The data before a damaged place are read, in each compression. Reader.Damaged names the file.
func TestDamagedCompression(t *testing.T) {
	text := []byte(strings.Repeat(aRecord, 100))
	for name, compress := range map[string]func(*testing.T, []byte) []byte{"gzip": inGzip, "zstd": inZstd} {
		whole := compress(t, text)
		checksum := bytes.Clone(whole)
		checksum[len(checksum)-5] ^= 0xFF // In gzip, the size is behind it.
		if name == "zstd" {
			checksum = bytes.Clone(whole)
			checksum[len(checksum)-1] ^= 0xFF
		}
		for _, tt := range []struct {
			name    string
			data    []byte
			least   int
			damaged bool
		}{
			{"whole", whole, 100, false},
			{"two, one after the other", append(bytes.Clone(whole), whole...), 200, false},
			{"text behind it", append(bytes.Clone(whole), aRecord...), 100, true},
			{"zeros behind it", append(bytes.Clone(whole), make([]byte, 512)...), 100, true},
			{"a wrong checksum", checksum, 0, true},
			{"one that is whole and one that is damaged", append(bytes.Clone(whole), checksum...), 100, true},
		} {
			t.Run(name+" "+tt.name, func(t *testing.T) {
				all, counts := read(t, tt.data)
				if len(all.Records) < tt.least || (len(counts.Damaged) == 1) != tt.damaged || len(counts.Short) != 0 || counts.Cut != tt.damaged {
					t.Errorf("%d records, %+v", len(all.Records), counts)
				}
			})
		}
	}
}

// A file that cannot be read is an error, and no damage, though it is compressed.
func TestCompressedFileThatCannotBeRead(t *testing.T) {
	broken := errors.New("the disk is gone")
	for name, data := range map[string][]byte{"gzip": inGzip(t, []byte(aRecord)), "zstd": inZstd(t, []byte(aRecord)), "plain": []byte(aRecord)} {
		r := &telemetryfile.Reader{Each: func(*signal.Batch) error { return nil }}
		in := io.MultiReader(bytes.NewReader(data[:len(data)-10]), iotest.ErrReader(broken))
		if err := r.ReadFrom(t.Context(), name, in, -1); !errors.Is(err, broken) || len(r.Damaged)+len(r.Short) > 0 {
			t.Errorf("%s: %v, %+v", name, err, r.Counts)
		}
	}
}

func TestOtherCompressions(t *testing.T) {
	for name, start := range map[string]string{"xz": "\xFD7zXZ\x00", "bzip2": "BZh91AY", "zip": "PK\x03\x04\x14", "lz4": "\x04\x22\x4D\x18\x64", "7-Zip": "7z\xBC\xAF\x27\x1C"} {
		r := &telemetryfile.Reader{Each: func(*signal.Batch) error { return nil }}
		if err := r.ReadFrom(t.Context(), "file", strings.NewReader(start), -1); err == nil || !strings.Contains(err.Error(), "compressed with "+name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Text in UTF-16 is read, as PowerShell writes it.
func TestUTF16(t *testing.T) {
	text := strings.Repeat(strings.ReplaceAll(aRecord, "\n", "\r\n"), 3)
	encoded := func(order unicode.Endianness, mark unicode.BOMPolicy) []byte {
		b, err := unicode.UTF16(order, mark).NewEncoder().Bytes([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	for name, data := range map[string][]byte{
		"little endian":              encoded(unicode.LittleEndian, unicode.UseBOM),
		"big endian":                 encoded(unicode.BigEndian, unicode.UseBOM),
		"little endian without mark": encoded(unicode.LittleEndian, unicode.IgnoreBOM),
		"big endian without mark":    encoded(unicode.BigEndian, unicode.IgnoreBOM),
		"in gzip":                    inGzip(t, encoded(unicode.LittleEndian, unicode.UseBOM)),
		"in zstd":                    inZstd(t, encoded(unicode.LittleEndian, unicode.UseBOM)),
		"UTF-8":                      []byte(text),
		"UTF-8 with mark":            append([]byte("\uFEFF"), text...),
	} {
		all, counts := read(t, data)
		if len(all.Records) != 3 || all.Records[2].Body != "é 話" || counts.Broken+counts.Other > 0 {
			t.Errorf("%s: %d records, %+v", name, len(all.Records), counts)
		}
	}
}
