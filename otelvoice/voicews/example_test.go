// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicews_test

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
	"github.com/voice-agents/telemetry/otelvoice/voicews"
)

var phone = http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})

// The handler is one that upgrades to a WebSocket, by any library, and speaks the protocol of Twilio,
// Telnyx, Plivo or Vonage.
func ExampleAccept() {
	rec := voicetest.NewRecorder()
	tel, err := voicesdk.Setup(context.Background(), append(rec.Options(), voicesdk.WithoutConsole())...)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = tel.Shutdown(context.Background()) }()
	mux := http.NewServeMux()
	mux.Handle("/media", voicews.Accept(tel.Telemetry)(phone))
	server := http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	fmt.Println(server.Close())
	// Output: <nil>
}

// The dial functions are for gorilla/websocket:
//
//	websocket.Dialer{NetDialContext: dialer.DialContext, NetDialTLSContext: dialer.DialTLSContext}
//
// and the client for coder/websocket:
//
//	websocket.DialOptions{HTTPClient: dialer.HTTPClient(nil)}
func ExampleNewDialer() {
	rec := voicetest.NewRecorder()
	tel, err := voicesdk.Setup(context.Background(), append(rec.Options(), voicesdk.WithoutConsole())...)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = tel.Shutdown(context.Background()) }()
	dialer := voicews.NewDialer(tel.Telemetry)
	client := dialer.HTTPClient(nil)
	fmt.Println(client != nil)
	// Output: true
}

// A recogniser with callbacks reports what it hears.
func ExampleCall_Recognizer() {
	rec := voicetest.NewRecorder()
	tel, err := voicesdk.Setup(context.Background(), append(rec.Options(), voicesdk.WithoutConsole())...)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = tel.Shutdown(context.Background()) }()
	_, call := voicews.NewCall(context.Background(), tel.Telemetry)
	heard := call.Recognizer(otelvoice.Model{Provider: "azure", Name: "en-US"}, "en-US",
		otelvoice.AudioFormat{Codec: otelvoice.CodecPCM16, SampleRate: 16000, Channels: 1})
	heard.Opened("")
	heard.AddAudio(make([]byte, 32000))
	heard.SpeechStarted("", 200*time.Millisecond)
	heard.Final(&voicews.Transcript{Text: "a table for two", Start: 200 * time.Millisecond, End: 900 * time.Millisecond})
	heard.Committed("", 0)
	heard.Closed(nil)
	call.End()
	fmt.Print(rec.Shape())
	// Output:
	// voice.session INTERNAL
	//   voice.turn INTERNAL
	//     speech_to_text en-US CLIENT
	//   speech_to_text_stream en-US CLIENT
}

// A session that the program started is used, and the program ends it.
func ExampleNewCall() {
	rec := voicetest.NewRecorder()
	tel, err := voicesdk.Setup(context.Background(), append(rec.Options(), voicesdk.WithoutConsole())...)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = tel.Shutdown(context.Background()) }()
	ctx, session := tel.StartSession(context.Background(), otelvoice.WithSessionID("call-1"))
	defer session.End()
	ctx, call := voicews.NewCall(ctx, tel.Telemetry)
	defer call.End()
	fmt.Println(otelvoice.SessionID(ctx), call.Session() == session, voicews.CallFromContext(ctx).Session().ID())
	// Output: call-1 true call-1
}
