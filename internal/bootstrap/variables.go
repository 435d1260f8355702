// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package bootstrap

// A Variable is an OpenTelemetry variable that is read, or a group of related ones.
type Variable struct {
	// Names are those of the variables; {A,B} stands for one name with each.
	Names []string
	// Option is the option that takes precedence over it, or "".
	Option string
	Brief  string
	// Default is the value when the variable is not set.
	Default string
}

// Variables returns the variables that are read in addition to those of the log, in the
// order of the table in the documentation. A test compares it with the variables read.
func Variables() []Variable {
	return []Variable{
		{[]string{"OTEL_SERVICE_NAME"}, "WithServiceName", "The name of the service.", "the program's name"},
		{[]string{"OTEL_RESOURCE_ATTRIBUTES"}, "WithResourceAttributes", "Further attributes of the resource.", ""},
		{[]string{"OTEL_EXPORTER_OTLP_{,TRACES_,METRICS_,LOGS_}ENDPOINT"}, "", "The OTLP endpoint of all signals or of one: an http or https URL, or the path of a socket, `unix:///run/otel.sock`.", "nothing is sent"},
		{[]string{"OTEL_EXPORTER_OTLP_{,TRACES_,METRICS_,LOGS_}PROTOCOL"}, "", "`http/protobuf` or `grpc`.", "`http/protobuf`"},
		{[]string{"OTEL_EXPORTER_OTLP_{,TRACES_,METRICS_,LOGS_}{HEADERS,TIMEOUT,COMPRESSION,INSECURE,CERTIFICATE,CLIENT_KEY,CLIENT_CERTIFICATE}"}, "", "As the specification says.", ""},
		{[]string{"OTEL_{TRACES,METRICS,LOGS}_EXPORTER"}, "WithSpanProcessor, WithMetricReader, WithLogProcessor, WithPrometheus add more", "`otlp`, `console`, `none`, or a list; for metrics `prometheus`, to be served by `SDK.MetricsHandler`.", "`otlp` where an endpoint is set, else `none`"},
		{[]string{"OTELVOICE_SPOOL_DIR"}, "WithSpool", "Keep OTLP requests on disk until the collector has accepted them. They survive an outage of the collector and a crash of the process.", "in memory, up to a 32nd of the process's memory for each signal, 8 to 64 MiB"},
		{[]string{"OTELVOICE_SPOOL_MAX_BYTES", "OTELVOICE_SPOOL_MAX_AGE"}, "WithSpoolLimits", "The limits of the requests on disk for each signal: bytes, and milliseconds. The oldest are dropped first.", "256 MiB, one day"},
		{[]string{"OTELVOICE_SPAN_PROFILE"}, "WithSpanProfile", "The vocabulary of the spans that are sent over OTLP, besides their own: `langfuse`, `openinference` (Arize Phoenix), `livekit`; see package [`profile`](../exporters/profile/doc.go).", "`none`"},
		{[]string{"OTELVOICE_PRICE_FILE"}, "WithPriceFile", "The file of your prices, in YAML or JSON, from which `voice.cost` is computed; see package [`pricefile`](../pricing/pricefile/doc.go).", "no costs"},
		{[]string{"OTEL_TRACES_SAMPLER", "OTEL_TRACES_SAMPLER_ARG"}, "WithSampler", "`always_on`, `always_off`, `traceidratio`, and `parentbased_` with each.", "`parentbased_always_on`"},
		{[]string{"OTEL_PROPAGATORS"}, "WithPropagators", "`tracecontext`, `baggage`, `b3`, `b3multi`, `jaeger`, `xray`, `ottrace`; the correlation ID is always added.", "`tracecontext,baggage`"},
		{[]string{"OTEL_{BSP,BLRP}_{SCHEDULE_DELAY,EXPORT_TIMEOUT,MAX_QUEUE_SIZE,MAX_EXPORT_BATCH_SIZE}", "OTEL_METRIC_EXPORT_{INTERVAL,TIMEOUT}"}, "", "The delay of a batch of spans or log records, the maximum queue size, which also sets the memory of waiting requests to 1 KiB for each item, and the maximum batch size; the interval of metric exports. The timeouts bound exports by the SDK.", "5 and 1 s, 65,536, 1,024; the SDK's"},
		{[]string{"OTEL_EXPORTER_OTLP_METRICS_{TEMPORALITY_PREFERENCE,DEFAULT_HISTOGRAM_AGGREGATION}"}, "", "As the specification says.", "the SDK's"},
		{[]string{"OTEL_{ATTRIBUTE_VALUE_LENGTH,ATTRIBUTE_COUNT,SPAN_ATTRIBUTE_VALUE_LENGTH,SPAN_ATTRIBUTE_COUNT,SPAN_EVENT_COUNT,SPAN_LINK_COUNT,EVENT_ATTRIBUTE_COUNT,LINK_ATTRIBUTE_COUNT,LOGRECORD_ATTRIBUTE_VALUE_LENGTH,LOGRECORD_ATTRIBUTE_COUNT}_LIMIT"}, "", "The SDK's limits.", "the SDK's"},
		{[]string{"OTEL_CONFIG_FILE"}, "", "OpenTelemetry's declarative configuration file. Only the separate module [`otelconfig`](../otelconfig/otelconfig.go) reads it, in `otelconfig.Setup`.", ""},
		{[]string{"OTEL_SDK_DISABLED"}, "", "Record no spans and no metrics, and send nothing. Log lines and correlation IDs remain.", "`false`"},
		{[]string{"OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT"}, "WithContentCapture, WithoutContentCapture", "Record transcripts, replies and tool arguments.", "`false`"},
	}
}
