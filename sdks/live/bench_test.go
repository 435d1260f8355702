// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package live_test

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/gorilla/websocket"

	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
	"github.com/voice-agents/telemetry/otelvoice/voicews"
)

// A thousand calls whose callers send frames of 20 ms. An iteration is a frame of each call, which is 20 ms
// of telephony: the time of an iteration, of 20 ms, is the share of a core. The difference between tapped
// and bare is what the telemetry costs. Run it alone:
//
//	go test -run '^$' -bench Calls ./live
func BenchmarkCalls(b *testing.B) {
	const calls = 1000
	for _, tapped := range []bool{false, true} {
		b.Run(map[bool]string{false: "bare", true: "tapped"}[tapped], func(b *testing.B) {
			var received sync.WaitGroup
			var handler http.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				conn, err := (&websocket.Upgrader{}).Upgrade(w, r, nil)
				if err != nil {
					return
				}
				defer func() { _ = conn.Close() }()
				for {
					if _, _, err := conn.ReadMessage(); err != nil {
						return
					}
					received.Done()
				}
			})
			if tapped {
				sdk, err := voicesdk.Setup(b.Context(), voicesdk.WithoutGlobals(), voicesdk.WithoutConsole())
				if err != nil {
					b.Fatal(err)
				}
				defer func() { _ = sdk.Shutdown(b.Context()) }()
				handler = voicews.Accept(sdk.Telemetry)(handler)
			}
			s := httptest.NewServer(handler)
			defer s.Close()
			before := heap()
			conns := make([]*websocket.Conn, calls)
			received.Add(calls)
			for n := range conns {
				conn, res, err := websocket.DefaultDialer.Dial(strings.Replace(s.URL, "http:", "ws:", 1), nil)
				if err != nil {
					b.Fatal(err)
				}
				_ = res.Body.Close()
				conns[n] = conn
				start := fmt.Sprintf(`{"event":"start","streamSid":"MZ%d","start":{"streamSid":"MZ%d","callSid":"CA%d","mediaFormat":{"encoding":"audio/x-mulaw","sampleRate":8000,"channels":1}}}`, n, n, n)
				if err := conn.WriteMessage(websocket.TextMessage, []byte(start)); err != nil {
					b.Fatal(err)
				}
			}
			received.Wait()
			payload := base64.StdEncoding.EncodeToString(frame)
			memory := float64(heap() - before)
			b.ReportAllocs()
			b.ResetTimer()
			for n := 0; b.Loop(); n++ {
				received.Add(calls)
				message, err := websocket.NewPreparedMessage(websocket.TextMessage, fmt.Appendf(nil,
					`{"event":"media","sequenceNumber":"%d","media":{"track":"inbound","chunk":"%d","timestamp":"%d","payload":%q},"streamSid":"MZ1"}`, n+2, n+1, n*20, payload))
				if err != nil {
					b.Fatal(err)
				}
				for _, conn := range conns {
					if err := conn.WritePreparedMessage(message); err != nil {
						b.Fatal(err)
					}
				}
				received.Wait()
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/calls, "ns/frame")
			b.ReportMetric(memory/calls, "B/call")
			for _, conn := range conns {
				_ = conn.Close()
			}
		})
	}
}

// heap returns the bytes in use on the heap.
func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc) // #nosec G115 -- it fits.
}
