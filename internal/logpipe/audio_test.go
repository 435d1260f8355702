// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package logpipe_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/log"

	"github.com/voice-agents/telemetry/internal/logpipe"
)

type frame struct {
	At   time.Duration
	Data []byte
}

type envelope struct {
	Name    string
	Payload any
}

type node struct {
	Name string
	Next *node
}

// spoken has a LogValue that returns data that must not be logged.
type spoken func() any

func (s spoken) LogValue() slog.Value { return slog.AnyValue(s()) }

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, io.EOF }
func (brokenReader) Len() int                 { panic("Len") }

// Audio is never logged, whatever type wraps it.
func TestAudioIsNeverLogged(t *testing.T) {
	secret := []byte("spoken")
	const digits = "115 112 111 107 101 110" // As %v formats it.
	pcm := []int16{29555, 28527, 25966}
	for _, tt := range []struct {
		name  string
		value any
		want  string // Empty for any that shows nothing.
	}{
		{"bytes", secret, `{"size_bytes":6}`},
		{"named bytes", json.RawMessage(secret), `{"size_bytes":6}`},
		{"array of bytes", [6]byte(secret), `{"size_bytes":6}`},
		{"16-bit samples", pcm, `{"size_bytes":6}`},
		{"float samples", []float32{1, 2}, `{"size_bytes":8}`},
		{"bytes.Reader", bytes.NewReader(secret), `{"size_bytes":6}`},
		{"bytes.Buffer", bytes.NewBuffer(secret), `{"size_bytes":6}`},
		{"strings.Reader", strings.NewReader("spoken"), `{"size_bytes":6}`},
		{"reader of unknown size", io.LimitReader(os.Stdin, 1), `(*io.LimitedReader not shown)`},
		{"reader that panics", brokenReader{}, `(reader not shown)`},
		{"struct", frame{Data: secret}, `(logpipe_test.frame not shown)`},
		{"pointer to struct", &frame{Data: secret}, `(*logpipe_test.frame not shown)`},
		{"list of structs", []frame{{Data: secret}}, `([]logpipe_test.frame not shown)`},
		{"list of frames", [][]byte{secret}, `([][]uint8 not shown)`},
		{"map", map[string][]byte{"a": secret}, `(map[string][]uint8 not shown)`},
		{"struct with an interface", envelope{"n", secret}, `(logpipe_test.envelope not shown)`},
		{"map of anything", map[string]any{"a": secret}, `(map[string]interface {} not shown)`},
		{"list of anything", []any{1, map[string]any{"a": pcm}}, `([]interface {} not shown)`},
		{"group", slog.GroupValue(slog.Any("a", secret)), `{"a":{"size_bytes":6}}`},
		{"LogValuers in a list", []any{spoken(func() any { return pcm }), spoken(func() any { return secret })}, `[{"size_bytes":6},{"size_bytes":6}]`},
		{"LogValuer of a struct in a list", []spoken{func() any { return frame{Data: secret} }}, `["(logpipe_test.frame not shown)"]`},
		{"request", &http.Request{Body: io.NopCloser(bytes.NewReader(secret))}, `(*http.Request not shown)`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			l := &output{}
			slog.New(logpipe.NewHandler("m", "v", logpipe.New(logpipe.Options{}, via(l)))).Info("m", "audio", tt.value)
			got := attrs(l.records[0])["audio"]
			if got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
			if strings.Contains(got, "spoken") || strings.Contains(got, digits) || strings.Contains(got, "29555") {
				t.Errorf("audio was logged: %s", got)
			}
		})
	}
}

// Data that is not audio stays readable.
func TestOtherValuesAreLogged(t *testing.T) {
	u, _ := url.Parse("http://localhost/x")
	for _, tt := range []struct {
		name  string
		value any
		want  string
	}{
		{"IP", net.IPv4(127, 0, 0, 1), "127.0.0.1"},
		{"struct", envelope{"n", 1}, "{Name:n Payload:1}"},
		{"recursive struct", &node{Name: "a"}, "{Name:a Next:<nil>}"},
		{"map", map[string]any{"a": 1}, `{"a":1}`},
		{"list", []int{1, 2}, "[1,2]"},
		{"URL", u.Host, "localhost"},
		{"nil", nil, ""},
		{"error", errors.New("e"), ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			l := &output{}
			slog.New(logpipe.NewHandler("m", "v", logpipe.New(logpipe.Options{}, via(l)))).Info("m", "v", tt.value)
			if got := attrs(l.records[0])["v"]; got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

// Another bridge, without a handler of this package in front.
func TestBytesOfOtherBridges(t *testing.T) {
	l := &output{}
	var r log.Record
	r.AddAttributes(attribute.ByteSlice("b", []byte("spoken")), attribute.Map("m", attribute.ByteSlice("b", []byte("spoken"))))
	r.SetBody(attribute.ByteSliceValue([]byte("spoken")))
	logpipe.New(logpipe.Options{WithoutThreadID: true}, via(l)).Logger("m").Emit(t.Context(), r)
	got := attrs(l.records[0])
	if got["b"] != `{"size_bytes":6}` || got["m"] != `{"b":{"size_bytes":6}}` || l.records[0].Body().String() != `{"size_bytes":6}` {
		t.Errorf("got %v and %v", got, l.records[0].Body())
	}
}
