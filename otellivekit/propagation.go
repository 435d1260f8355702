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

// metadataKey is the toolkit's key in metadata, data and RPC payloads. Other keys are not
// changed.
const metadataKey = "otelvoice"

// attributePrefix is the prefix of the toolkit's keys in a participant's attributes.
const attributePrefix = metadataKey + "."

// ErrNotObject reports text that is not a JSON object. It is not changed, because it may have
// a format of the program.
var ErrNotObject = errors.New("otellivekit: not a JSON object")

// Inject adds the trace context and the correlation ID of ctx to a JSON object, under the key
// "otelvoice". The object may be the metadata of a room or a participant, or the payload of
// an RPC or a data packet. An empty text becomes an object. Baggage is not added, because all
// participants of a room can read the metadata.
//
// A text that is not a JSON object is returned unchanged, with [ErrNotObject]. If there is
// nothing to add, any text is returned unchanged, without an error.
func Inject(ctx context.Context, tel *otelvoice.Telemetry, object string) (string, error) {
	headers := headersOf(ctx, tel)
	if len(headers) == 0 {
		return object, nil
	}
	fields := make(map[string]json.RawMessage)
	if strings.TrimSpace(object) != "" {
		if err := json.Unmarshal([]byte(object), &fields); err != nil || fields == nil {
			return object, fmt.Errorf("inject trace context: %w", ErrNotObject)
		}
	}
	own, err := json.Marshal(headers)
	if err != nil {
		return object, fmt.Errorf("otellivekit: inject trace context: %w", err)
	}
	fields[metadataKey] = own
	text, err := json.Marshal(fields)
	if err != nil {
		return object, fmt.Errorf("otellivekit: inject trace context: %w", err)
	}
	return string(text), nil
}

// Extract returns a context that continues the trace in a JSON object; see [Inject]. Without
// a trace it returns ctx.
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

// InjectAttributes returns a copy of a participant's attributes with the trace context and the
// correlation ID of ctx, under keys with the prefix "otelvoice.".
func InjectAttributes(ctx context.Context, tel *otelvoice.Telemetry, attrs map[string]string) map[string]string {
	headers := headersOf(ctx, tel)
	out := make(map[string]string, len(attrs)+len(headers))
	maps.Copy(out, attrs)
	for key, value := range headers {
		out[attributePrefix+key] = value
	}
	return out
}

// ExtractAttributes returns a context that continues the trace in a participant's attributes;
// see [InjectAttributes].
func ExtractAttributes(ctx context.Context, tel *otelvoice.Telemetry, attrs map[string]string) context.Context {
	headers := make(map[string]string)
	for key, value := range attrs {
		if name, ok := strings.CutPrefix(key, attributePrefix); ok {
			headers[name] = value
		}
	}
	return extract(ctx, tel, headers)
}

// SignToken adds the trace context and the correlation ID of ctx to a token, as attributes of
// the participant who joins with it. The agent in the room then continues the trace of the
// request that created the token. It returns the token.
func SignToken(ctx context.Context, tel *otelvoice.Telemetry, token *auth.AccessToken) *auth.AccessToken {
	return token.SetAttributes(InjectAttributes(ctx, tel, nil))
}

// attributesOf returns the participant attributes in a token. It does not verify the
// signature: the server does, and an agent trusts its own token.
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

// headersOf returns the headers that the propagators write, except for baggage, by name in
// lower case.
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

// maxHeader bounds the length of a header, because participants can set the metadata.
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

// carrier is headers by name in lower case. Propagators use names in any case.
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
