// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package websocket_test

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/voice-agents/telemetry/internal/conn"
)

// A record is what one observer saw.
type record struct {
	lock           sync.Mutex
	handshakes     int
	sent, received []string
	trips          int
	closes         []conn.Close
	violations     []conn.Violation
	foreign        *conn.Foreign
	end            *conn.End
	last           chan struct{} // Closed by the first Foreign or End.
	isLast         sync.Once
}

func newRecord() *record { return &record{last: make(chan struct{})} }

func (r *record) observer() *conn.Observer {
	with := func(f func()) {
		r.lock.Lock()
		defer r.lock.Unlock()
		f()
	}
	return &conn.Observer{
		Handshake: func(conn.Handshake) { with(func() { r.handshakes++ }) },
		Foreign: func(f conn.Foreign) {
			with(func() { r.foreign = &f })
			r.isLast.Do(func() { close(r.last) })
		},
		Message: func(m conn.Message) {
			with(func() {
				to := &r.received
				if m.Sent {
					to = &r.sent
				}
				*to = append(*to, message(m.Binary, m.Data))
			})
		},
		RoundTrip: func(conn.RoundTrip) { with(func() { r.trips++ }) },
		Close:     func(c conn.Close) { with(func() { r.closes = append(r.closes, c) }) },
		Violation: func(v conn.Violation) { with(func() { r.violations = append(r.violations, v) }) },
		End: func(e conn.End) {
			with(func() { r.end = &e })
			r.isLast.Do(func() { close(r.last) })
		},
	}
}

// messages returns random messages of the sizes that agents send, and of large ones.
func messages() (list [][]byte) {
	r := rand.New(rand.NewPCG(1, 2))
	for i := range 30 {
		size := []int{0, 1, 125, 126, 160, 320, 4096, 65535, 65536, 200_000}[i%10]
		data := bytes.Repeat([]byte(fmt.Sprint("abc", i, " ")), size/4+1)[:size]
		if i%3 == 0 {
			for j := range data {
				data[j] = byte(r.Uint32())
			}
		}
		list = append(list, data)
	}
	return list
}

// converse sends the messages and checks the answers. It returns how the messages look.
func converse(t *testing.T, s socket) (lines []string) {
	t.Helper()
	for i, data := range messages() {
		isBinary := i%3 == 0
		if err := s.write(isBinary, data); err != nil {
			t.Fatalf("write %d: %v", i, err)
		}
		gotBinary, got, err := s.read()
		if err != nil || gotBinary != isBinary || !bytes.Equal(got, data) {
			t.Fatalf("message %d of %d bytes came back as %d bytes, %v", i, len(data), len(got), err)
		}
		lines = append(lines, message(isBinary, data))
	}
	return lines
}

// check compares a record with a conversation that the client closed.
func (r *record) check(t *testing.T, name string, lines []string, closedFirst bool) {
	t.Helper()
	<-r.last
	r.lock.Lock()
	defer r.lock.Unlock()
	if r.handshakes != 1 || r.foreign != nil || len(r.violations) > 0 {
		t.Errorf("%s: %d handshakes, foreign %v, violations %v", name, r.handshakes, r.foreign, r.violations)
	}
	if !slices.Equal(r.sent, lines) || !slices.Equal(r.received, lines) {
		t.Errorf("%s: %d messages sent and %d received, or they differ", name, len(r.sent), len(r.received))
	}
	if len(r.closes) == 0 || r.closes[0].Sent != closedFirst || !r.closes[0].First || r.closes[0].Code != 1000 || r.closes[0].Reason != "bye" {
		t.Errorf("%s: close frames %+v", name, r.closes)
	}
}

func TestTapOfLibraries(t *testing.T) {
	t.Parallel()
	for _, server := range libraries {
		for _, client := range libraries {
			for _, compress := range []bool{false, true} {
				if compress && (!client.compresses || !server.compresses) {
					continue
				}
				for _, secure := range []bool{false, true} {
					name := fmt.Sprintf("%s to %s, compress %v, TLS %v", client.name, server.name, compress, secure)
					t.Run(name, func(t *testing.T) {
						t.Parallel()
						accepted, dialled := newRecord(), newRecord()
						url, config, end := echo(server, compress, secure, func(*http.Request) *conn.Observer { return accepted.observer() })
						defer end()
						d := &conn.Dialer{TLS: config, Open: func(context.Context, string, string) *conn.Observer { return dialled.observer() }}
						s, err := client.dial(t.Context(), url, compress, d)
						if err != nil {
							t.Fatal(err)
						}
						lines := converse(t, s)
						if err := s.close(); err != nil {
							t.Error(err)
						}
						dialled.check(t, "client", lines, true)
						accepted.check(t, "server", lines, false)
					})
				}
			}
		}
	}
}

func TestTapOfBodies(t *testing.T) {
	t.Parallel()
	for _, secure := range []bool{false, true} {
		t.Run(fmt.Sprint("TLS ", secure), func(t *testing.T) {
			t.Parallel()
			for _, server := range libraries {
				r := newRecord()
				url, config, end := echo(server, true, secure, func(*http.Request) *conn.Observer { return nil })
				s, err := dialCoderBy(t.Context(), url, true, bodies{&http.Transport{TLSClientConfig: config}, r})
				if err != nil {
					t.Fatal(err)
				}
				lines := converse(t, s)
				if err := s.close(); err != nil {
					t.Error(err)
				}
				r.check(t, server.name, lines, true)
				end()
			}
		})
	}
}

// A bodies taps the bodies of a transport's responses.
type bodies struct {
	transport *http.Transport
	record    *record
}

func (b bodies) RoundTrip(r *http.Request) (*http.Response, error) {
	started := time.Now()
	response, err := b.transport.RoundTrip(r)
	if err == nil {
		conn.WrapBody(r, response, started, b.record.observer())
	}
	return response, err
}

func TestTapMeasuresRoundTrips(t *testing.T) {
	t.Parallel()
	for _, l := range libraries {
		t.Run(l.name, func(t *testing.T) {
			t.Parallel()
			accepted, dialled := newRecord(), newRecord()
			url, _, end := echo(l, false, false, func(*http.Request) *conn.Observer { return accepted.observer() })
			defer end()
			d := &conn.Dialer{Open: func(context.Context, string, string) *conn.Observer { return dialled.observer() }}
			s, err := l.dial(t.Context(), url, false, d)
			if err != nil {
				t.Fatal(err)
			}
			read := make(chan error, 1)
			go func() {
				_, _, err := s.read()
				read <- err
			}()
			if err := s.ping(); err != nil {
				t.Fatal(err)
			}
			if err := s.write(false, []byte("after the ping")); err != nil {
				t.Fatal(err)
			}
			if err := <-read; err != nil {
				t.Fatal(err)
			}
			if err := s.close(); err != nil {
				t.Error(err)
			}
			<-accepted.last
			<-dialled.last
			if accepted.trips != 1 || dialled.trips > 1 {
				t.Errorf("%d round trips seen by the server, %d by the client", accepted.trips, dialled.trips)
			}
		})
	}
}

func TestTapChangesNoByte(t *testing.T) {
	t.Parallel()
	// The masks of clients are random, so the servers' bytes are compared.
	for _, l := range libraries {
		for _, compress := range []bool{false, true} {
			if compress && !l.compresses {
				continue
			}
			t.Run(fmt.Sprint(l.name, ", compress ", compress), func(t *testing.T) {
				t.Parallel()
				var read [2]bytes.Buffer
				for i, tapped := range []bool{false, true} {
					var lock sync.Mutex
					open := func(*http.Request) *conn.Observer { return nil }
					if tapped {
						open = func(*http.Request) *conn.Observer { return newRecord().observer() }
					}
					url, _, end := echo(l, compress, false, open)
					d := &conn.Dialer{Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
						c, err := (&net.Dialer{}).DialContext(ctx, network, address)
						return recorder{c, &lock, &read[i]}, err
					}}
					s, err := l.dial(t.Context(), url, compress, d)
					if err != nil {
						t.Fatal(err)
					}
					converse(t, s)
					if err := s.close(); err != nil {
						t.Error(err)
					}
					end()
					lock.Lock()
					_, frames, _ := bytes.Cut(read[i].Bytes(), []byte("\r\n\r\n")) // The accept key is random, too.
					read[i] = *bytes.NewBuffer(frames)
					lock.Unlock()
				}
				if !bytes.Equal(read[0].Bytes(), read[1].Bytes()) {
					t.Errorf("the server sent %d bytes without a tap, %d with one, or they differ", read[0].Len(), read[1].Len())
				}
			})
		}
	}
}

// A recorder keeps the bytes that are read below the taps.
type recorder struct {
	net.Conn
	lock *sync.Mutex
	read *bytes.Buffer
}

func (r recorder) Read(p []byte) (int, error) {
	n, err := r.Conn.Read(p)
	r.lock.Lock()
	defer r.lock.Unlock()
	r.read.Write(p[:n])
	return n, err
}
