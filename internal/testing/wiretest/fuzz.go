// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package wiretest

import (
	"bytes"
	"net/http"
	"net/url"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/voice-agents/telemetry/internal/wire"
)

// Fuzz feeds a decoder with random exchanges, and compares the events of pieces with those of the
// whole. The exchanges of testdata/wire/PROVIDER are the first ones.
func Fuzz(f *testing.F, provider string, decoder New) {
	f.Helper()
	dirs, err := filepath.Glob(filepath.Join(root(f), "testdata", "wire", provider, "*", "request.http"))
	if err != nil || len(dirs) == 0 {
		f.Fatalf("no exchanges were found: %v", err)
	}
	for _, path := range dirs {
		x := Read(f, filepath.Dir(path))
		f.Add(x.Request.Host, x.Request.URL.Path, x.RequestBody, x.Response.StatusCode, x.Response.Header.Get("Content-Type"), x.ResponseBody, 3)
	}
	f.Fuzz(func(t *testing.T, host, path string, request []byte, status int, contentType string, response []byte, size int) {
		x := Exchange{
			Request:     &http.Request{Method: http.MethodPost, Host: host, URL: &url.URL{Path: path}},
			RequestBody: request,
			Response:    &http.Response{StatusCode: status, Header: http.Header{"Content-Type": {contentType}}}, ResponseBody: response,
		}
		if decoder(x.Target(), nil) == nil {
			t.Skip()
		}
		whole := x.Events(t, decoder, 1<<20)
		if got := x.Events(t, decoder, min(max(size, 1), 1000)); got != whole {
			t.Errorf("in pieces of %d bytes:\n%s\nas a whole:\n%s", size, got, whole)
		}
	})
}

// Allocated returns how many bytes of memory are allocated while a decoder is fed with a response
// body that is prefix, count times middle, and suffix. The request is that of an exchange.
func Allocated(tb testing.TB, x *Exchange, decoder New, prefix, middle string, count int, suffix string) uint64 {
	tb.Helper()
	d := decoder(x.Target(), func(*wire.Event) {})
	if d == nil {
		tb.Fatal("no decoder was found")
	}
	d.Sent(x.RequestBody)
	d.SentAll()
	d.Answered(x.Response.StatusCode, x.Response.Header)
	d.Received([]byte(prefix))
	piece := bytes.Repeat([]byte(middle), 1+(32<<10)/len(middle))
	d.Received(piece)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for n := 0; n < count; n += len(piece) / len(middle) {
		d.Received(piece)
	}
	runtime.ReadMemStats(&after)
	d.Received([]byte(suffix))
	d.ReceivedAll()
	return after.TotalAlloc - before.TotalAlloc
}
