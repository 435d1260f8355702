// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package syslog_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/log"
	"go.opentelemetry.io/otel/trace"
	"go.uber.org/goleak"

	"github.com/voice-agents/telemetry/exporters/jsonlog"
	"github.com/voice-agents/telemetry/exporters/syslog"
	"github.com/voice-agents/telemetry/exporters/textlog"
	"github.com/voice-agents/telemetry/semconv"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func newWriter(t *testing.T, opts syslog.Options) *syslog.Writer {
	t.Helper()
	w, err := syslog.NewWriter(opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		_ = w.Shutdown(ctx)
	})
	return w
}

func listen(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}

// receive reads one octet-counted message.
func receive(r *bufio.Reader) (string, error) {
	length, err := r.ReadString(' ')
	if err != nil {
		return "", err
	}
	n, err := strconv.Atoi(strings.TrimSpace(length))
	if err != nil {
		return "", err
	}
	message := make([]byte, n)
	_, err = io.ReadFull(r, message)
	return string(message), err
}

func TestMessages(t *testing.T) {
	l := listen(t)
	for _, tt := range []struct {
		name string
		opts syslog.Options
		line string
		want string
	}{
		{"no JSON", syslog.Options{}, "hello", "<14>1 - box app - - - hello"},
		{"facility", syslog.Options{Facility: "LOCAL7"}, `{"level":"INFO"}`, `<190>1 - box app - - - {"level":"INFO"}`},
		{"debug", syslog.Options{}, `{"level":"DEBUG"}`, `<15>1 - box app - - - {"level":"DEBUG"}`},
		{"below debug", syslog.Options{}, `{"level":"DEBUG-4"}`, `<15>1 - box app - - - {"level":"DEBUG-4"}`},
		{"notice", syslog.Options{}, `{"level":"INFO+2"}`, `<13>1 - box app - - - {"level":"INFO+2"}`},
		{"warning", syslog.Options{}, `{"level":"WARN"}`, `<12>1 - box app - - - {"level":"WARN"}`},
		{"error", syslog.Options{}, `{"level":"ERROR"}`, `<11>1 - box app - - - {"level":"ERROR"}`},
		{"critical", syslog.Options{}, `{"level":"ERROR+4"}`, `<10>1 - box app - - - {"level":"ERROR+4"}`},
		{"names", syslog.Options{Hostname: "a b", AppName: strings.Repeat("x", 60), ID: "x@1"}, `{"module":"m","phase":"a b"}`, `<14>1 - ab ` + strings.Repeat("x", 48) + ` - ab [x@1 module="m"] {"module":"m","phase":"a b"}`},
		{"cut", syslog.Options{MaxMessageBytes: 60}, strings.Repeat("ü", 100), "<14>1 - box app - - - üüüüüüüü…(+184 bytes)"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.opts.Address = "tcp://" + l.Addr().String()
			if tt.opts.Hostname == "" {
				tt.opts.Hostname, tt.opts.AppName = "box", "app"
			}
			w := newWriter(t, tt.opts)
			if _, err := syslog.WriteJSON(w, tt.line+"\n"); err != nil {
				t.Fatal(err)
			}
			c, err := l.Accept()
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			got, err := receive(bufio.NewReader(c))
			if got != tt.want || err != nil {
				t.Errorf("got  %s (%v)\nwant %s", got, err, tt.want)
			}
		})
	}
}

func TestBadOptions(t *testing.T) {
	for _, tt := range []struct {
		name string
		opts syslog.Options
		want string
	}{
		{"scheme", syslog.Options{Address: "http://h"}, `address "http://h": want udp://host:514`},
		{"no host", syslog.Options{Address: "tcp://:601"}, `want udp://host:514`},
		{"no path", syslog.Options{Address: "unix://"}, `want udp://host:514`},
		{"no URL", syslog.Options{Address: "://"}, `want udp://host:514`},
		{"facility", syslog.Options{Facility: "loud"}, `facility "loud": want one of kern, user`},
		{"ID", syslog.Options{ID: "a b"}, `ID "a b": want at most 32`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := syslog.NewWriter(tt.opts); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %s", err, tt.want)
			}
		})
	}
}

// An unreachable server costs lines but no time, and is reported once.
func TestAbsentServer(t *testing.T) {
	l := listen(t)
	address := l.Addr().String()
	_ = l.Close()
	reported := make(chan error, 100)
	w := newWriter(t, syslog.Options{Address: "tcp://" + address, Queue: 10, OnError: func(err error) { reported <- err }})
	full := 0
	for range 1000 {
		if _, err := io.WriteString(w, "line\n"); errors.Is(err, syslog.ErrFull) {
			full++
		}
	}
	if full < 900 || w.Lost() != uint64(full) {
		t.Errorf("%d did not fit, %d are counted", full, w.Lost())
	}
	if err := <-reported; !strings.Contains(err.Error(), "refused") {
		t.Errorf("reported %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := w.ForceFlush(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("flush: %v", err)
	}
	if err := w.Shutdown(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("shutdown: %v", err)
	}
	if w.Lost() != 1000 {
		t.Errorf("%d are counted, want 1000", w.Lost())
	}
	if _, err := io.WriteString(w, "line\n"); !errors.Is(err, os.ErrClosed) || w.Lost() != 1001 {
		t.Errorf("after the end: %v, %d lost", err, w.Lost())
	}
	if err := w.Shutdown(t.Context()); err != nil {
		t.Errorf("a second shutdown: %v", err)
	}
	if len(reported) != 0 {
		t.Errorf("reported %d more times", len(reported))
	}
}

// A server that accepts and never reads does not block callers. Shutdown waits no longer than its
// context.
func TestServerThatNeverReads(t *testing.T) {
	l := listen(t)
	var accepted sync.WaitGroup
	accepted.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			t.Cleanup(func() { _ = c.Close() })
		}
	})
	w := newWriter(t, syslog.Options{Address: "tcp://" + l.Addr().String(), Queue: 100})
	line := strings.Repeat("x", 60<<10) + "\n"
	wrote := 0
	for range 1000 {
		if _, err := io.WriteString(w, line); err == nil {
			wrote++
		}
	}
	if w.Lost() == 0 || wrote+int(w.Lost()) != 1000 {
		t.Errorf("%d were taken and %d counted, want 1000 together", wrote, w.Lost())
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := w.Shutdown(ctx); err == nil {
		t.Error("no error, and the server has read nothing")
	}
	_ = l.Close()
	accepted.Wait()
}

// Accepted lines arrive in order; the others are counted.
func TestBurst(t *testing.T) {
	const lines = 10_000
	l := listen(t)
	w := newWriter(t, syslog.Options{Address: "tcp://" + l.Addr().String(), Queue: 100})
	arrived := make(chan int)
	go func() {
		defer close(arrived)
		c, err := l.Accept()
		if err != nil {
			return
		}
		defer c.Close()
		r := bufio.NewReader(c)
		last, n := -1, 0
		for {
			message, err := receive(r)
			if err != nil {
				arrived <- n
				return
			}
			i, _ := strconv.Atoi(message[strings.LastIndexByte(message, ' ')+1:])
			if i <= last {
				t.Errorf("%d after %d", i, last)
			}
			last, n = i, n+1
		}
	}()
	for i := range lines {
		_, _ = fmt.Fprintf(w, "%d\n", i)
	}
	if err := w.ForceFlush(t.Context()); err != nil {
		t.Error(err)
	}
	if err := w.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
	if n := <-arrived; n+int(w.Lost()) != lines {
		t.Errorf("%d arrived and %d are counted, want %d together", n, w.Lost(), lines)
	}
}

// Of several messages, only one that is too long for a datagram is lost.
func TestTooLongForADatagram(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	c, err := net.ListenPacket("unixgram", path)
	if err != nil {
		t.Skip("there are no datagram sockets here: ", err)
	}
	defer c.Close()
	w := newWriter(t, syslog.Options{Address: "unix://" + path, MaxMessageBytes: 4 << 20})
	_, _ = io.WriteString(w, strings.Repeat("x", 2<<20)+"\n")
	_, _ = io.WriteString(w, "short\n")
	buf := make([]byte, 1<<10)
	if err := c.SetReadDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	n, _, err := c.ReadFrom(buf)
	if err != nil || !strings.HasSuffix(string(buf[:n]), "short") || w.Lost() != 1 {
		t.Errorf("got %q, %v, %d lost", buf[:n], err, w.Lost())
	}
}

// The providers of the encoders send the time, the level and the ids of a record.
func TestEncoders(t *testing.T) {
	l := listen(t)
	for _, tt := range []struct {
		name string
		open func(io.Writer) log.LoggerProvider
		want string // The line.
	}{
		{"JSON", func(w io.Writer) log.LoggerProvider { return jsonlog.New(w, &jsonlog.Options{ProcessID: 7}) }, `{"timestamp":"2024-01-01T12:00:00.000Z","level":"ERROR+4",` +
			`"message":"m","correlation_id":"order-42","trace_id":"09000000000000000000000000000000","span_id":"0100000000000000","session_id":"sess_1","module":"voice.stt","process_id":7,"phase":"stage_end"}`},
		{"text", func(w io.Writer) log.LoggerProvider { return textlog.New(w, &textlog.Options{Location: time.UTC}) }, "12:00:00.000 ERROR+4 stt            m  order-42 sess_1"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWriter(t, syslog.Options{Address: "tcp://" + l.Addr().String(), Hostname: "box", AppName: "app"})
			var r log.Record
			r.SetTimestamp(time.Date(2024, 1, 1, 12, 0, 0, 0, time.UTC))
			r.SetSeverity(log.SeverityFatal)
			r.SetBody(attribute.StringValue("m"))
			r.AddAttributes(semconv.VoiceCorrelationID("order-42"), attribute.String("session_id", "sess_1"), semconv.VoicePhase("stage_end"))
			ctx := trace.ContextWithSpanContext(t.Context(), trace.NewSpanContext(trace.SpanContextConfig{TraceID: trace.TraceID{9}, SpanID: trace.SpanID{1}}))
			tt.open(w).Logger("voice.stt").Emit(ctx, r)
			c, err := l.Accept()
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			got, err := receive(bufio.NewReader(c))
			process := strconv.Itoa(os.Getpid())
			if tt.name == "JSON" {
				process = "7"
			}
			want := "<10>1 2024-01-01T12:00:00.000Z box app " + process + ` stage_end [otelvoice@32473 correlation_id="order-42" trace_id="09000000000000000000000000000000" ` +
				`span_id="0100000000000000" session_id="sess_1" module="voice.stt"] ` + tt.want
			if got != want || err != nil {
				t.Errorf("got  %s (%v)\nwant %s", got, err, want)
			}
		})
	}
}
