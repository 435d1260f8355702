// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package client

import (
	"context"
	"io"
	"net/http"
	"strings"

	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/internal/wire/vendors"
	"github.com/voice-agents/telemetry/otelvoice/internal/vendorcall"
)

// maxAhead is how large a request may be to be decoded before it is sent, so that its stage begins
// with the model. A larger one is decoded while it is sent.
const maxAhead = 64 << 10

// decodedKey marks the context of a request that a transport around this one decodes. A program may
// have a transport of its own between the two.
type decodedKey struct{}

// exchange returns the exchange of a request to a provider, and the context of its stage. It is nil
// for all other requests.
func (t *Transport) exchange(ctx context.Context, r *http.Request, resends int) (context.Context, *exchange) {
	if t.config.WithoutStages {
		return ctx, nil
	}
	target := wire.Target{Method: r.Method, Host: strings.ToLower(r.URL.Hostname()), Port: r.URL.Port(), Path: r.URL.Path, Header: r.Header}
	vendor, ok := vendors.Find(&target, t.config.Vendors.Of(strings.ToLower(r.URL.Host)))
	if !ok {
		return ctx, nil
	}
	if ctx.Value(decodedKey{}) != nil {
		return ctx, nil
	}
	opener := vendorcall.FromContext(ctx)
	if opener == nil { // Outside of a session.
		opener = vendorcall.FromContext(t.tel.Context(ctx))
	}
	if opener == nil { // Without telemetry.
		return ctx, nil
	}
	x := &exchange{transport: t, ctx: ctx}
	decoded := target // Only a request to a provider allocates.
	decoded.Query, decoded.Content = r.URL.Query(), opener.Content()
	x.content = decoded.Content
	x.decoder = vendor.Decoder(&decoded, x.event)
	if x.decoder == nil {
		return ctx, nil
	}
	x.request = x.decoder.Asks()
	x.readAhead(r)
	x.mu.Lock() // Against a decoder that reports while the stage opens.
	defer x.mu.Unlock()
	ctx, x.stage = opener.OpenStage(ctx, &vendorcall.Call{Request: x.request, Attempt: resends + 1})
	x.stage.SetAttributes(appendServer(nil, r)...)
	if x.isAsked {
		x.stage.Event(&wire.Event{Kind: wire.Requested, Request: x.request})
	}
	return ctx, x
}

// readAhead decodes a copy of the request's body, if the request has one and it is not large.
func (x *exchange) readAhead(r *http.Request) {
	if r.Body == nil || r.Body == http.NoBody {
		x.fed.Store(true)
		x.sentAll()
		return
	}
	if r.GetBody == nil || r.ContentLength <= 0 || r.ContentLength > maxAhead {
		return
	}
	defer func() { _ = recover() }() // Of a defective GetBody, which the base may never call.
	body, err := r.GetBody()
	if err != nil || body == nil {
		return
	}
	defer body.Close()
	buf := make([]byte, r.ContentLength)
	n, err := io.ReadFull(body, buf)
	if err != nil {
		return // The body is not what the request says; it is decoded while it is sent.
	}
	x.sent(buf[:n])
	x.sentAll()
	x.fed.Store(true)
}
