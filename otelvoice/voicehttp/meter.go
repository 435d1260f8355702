// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicehttp

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/semconv/v1.43.0/httpconv"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/semconv"
)

// durations are the buckets that the conventions ask for.
var durations = metric.WithExplicitBucketBoundaries( //nolint:gochecknoglobals // Never changed.
	0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10)

// meter records the metrics of a server, which are OpenTelemetry's own.
type meter struct {
	duration httpconv.ServerRequestDuration
	read     httpconv.ServerRequestBodySize
	written  httpconv.ServerResponseBodySize
}

func newMeter(provider metric.MeterProvider) *meter {
	var m meter
	var errs [3]error
	scope := newScope(provider)
	m.duration, errs[0] = httpconv.NewServerRequestDuration(scope, durations)
	m.read, errs[1] = httpconv.NewServerRequestBodySize(scope)
	m.written, errs[2] = httpconv.NewServerResponseBodySize(scope)
	handle(errs[:])
	return &m
}

// record records an exchange. The host that a request names is left out, because callers
// make hosts up.
func (m *meter) record(x *exchange, end ending, route, kind string) {
	attrs := append(x.labels.Get(),
		semconv.HTTPRequestMethod(x.request.method.name),
		semconv.URLScheme(schemeOf(x.http)))
	if name, version := protocolOf(x.http.Proto); version != "" {
		attrs = append(attrs, semconv.NetworkProtocolName(name), semconv.NetworkProtocolVersion(version))
	}
	if end.status > 0 {
		attrs = append(attrs, semconv.HTTPResponseStatusCode(end.status))
	}
	if route != "" {
		attrs = append(attrs, semconv.HTTPRoute(route))
	}
	if kind != "" {
		attrs = append(attrs, semconv.ErrorType(kind))
	}
	with := []metric.RecordOption{metric.WithAttributeSet(attribute.NewSet(attrs...))}
	m.duration.Inst().Record(x.request, end.at.Sub(x.request.start).Seconds(), with...)
	m.read.Inst().Record(x.request, x.read.size(), with...)
	m.written.Inst().Record(x.request, end.size, with...)
}

// clientMeter records the metrics of a client, which are OpenTelemetry's own.
type clientMeter struct {
	duration httpconv.ClientRequestDuration
	sent     httpconv.ClientRequestBodySize
}

func newClientMeter(provider metric.MeterProvider) *clientMeter {
	var m clientMeter
	var errs [2]error
	scope := newScope(provider)
	m.duration, errs[0] = httpconv.NewClientRequestDuration(scope, durations)
	m.sent, errs[1] = httpconv.NewClientRequestBodySize(scope)
	handle(errs[:])
	return &m
}

// measure records how long a response took, and the size of the request once that is known.
func (c *call) measure(res *http.Response, kind, cut string) {
	var attrs []attribute.KeyValue
	if c.labels != nil {
		attrs = c.labels.Get()
	}
	attrs = append(slices.Grow(attrs, 9),
		semconv.HTTPRequestMethod(c.method.name), semconv.URLScheme(c.request.URL.Scheme))
	attrs = appendServer(attrs, c.request)
	if res != nil {
		attrs = append(attrs, semconv.HTTPResponseStatusCode(res.StatusCode))
		if name, version := protocolOf(res.Proto); version != "" {
			attrs = append(attrs, semconv.NetworkProtocolName(name), semconv.NetworkProtocolVersion(version))
		}
	}
	if kind != "" {
		attrs = append(attrs, semconv.ErrorType(kind))
	}
	if cut != "" {
		attrs = append(attrs, semconv.VoiceHTTPOutcome(cut))
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

func newScope(provider metric.MeterProvider) metric.Meter {
	return provider.Meter(ScopeName, metric.WithInstrumentationVersion(otelvoice.Version), metric.WithSchemaURL(semconv.SchemaURL))
}

// handle tells OpenTelemetry of instruments that could not be made, and record nothing.
func handle(errs []error) {
	for _, err := range errs {
		if err != nil {
			otel.Handle(err)
		}
	}
}

// protocolOf returns the name and the version of a protocol such as HTTP/1.1, or "" for one
// that is not known.
func protocolOf(proto string) (name, version string) {
	switch proto {
	case "HTTP/1.1":
		return "http", "1.1"
	case "HTTP/2.0":
		return "http", "2"
	case "HTTP/1.0":
		return "http", "1.0"
	case "HTTP/3.0":
		return "http", "3"
	}
	name, version, _ = strings.Cut(proto, "/")
	return strings.ToLower(name), version
}
