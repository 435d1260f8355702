// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"context"
	"slices"

	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
)

// The keys of the headers.
const (
	parentKey = "traceparent"
	stateKey  = "tracestate"
)

// Wrap returns a propagator that handles traceparent and tracestate according to level 2, and otherwise
// behaves like p. It returns p itself if p does not propagate traceparent.
func Wrap(p propagation.TextMapPropagator) propagation.TextMapPropagator {
	if !slices.Contains(p.Fields(), parentKey) {
		return p
	}
	return propagator{p}
}

type propagator struct{ propagation.TextMapPropagator }

// Extract reads the headers of a request. It ignores a traceparent that is not valid, several
// traceparents, and a tracestate without a valid traceparent.
func (p propagator) Extract(ctx context.Context, carrier propagation.TextMapCarrier) context.Context {
	parents, states := values(carrier, parentKey), values(carrier, stateKey)
	if len(parents) == 0 && len(states) == 0 {
		return p.TextMapPropagator.Extract(ctx, carrier)
	}
	parent, tid := parseParent(parents)
	if parent == "" {
		return p.TextMapPropagator.Extract(ctx, reading{TextMapCarrier: carrier})
	}
	members := parseState(states)
	r := reading{TextMapCarrier: carrier, parent: parent, state: format(members, member.isLevel1)}
	if !all(members, member.isLevel1) {
		ctx = context.WithValue(ctx, receivedKey{}, &received{traceID: tid, members: members})
	}
	if parents[0] == r.parent && (len(states) == 0 || len(states) == 1 && states[0] == r.state) {
		return p.TextMapPropagator.Extract(ctx, carrier) // The headers have the same values.
	}
	return p.TextMapPropagator.Extract(ctx, r)
}

// Inject writes the headers of a request.
func (p propagator) Inject(ctx context.Context, carrier propagation.TextMapCarrier) {
	p.TextMapPropagator.Inject(ctx, carrier)
	if r := receivedBy(ctx); r != nil {
		carrier.Set(stateKey, r.merge(trace.SpanContextFromContext(ctx).TraceState()))
	}
}

// State returns the tracestate to send from a context, or "".
func State(ctx context.Context) string {
	state := trace.SpanContextFromContext(ctx).TraceState()
	if r := receivedBy(ctx); r != nil {
		return r.merge(state)
	}
	return state.String()
}

// received is the tracestate of an incoming request with members that a [trace.TraceState] cannot hold.
type received struct {
	traceID trace.TraceID
	members []member
}

type receivedKey struct{}

// receivedBy returns the tracestate that was received with the context's trace, or nil.
func receivedBy(ctx context.Context) *received {
	r, _ := ctx.Value(receivedKey{}).(*received)
	if r == nil || trace.SpanContextFromContext(ctx).TraceID() != r.traceID {
		return nil
	}
	return r
}

// merge applies the changes of the span's state to the received tracestate. New and changed members come
// first, and removed members are left out. Members on the right are dropped beyond the limit.
func (r *received) merge(state trace.TraceState) string {
	members := make([]member, 0, len(r.members)+1)
	state.Walk(func(key, value string) bool {
		if m := (member{key, value}); !slices.Contains(r.members, m) {
			members = append(members, m)
		}
		return true
	})
	for _, m := range r.members {
		if !m.isLevel1() || state.Get(m.key) == m.value {
			members = append(members, m)
		}
	}
	return format(members[:min(len(members), maxMembers)], member.isAny)
}

// values returns all values of a key, including empty ones.
func values(carrier propagation.TextMapCarrier, key string) []string {
	if c, ok := carrier.(propagation.ValuesGetter); ok {
		return c.Values(key)
	}
	if value := carrier.Get(key); value != "" {
		return []string{value}
	}
	return nil
}

// reading is a carrier with traceparent and tracestate as parsed by level 2.
type reading struct {
	propagation.TextMapCarrier

	parent, state string
}

var _ propagation.ValuesGetter = reading{}

// Get returns the value of a key, or "".
func (r reading) Get(key string) string {
	switch key {
	case parentKey:
		return r.parent
	case stateKey:
		return r.state
	}
	return r.TextMapCarrier.Get(key)
}

// Values returns all values of a key.
func (r reading) Values(key string) []string {
	switch key {
	case parentKey, stateKey:
		if value := r.Get(key); value != "" {
			return []string{value}
		}
		return nil
	}
	return values(r.TextMapCarrier, key)
}
