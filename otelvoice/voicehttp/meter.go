// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicehttp

import (
	"strings"

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
	scope := provider.Meter(ScopeName, metric.WithInstrumentationVersion(otelvoice.Version), metric.WithSchemaURL(semconv.SchemaURL))
	m.duration, errs[0] = httpconv.NewServerRequestDuration(scope, durations)
	m.read, errs[1] = httpconv.NewServerRequestBodySize(scope)
	m.written, errs[2] = httpconv.NewServerResponseBodySize(scope)
	for _, err := range errs { // One that could not be made records nothing.
		if err != nil {
			otel.Handle(err)
		}
	}
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
	m.written.Inst().Record(x.request, x.response.written, with...)
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
