// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelpion_test

import (
	"context"
	"fmt"

	"github.com/pion/interceptor"
	"github.com/pion/webrtc/v4"

	"github.com/voice-agents/telemetry/otelpion"
	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
)

// newConnection returns the PeerConnection of one call.
func newConnection(measure interceptor.Factory) (*webrtc.PeerConnection, error) {
	codecs := &webrtc.MediaEngine{}
	if err := codecs.RegisterDefaultCodecs(); err != nil {
		return nil, fmt.Errorf("register codecs: %w", err)
	}
	registry := &interceptor.Registry{}
	registry.Add(measure)
	if err := webrtc.RegisterDefaultInterceptors(codecs, registry); err != nil {
		return nil, fmt.Errorf("register interceptors: %w", err)
	}
	api := webrtc.NewAPI(webrtc.WithMediaEngine(codecs), webrtc.WithInterceptorRegistry(registry))
	return api.NewPeerConnection(webrtc.Configuration{})
}

// The interceptor measures the connection. The code for tracks is the same as without it.
func ExampleInterceptor() {
	ctx := context.Background()
	tel, err := voicesdk.Setup(ctx, voicesdk.WithoutGlobals(), voicesdk.WithoutConsole())
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = tel.Shutdown(ctx) }()
	_, session := tel.StartSession(ctx)
	defer session.End()

	pc, err := newConnection(otelpion.Interceptor(session))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = pc.GracefulClose() }()
	fmt.Println(pc.ConnectionState())
	// Output: new
}

// In the handler of an offer, the context may have the session.
func ExampleFromContext() {
	ctx := context.Background()
	tel, err := voicesdk.Setup(ctx, voicesdk.WithoutGlobals(), voicesdk.WithoutConsole())
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = tel.Shutdown(ctx) }()
	ctx, session := tel.StartSession(ctx)
	defer session.End()

	pc, err := newConnection(otelpion.FromContext(ctx))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = pc.GracefulClose() }()
	fmt.Println(pc.ConnectionState())
	// Output: new
}
