// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package server

import (
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/semconv/v1.43.0/httpconv"

	"github.com/voice-agents/telemetry/otelvoice/voicehttp/internal/message"
	"github.com/voice-agents/telemetry/semconv"
)

// meter records the HTTP server metrics of OpenTelemetry's conventions.
type meter struct {
	duration httpconv.ServerRequestDuration
	read     httpconv.ServerRequestBodySize
	written  httpconv.ServerResponseBodySize
}

func newMeter(scope metric.Meter) *meter {
	var m meter
	var errs [3]error
	m.duration, errs[0] = httpconv.NewServerRequestDuration(scope, message.DurationBuckets())
	m.read, errs[1] = httpconv.NewServerRequestBodySize(scope)
	m.written, errs[2] = httpconv.NewServerResponseBodySize(scope)
	message.Handle(errs[:]...)
	return &m
}

// record records an exchange. server.address is left out, because callers choose the Host
// header and its cardinality has no bound.
func (m *meter) record(x *exchange, end ending, route, kind string) {
	scheme := "http"
	if x.inner.TLS != nil {
		scheme = "https"
	}
	attrs := append(x.labels.Get(),
		semconv.HTTPRequestMethod(x.request.method.Name),
		semconv.URLScheme(scheme))
	if name, version := message.Protocol(x.inner.Proto); version != "" {
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
