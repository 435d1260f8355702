// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otellivekit

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strings"

	"github.com/livekit/protocol/auth"
	"go.opentelemetry.io/otel/propagation"

	"github.com/voice-agents/telemetry/otelvoice"
)

// metadataKey is the key of metadata, of data and of RPC payloads that is the
// toolkit's own. What else is there is left alone.
const metadataKey = "otelvoice"

// attributePrefix begins the keys of a participant's attributes that are.
const attributePrefix = metadataKey + "."

// ErrNotObject is text that is not a JSON object. It is kept as it is: the toolkit
// does not overwrite a format of yours.
var ErrNotObject = errors.New("otellivekit: want a JSON object")

// Inject returns a JSON object, such as a room's or a participant's metadata, the
// payload of an RPC or of a data packet, with the trace context and the correlation
// ID of ctx under a key of their own. Empty text becomes an object. Baggage stays
// here: whoever is in the room reads the metadata.
//
// Text that is no JSON object comes back as it is, with [ErrNotObject]; so does any
// text if there is nothing to add, without an error.
func Inject(ctx context.Context, tel *otelvoice.Telemetry, object string) (string, error) {
	headers := headersOf(ctx, tel)
	if len(headers) == 0 {
		return object, nil
	}
	fields := make(map[string]json.RawMessage)
	if strings.TrimSpace(object) != "" {
		if err := json.Unmarshal([]byte(object), &fields); err != nil || fields == nil {
			return object, fmt.Errorf("inject the trace context: %w", ErrNotObject)
		}
	}
	own, err := json.Marshal(headers)
	if err != nil {
		return object, fmt.Errorf("otellivekit: inject the trace context: %w", err)
	}
	fields[metadataKey] = own
	text, err := json.Marshal(fields)
	if err != nil {
		return object, fmt.Errorf("otellivekit: inject the trace context: %w", err)
	}
	return string(text), nil
}

// Extract returns a context that continues the trace of a JSON object; see
// [Inject]. Without a trace in it, ctx comes back as it is.
func Extract(ctx context.Context, tel *otelvoice.Telemetry, object string) context.Context {
	var fields map[string]json.RawMessage
	if json.Unmarshal([]byte(object), &fields) != nil {
		return ctx
	}
	var headers map[string]string
	if json.Unmarshal(fields[metadataKey], &headers) != nil {
		return ctx
	}
	return extract(ctx, tel, headers)
}

// InjectAttributes returns a participant's attributes with the trace context and the
// correlation ID of ctx, under keys of their own. The argument is not written to.
func InjectAttributes(ctx context.Context, tel *otelvoice.Telemetry, attrs map[string]string) map[string]string {
	headers := headersOf(ctx, tel)
	out := make(map[string]string, len(attrs)+len(headers))
	maps.Copy(out, attrs)
	for key, value := range headers {
		out[attributePrefix+key] = value
	}
	return out
}

// ExtractAttributes returns a context that continues the trace of a participant's
// attributes; see [InjectAttributes].
func ExtractAttributes(ctx context.Context, tel *otelvoice.Telemetry, attrs map[string]string) context.Context {
	headers := make(map[string]string)
	for key, value := range attrs {
		if name, ok := strings.CutPrefix(key, attributePrefix); ok {
			headers[name] = value
		}
	}
	return extract(ctx, tel, headers)
}

// SignToken lets a token carry the trace context and the correlation ID of ctx, as
// attributes of the participant who joins with it: the agent in the room continues
// the trace of the request that the token was minted in. It returns the token.
func SignToken(ctx context.Context, tel *otelvoice.Telemetry, token *auth.AccessToken) *auth.AccessToken {
	return token.SetAttributes(InjectAttributes(ctx, tel, nil))
}

// attributesOf returns the attributes that a token gives to whoever joins with it. The
// signature is the server's to verify; an agent trusts the token that it was given.
func attributesOf(token string) map[string]string {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return nil
	}
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return nil
	}
	var claims auth.ClaimGrants
	if json.Unmarshal(payload, &claims) != nil {
		return nil
	}
	return claims.Attributes
}

// headersOf returns what the propagators put into the headers of a request, by names
// in lower case, without baggage.
func headersOf(ctx context.Context, tel *otelvoice.Telemetry) map[string]string {
	headers := make(propagation.MapCarrier)
	tel.Propagator().Inject(ctx, headers)
	out := make(map[string]string, len(headers))
	for key, value := range headers {
		if key = strings.ToLower(key); key != "baggage" {
			out[key] = value
		}
	}
	return out
}

// maxHeader bounds what is read of a header: the metadata is anybody's.
const maxHeader = 512

func extract(ctx context.Context, tel *otelvoice.Telemetry, headers map[string]string) context.Context {
	carrier := make(carrier, len(headers))
	for key, value := range headers {
		if key = strings.ToLower(key); key != "baggage" && len(value) <= maxHeader {
			carrier[key] = value
		}
	}
	if len(carrier) == 0 {
		return ctx
	}
	return tel.Propagator().Extract(ctx, carrier)
}

// carrier is headers by their names in lower case: propagators ask by names of their
// own spelling.
type carrier map[string]string

func (c carrier) Get(key string) string { return c[strings.ToLower(key)] }
func (c carrier) Set(key, value string) { c[strings.ToLower(key)] = value }

func (c carrier) Keys() []string {
	keys := make([]string, 0, len(c))
	for key := range c {
		keys = append(keys, key)
	}
	return keys
}
