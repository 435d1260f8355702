// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicehttp_test

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/voice-agents/telemetry/otelvoice/voicehttp"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
)

// What goes in over the wire and comes out over the wire, through a server behind the
// middleware that calls on through the transport: W3C Trace Context, level 2. The
// grammar has its own tables in internal/tracecontext.
func TestTraceContextLevel2(t *testing.T) {
	const trace = "12345678901234567890123456789012"
	const valid = "traceparent: 00-" + trace + "-1234567890123456-00"
	long := strings.Repeat("z", 256)
	b := newBackend(t)
	tel, _ := voicetest.Setup(t)
	client := &http.Client{Transport: voicehttp.Transport(tel.Telemetry, &http.Transport{}, voicehttp.WithTrustedHosts("127.0.0.1"))}
	s := httptest.NewServer(voicehttp.Middleware(tel.Telemetry)(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		ask(t, r.Context(), client, b.URL)
	})))
	t.Cleanup(s.Close)
	for _, tt := range []struct {
		name      string
		lines     []string
		inherited bool
		state     string
	}{
		{"nothing", nil, false, ""},
		{"a traceparent", []string{valid}, true, ""},
		{"any case", []string{strings.Replace(valid, "traceparent", "TrAcEpArEnT", 1), "TRACESTATE: foo=1"}, true, "foo=1"},
		{"other names", []string{strings.Replace(valid, "traceparent", "trace-parent", 1), "tracestate: foo=1"}, false, ""},
		{"another name of the state", []string{valid, "trace-state: foo=1"}, true, ""},
		{"two traceparents", []string{valid, strings.Replace(valid, "12-", "11-", 1), "tracestate: foo=1"}, false, ""},
		{"blanks around", []string{"traceparent:\t 00-" + trace + "-1234567890123456-01 \t", "tracestate: \tfoo=1 \t"}, true, "foo=1"},
		{"version 00 with more", []string{valid + "-what-the-future-will-be-like"}, false, ""},
		{"version cc with more", []string{strings.Replace(valid, " 00", " cc", 1) + "-what-the-future-will-be-like"}, true, ""},
		{"version ff", []string{strings.Replace(valid, " 00", " ff", 1)}, false, ""},
		{"a state alone", []string{"tracestate: foo=1"}, false, ""},
		{"an empty state", []string{valid, "tracestate:"}, true, ""},
		{"an empty state beside a full one", []string{valid, "tracestate:", "tracestate: foo=1", "tracestate: "}, true, "foo=1"},
		{"several states", []string{valid, "tracestate: foo=1,bar=2", "tracestate: rojo=1,congo=2", "tracestate: baz=3"}, true, "foo=1,bar=2,rojo=1,congo=2,baz=3"},
		{"a key twice", []string{valid, "tracestate: foo=1,foo=2", "tracestate: foo=3,bar=4"}, true, "foo=1,bar=4"},
		{"keys with @", []string{valid, "tracestate: foo@=1,foo@@bar=2", "tracestate: foo@bar@baz=3,a@b=4"}, true, "foo@=1,foo@@bar=2,foo@bar@baz=3,a@b=4"},
		{"a key of @ alone", []string{valid, "tracestate: @foo=1,bar=2"}, true, ""},
		{"a key of 256", []string{valid, "tracestate: foo=1", "tracestate: " + long + "=1"}, true, "foo=1," + long + "=1"},
		{"a key of 257", []string{valid, "tracestate: foo=1", "tracestate: z" + long + "=1"}, true, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			conn, err := net.Dial("tcp", s.Listener.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = conn.Close() }()
			lines := append([]string{"GET / HTTP/1.1", "Host: agent", "Connection: close"}, tt.lines...)
			if _, err := fmt.Fprintf(conn, "%s\r\n\r\n", strings.Join(lines, "\r\n")); err != nil {
				t.Fatal(err)
			}
			res, err := http.ReadResponse(bufio.NewReader(conn), nil)
			if err != nil {
				t.Fatal(err)
			}
			_ = res.Body.Close()
			if res.StatusCode != http.StatusOK {
				t.Fatalf("answered %s", res.Status)
			}
			for direction, h := range map[string]http.Header{"called on with": <-b.seen, "answered with": res.Header} {
				parent := h["Traceparent"]
				if len(parent) != 1 || strings.Contains(parent[0], trace) != tt.inherited {
					t.Errorf("%s traceparent %q, inherited: want %v", direction, parent, tt.inherited)
				}
				if got := strings.Join(h["Tracestate"], "|"); got != tt.state {
					t.Errorf("%s tracestate\ngot  %s\nwant %s", direction, got, tt.state)
				}
			}
		})
	}
}
