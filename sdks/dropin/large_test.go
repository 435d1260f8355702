// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package dropin_test

import (
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"
)

// large is the size of the bodies.
const large = 100 << 20

// maxHeap is how much memory a body may take: buffers, and what a decoder keeps.
const maxHeap = 8 << 20

// A heap measures how much the heap grows.
type heap struct{ start, peak uint64 }

func newHeap() *heap {
	runtime.GC()
	h := new(heap)
	h.start = h.now()
	return h
}

func (*heap) now() uint64 {
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}

// sample measures the heap without garbage.
func (h *heap) sample() {
	runtime.GC()
	h.peak = max(h.peak, h.now())
}

func (h *heap) growth() int64 { return int64(h.peak) - int64(h.start) }

// sampled measures the heap every 10 MB that are read.
type sampled struct {
	io.Reader
	heap *heap
	n    int
}

func (s *sampled) Read(p []byte) (int, error) {
	n, err := s.Reader.Read(p)
	if s.n += n; s.n >= 10<<20 {
		s.n = 0
		s.heap.sample()
	}
	return n, err
}

// Bodies of 100 MB pass unchanged, in little memory.
func TestLargeBodies(t *testing.T) {
	long := func() io.Reader { // One JSON string.
		return io.MultiReader(strings.NewReader(`{"model":"m","messages":[{"role":"user","content":"`),
			io.LimitReader(letters(), large), strings.NewReader(`"}]}`))
	}
	for _, tt := range []struct {
		name, contentType string
		sent, answer      func() io.Reader
	}{
		{"a long message", "application/json", long, func() io.Reader { return strings.NewReader(`{"id":"x","model":"m","choices":[]}`) }},
		{"a long answer", "application/json", func() io.Reader { return strings.NewReader(`{"model":"m"}`) }, func() io.Reader {
			return io.MultiReader(strings.NewReader(`{"id":"x","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"`),
				io.LimitReader(letters(), large), strings.NewReader(`"},"finish_reason":"stop"}]}`))
		}},
		{"a stream of many events", "text/event-stream", func() io.Reader { return strings.NewReader(`{"model":"m","stream":true}`) }, func() io.Reader {
			return io.LimitReader(&repeated{text: eventText}, large)
		}},
		{"a stream of one event", "text/event-stream", func() io.Reader { return strings.NewReader(`{"model":"m","stream":true}`) }, func() io.Reader {
			return io.MultiReader(strings.NewReader(`data: {"id":"x","choices":[{"delta":{"content":"`), io.LimitReader(letters(), large), strings.NewReader("\"}}]}\n\ndata: [DONE]\n\n"))
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			handler := func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("X-Sum", sum(t, r.Body))
				w.Header().Set("Content-Type", tt.contentType)
				_, _ = io.Copy(w, tt.answer())
			}
			for _, p := range protocols() {
				t.Run(p.name, func(t *testing.T) {
					c, url := p.start(t, handler)
					h := newHeap()
					res := do(t, c.client, ask(c.ctx, t, url, &sampled{Reader: tt.sent(), heap: h}))
					if got, want := res.Header.Get("X-Sum"), sum(t, tt.sent()); got != want {
						t.Errorf("the server got %s, want %s", got, want)
					}
					if got, want := sum(t, &sampled{Reader: res.Body, heap: h}), sum(t, tt.answer()); got != want {
						t.Errorf("the program got %s, want %s", got, want)
					}
					h.sample()
					t.Logf("the heap grew by %d KB", h.growth()>>10)
					if h.growth() > maxHeap {
						t.Errorf("the heap grew by %d bytes, want %d at most", h.growth(), maxHeap)
					}
					_ = res.Body.Close()
					c.turn.End()
					c.session.End()
				})
			}
		})
	}
}

// repeated is an endless text.
type repeated struct {
	text string
	n    int
}

func letters() io.Reader { return &repeated{text: "abcdefghijklmnopqrstuvwxyz"} }

func (r *repeated) Read(p []byte) (n int, err error) {
	for n < len(p) {
		m := copy(p[n:], r.text[r.n:])
		n, r.n = n+m, (r.n+m)%len(r.text)
	}
	return n, nil
}
