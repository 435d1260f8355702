// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package syslog_test

import (
	"context"
	"fmt"
	"net"
	"time"

	"github.com/voice-agents/telemetry/exporters/syslog"
)

func ExampleNewWriter() {
	server, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	defer server.Close()

	w, err := syslog.NewWriter(syslog.Options{
		Address: "udp://" + server.LocalAddr().String(), Facility: "local0", AppName: "concierge", Hostname: "edge-1", ID: "1",
	})
	if err != nil {
		panic(err)
	}
	fmt.Fprintln(w, `{"timestamp":"2024-01-01T12:00:00.000Z","level":"ERROR","message":"STT failed","session_id":"sess_1","module":"voice.stt","process_id":7}`)
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if err := w.Shutdown(ctx); err != nil { // Sends what is waiting.
		panic(err)
	}
	message := make([]byte, 1<<10)
	n, _, _ := server.ReadFrom(message)
	fmt.Println(string(message[:n]))
	// Output:
	// <131>1 2024-01-01T12:00:00.000Z edge-1 concierge 7 - [1 session_id="sess_1" module="voice.stt"] {"timestamp":"2024-01-01T12:00:00.000Z","level":"ERROR","message":"STT failed","session_id":"sess_1","module":"voice.stt","process_id":7}
}
