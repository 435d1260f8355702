// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package bootstrap

// A Variable is one setting of OpenTelemetry's that is honoured, or several that
// go together.
type Variable struct {
	// Names are those of the variables; {A,B} stands for one name with each.
	Names []string
	// Option is the option of otelvoice that beats it, or "".
	Option string
	Brief  string
	// Default is what counts when nobody says anything.
	Default string
}

// Variables returns the variables that are read beside those of the log, in the
// order in which people read them. A test holds that against what is read.
func Variables() []Variable {
	return []Variable{
		{[]string{"OTEL_SERVICE_NAME"}, "WithServiceName", "The name of the service.", "the program's name"},
		{[]string{"OTEL_RESOURCE_ATTRIBUTES"}, "WithResourceAttributes", "What else describes the process.", ""},
		{[]string{"OTEL_EXPORTER_OTLP_{,TRACES_,METRICS_,LOGS_}ENDPOINT"}, "", "Send there by OTLP, everything or one signal: an http or https URL, or the path of a socket, `unix:///run/otel.sock`.", "nothing is sent"},
		{[]string{"OTEL_EXPORTER_OTLP_{,TRACES_,METRICS_,LOGS_}PROTOCOL"}, "", "`http/protobuf` or `grpc`.", "`http/protobuf`"},
		{[]string{"OTEL_EXPORTER_OTLP_{,TRACES_,METRICS_,LOGS_}{HEADERS,TIMEOUT,COMPRESSION,INSECURE,CERTIFICATE,CLIENT_KEY,CLIENT_CERTIFICATE}"}, "", "As the specification says.", ""},
		{[]string{"OTEL_{TRACES,METRICS,LOGS}_EXPORTER"}, "WithSpanProcessor, WithMetricReader, WithLogProcessor, WithPrometheus add more", "`otlp`, `console`, `none`, or a list; for metrics `prometheus`, to be served by `SDK.MetricsHandler`.", "`otlp` where an endpoint is set, else `none`"},
		{[]string{"OTELVOICE_SPOOL_DIR"}, "WithSpool", "Keep what is sent on disk until the collector has taken it: it outlives the collector and the process.", "in memory, up to 8 MiB for each signal"},
		{[]string{"OTELVOICE_SPOOL_MAX_BYTES", "OTELVOICE_SPOOL_MAX_AGE"}, "WithSpoolLimits", "What may wait on disk for each signal, in bytes, and for how many milliseconds. The oldest goes first.", "256 MiB, one day"},
		{[]string{"OTEL_TRACES_SAMPLER", "OTEL_TRACES_SAMPLER_ARG"}, "WithSampler", "`always_on`, `always_off`, `traceidratio`, and `parentbased_` with each.", "`parentbased_always_on`"},
		{[]string{"OTEL_PROPAGATORS"}, "WithPropagators", "`tracecontext`, `baggage`, `b3`, `b3multi`, `jaeger`, `xray`, `ottrace`; the correlation ID is always added.", "`tracecontext,baggage`"},
		{[]string{"OTEL_{BSP,BLRP}_{SCHEDULE_DELAY,EXPORT_TIMEOUT,MAX_QUEUE_SIZE,MAX_EXPORT_BATCH_SIZE}", "OTEL_METRIC_EXPORT_{INTERVAL,TIMEOUT}"}, "", "How long spans and log records wait for others, how many wait at the most, and how many make a request; how often metrics are sent. The timeouts bound exports that the SDK makes.", "5 and 1 s, 65,536, 1,024; the SDK's"},
		{[]string{"OTEL_EXPORTER_OTLP_METRICS_{TEMPORALITY_PREFERENCE,DEFAULT_HISTOGRAM_AGGREGATION}"}, "", "As the specification says.", "the SDK's"},
		{[]string{"OTEL_{ATTRIBUTE_VALUE_LENGTH,ATTRIBUTE_COUNT,SPAN_ATTRIBUTE_VALUE_LENGTH,SPAN_ATTRIBUTE_COUNT,SPAN_EVENT_COUNT,SPAN_LINK_COUNT,EVENT_ATTRIBUTE_COUNT,LINK_ATTRIBUTE_COUNT,LOGRECORD_ATTRIBUTE_VALUE_LENGTH,LOGRECORD_ATTRIBUTE_COUNT}_LIMIT"}, "", "The SDK's limits.", "the SDK's"},
		{[]string{"OTEL_CONFIG_FILE"}, "", "OpenTelemetry's declarative file; only [`otelconfig.Setup`](../otelconfig/otelconfig.go) reads it, a module of its own.", ""},
		{[]string{"OTEL_SDK_DISABLED"}, "", "No spans, no metrics, nothing sent; lines and correlation IDs stay.", "`false`"},
		{[]string{"OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT"}, "WithContentCapture, WithoutContentCapture", "Record transcripts, replies and tool arguments.", "`false`"},
	}
}
