// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package syslog_test

import (
	"context"
	"fmt"
	"net"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/log"

	"github.com/voice-agents/telemetry/exporters/jsonlog"
	"github.com/voice-agents/telemetry/exporters/syslog"
	"github.com/voice-agents/telemetry/semconv"
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
	provider := jsonlog.New(w, &jsonlog.Options{ProcessID: 7}) // Or textlog.New.
	var r log.Record
	r.SetTimestamp(time.Date(2024, 1, 1, 12, 0, 0, 0, time.UTC))
	r.SetSeverity(log.SeverityError)
	r.SetBody(attribute.StringValue("STT failed"))
	r.AddAttributes(semconv.SessionID("sess_1"))
	provider.Logger("voice.stt").Emit(context.Background(), r)
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if err := w.Shutdown(ctx); err != nil { // Sends the waiting messages.
		panic(err)
	}
	message := make([]byte, 1<<10)
	n, _, _ := server.ReadFrom(message)
	fmt.Println(string(message[:n]))
	// Output:
	// <131>1 2024-01-01T12:00:00.000Z edge-1 concierge 7 - [1 session_id="sess_1" module="voice.stt"] {"timestamp":"2024-01-01T12:00:00.000Z","level":"ERROR","message":"STT failed","session_id":"sess_1","module":"voice.stt","process_id":7}
}
