// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package sse_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/voice-agents/telemetry/internal/wire/sse"
)

type recorder struct {
	events     []string
	name, data string
}

func (r *recorder) Name(name []byte) { r.name = string(name) }
func (r *recorder) Data(p []byte)    { r.data += string(p) }
func (r *recorder) Dispatch() {
	r.events = append(r.events, r.name+"|"+r.data)
	r.name, r.data = "", ""
}

func scan(text string, size int) []string {
	r := new(recorder)
	s := sse.NewScanner(r)
	for p := range slices.Chunk([]byte(text), size) {
		s.Scan(p)
	}
	return r.events
}

func TestScanner(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		want       []string
	}{
		{"one event", "data: a\n\n", []string{"|a"}},
		{"without a space", "data:a\n\n", []string{"|a"}},
		{"two spaces", "data:  a\n\n", []string{"| a"}},
		{"lines of data", "data: a\ndata: b\n\n", []string{"|a\nb"}},
		{"name", "event: ping\ndata: {}\n\n", []string{"ping|{}"}},
		{"CRLF", "event: x\r\ndata: a\r\n\r\ndata: b\r\n\r\n", []string{"x|a", "|b"}},
		{"CR", "data: a\r\rdata: b\r\r", []string{"|a", "|b"}},
		{"comments", ": keep-alive\n\n:\n\ndata: a\n\n", []string{"|a"}},
		{"other fields", "id: 1\nretry: 3\ndata: a\n\n", []string{"|a"}},
		{"a field with a long name", "dataaaaaaaaaaaaa: b\ndata: a\n\n", []string{"|a"}},
		{"empty data", "data\n\ndata:\n\n", []string{"|", "|"}},
		{"a byte order mark", "\ufeffdata: a\n\n", []string{"|a"}},
		{"no end", "data: a\n", nil},
		{"an event without data", "event: x\n\n", nil},
		{"an HTML page", "<html>\n\n<body>\n\n", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, size := range []int{1, 2, 3, 1000} {
				if got := scan(tt.text, size); !slices.Equal(got, tt.want) {
					t.Errorf("in pieces of %d bytes: got %q, want %q", size, got, tt.want)
				}
			}
		})
	}
}

func TestScannerEnd(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		want       []string
	}{
		{"no empty line", "data: a\n", []string{"|a"}},
		{"no line end", "data: a", []string{"|a"}},
		{"carriage return", "data: a\r", []string{"|a"}},
		{"whole", "data: a\n\n", []string{"|a"}},
		{"a field without a value", "data", []string{"|"}},
		{"a comment", "data: a\n\n: end", []string{"|a"}},
		{"nothing", "", nil},
	} {
		r := new(recorder)
		s := sse.NewScanner(r)
		s.Scan([]byte(tt.text))
		s.End()
		if !slices.Equal(r.events, tt.want) {
			t.Errorf("%s: got %q, want %q", tt.name, r.events, tt.want)
		}
	}
}

func FuzzScanner(f *testing.F) {
	f.Add("event: a\r\ndata: b\n\ndata\n\r", 2)
	f.Fuzz(func(t *testing.T, text string, size int) {
		whole := scan(text, max(len(text), 1))
		if got := scan(text, min(max(size, 1), 100)); !slices.Equal(got, whole) {
			t.Errorf("in pieces of %d bytes: got %q, as a whole %q", size, got, whole)
		}
		if strings.Count(strings.Join(whole, ""), "") > len(text)+2*len(whole)+1 {
			t.Errorf("more data than bytes: %q", whole)
		}
	})
}
