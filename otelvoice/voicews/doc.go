// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package voicews instruments the connections that a voice agent keeps open: WebSockets to recognisers,
// synthesizers and speech-to-speech models, and the media streams of telephone lines. The agent
// keeps its WebSocket library, and its code does not change.
//
// Two taps read the messages as they pass. [Accept] is for connections that the agent accepts, and
// [Dialer] for those that it dials:
//
//	http.Handle("/media", voicews.Accept(tel)(phone)) // Twilio, Telnyx, Plivo, Vonage.
//
//	dialer := voicews.NewDialer(tel)
//	gorilla := websocket.Dialer{NetDialContext: dialer.DialContext, NetDialTLSContext: dialer.DialTLSContext}
//	coder := websocket.DialOptions{HTTPClient: dialer.HTTPClient(nil)}
//
// A [Call] makes the session, the turns and the stages from what the taps read and from the requests
// that voicehttp's Transport sends with the call's context. The page docs/live-calls.md
// has the rules. Handles that the program starts by itself may be mixed in.
//
// A tap does not change or hold a byte. It reads bytes when they have passed, before Read or Write returns,
// which takes microseconds. While an observer of turns of the program blocks, the taps of the call wait
// 100 ms in all, and then what passes is not recorded. Taps decode RFC 6455 with permessage-deflate. What a
// decoder does not understand passes, and is counted in voice.stream.not_understood.count.
//
// Stability: experimental. Names and rules may change.
package voicews
