// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package otelpion measures the audio of a PeerConnection of pion/webrtc. [Interceptor] returns an
// interceptor for one session:
//
//	registry := &interceptor.Registry{}
//	registry.Add(otelpion.Interceptor(session))
//	err := webrtc.RegisterDefaultInterceptors(media, registry)
//	api := webrtc.NewAPI(webrtc.WithMediaEngine(media), webrtc.WithInterceptorRegistry(registry))
//	pc, err := api.NewPeerConnection(webrtc.Configuration{})
//
// An API belongs to one call: make it when the session has started. The agent's code for tracks
// stays as it is. The interceptor records:
//
//   - packets, losses, jitter and gaps of the user's audio, as metrics every five seconds and as
//     attributes of the turns in which they occur;
//   - the round-trip time, from the reception reports of the remote end;
//   - [otelvoice.AgentStarted] and [otelvoice.AgentStopped], from the agent's audio; see [Interceptor].
//
// pion runs interceptors when the program reads. A packet counts as arrived when the program reads
// it from the track, so read tracks without delay. The round-trip time needs a program that reads
// RTCP from its senders, as pion's other interceptors do:
//
//	go func() {
//		for {
//			if _, _, err := sender.ReadRTCP(); err != nil {
//				return
//			}
//		}
//	}()
//
// Streams of Opus, PCMU, PCMA and G722 are measured, and others are passed on untouched. The
// interceptor changes, delays and holds no packet. It adds about 150 ns to a packet, and 450 ns to
// an outgoing G.711 packet of silence, without allocation (BenchmarkPacket).
//
// Stability: experimental; may change in a minor release.
//
// The package is a module of its own, so that only its users depend on pion.
package otelpion
