// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package client

import (
	"context"
	"net/http"
	"slices"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/semconv/v1.43.0/httpconv"

	"github.com/voice-agents/telemetry/otelvoice/voicehttp/internal/message"
	"github.com/voice-agents/telemetry/semconv"
)

// meter records the HTTP client metrics of OpenTelemetry's conventions.
type meter struct {
	duration httpconv.ClientRequestDuration
	sent     httpconv.ClientRequestBodySize
	unread   metric.Int64Counter
}

func newMeter(scope metric.Meter) *meter {
	var m meter
	var errs [3]error
	m.duration, errs[0] = httpconv.NewClientRequestDuration(scope, message.DurationBuckets())
	m.sent, errs[1] = httpconv.NewClientRequestBodySize(scope)
	unread := semconv.MetricVoiceProviderNotUnderstood()
	m.unread, errs[2] = scope.Int64Counter(unread.Name, metric.WithUnit(unread.Unit), metric.WithDescription(unread.Description))
	message.Handle(errs[:]...)
	return &m
}

// measure records the time to the response, and the size of the request if it is known yet.
func (c *call) measure(res *http.Response, kind, outcome string) {
	var attrs []attribute.KeyValue
	if c.labels != nil {
		attrs = c.labels.Get()
	}
	attrs = append(slices.Grow(attrs, 9),
		semconv.HTTPRequestMethod(c.method.Name), semconv.URLScheme(c.request.URL.Scheme))
	attrs = appendServer(attrs, c.request)
	if res != nil {
		attrs = append(attrs, semconv.HTTPResponseStatusCode(res.StatusCode))
		if name, version := message.Protocol(res.Proto); version != "" {
			attrs = append(attrs, semconv.NetworkProtocolName(name), semconv.NetworkProtocolVersion(version))
		}
	}
	if kind != "" {
		attrs = append(attrs, semconv.ErrorType(kind))
	}
	if outcome != "" {
		attrs = append(attrs, semconv.VoiceHTTPOutcome(outcome))
	}
	c.measured[0] = metric.WithAttributeSet(attribute.NewSet(attrs...))
	c.transport.meter.duration.Inst().Record(c.request.Context(), time.Since(c.start).Seconds(), c.measured[:]...)
	if size, ok := c.sent.returned(); ok {
		c.measureSize(size)
	}
}

func (c *call) measureSize(size int64) {
	c.transport.meter.sent.Inst().Record(c.request.Context(), size, c.measured[:]...)
}

// notUnderstood counts bytes of a provider that could not be decoded.
func (m *meter) notUnderstood(ctx context.Context, provider, kind string) {
	m.unread.Add(ctx, 1, metric.WithAttributes(
		semconv.GenAIProviderName(provider), semconv.VoiceProviderNotUnderstoodKind(kind)))
}
