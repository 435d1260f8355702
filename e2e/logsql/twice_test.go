// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package logsql_test

import (
	"bytes"
	"net/http"
	"testing"

	collogs "go.opentelemetry.io/proto/otlp/collector/logs/v1"
	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	logspb "go.opentelemetry.io/proto/otlp/logs/v1"
	resourcepb "go.opentelemetry.io/proto/otlp/resource/v1"
	"google.golang.org/protobuf/proto"

	"github.com/voice-agents/telemetry/e2e/backend"
)

// TestNamesThatOccurTwice shows what ends this version of VictoriaLogs, and that the collector's
// configuration protects it: a name that occurs twice among the fields that identify a stream. These are
// the attributes of the resource, or those that the header VL-Stream-Fields names.
func TestNamesThatOccurTwice(t *testing.T) {
	t.Parallel()
	forged := func(t *testing.T, endpoint, header string) {
		t.Helper()
		tel, _ := agent(t, endpoint, map[string]string{"OTEL_EXPORTER_OTLP_LOGS_HEADERS": header})
		tel.Logger("voice.stt").Info("a record", "service.name", "forged")
		_ = tel.ForceFlush(t.Context()) // Its error is that VictoriaLogs has ended.
	}
	for _, tc := range []struct {
		name    string
		through bool // Through the collector.
		send    func(t *testing.T, endpoint string)
		ends    bool
	}{
		{"an attribute like one of the resource", false, func(t *testing.T, to string) { t.Helper(); forged(t, to, "") }, false},
		{"an attribute like a stream field", false, func(t *testing.T, to string) { t.Helper(); forged(t, to, "VL-Stream-Fields=service.name") }, true},
		{"two attributes of the resource", false, sendTwice, true},
		{"two attributes of the resource, through the collector", true, sendTwice, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			v := backend.NewVictoriaLogs(t)
			endpoint := v.OTLP
			if tc.through {
				endpoint = "http://" + collector(t, v).HTTP
			}
			tc.send(t, endpoint)
			healthy := backend.Answers(t, "http://"+v.Host+"/health")
			if !tc.ends {
				stored(t, v, "*", 1)
			}
			if ended := !healthy(); ended != tc.ends {
				t.Errorf("VictoriaLogs has ended: %v, want %v. If it goes on, remove the warning from deploy/README.md", ended, tc.ends)
			}
		})
	}
}

// sendTwice sends a record of a resource with the same attribute twice, which no SDK does.
func sendTwice(t *testing.T, endpoint string) {
	t.Helper()
	name := func(value string) *commonpb.KeyValue {
		return &commonpb.KeyValue{Key: "service.name", Value: &commonpb.AnyValue{Value: &commonpb.AnyValue_StringValue{StringValue: value}}}
	}
	body, err := proto.Marshal(&collogs.ExportLogsServiceRequest{ResourceLogs: []*logspb.ResourceLogs{{
		Resource:  &resourcepb.Resource{Attributes: []*commonpb.KeyValue{name("one"), name("two")}},
		ScopeLogs: []*logspb.ScopeLogs{{LogRecords: []*logspb.LogRecord{{Body: name("a record").GetValue()}}}},
	}}})
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, endpoint+"/v1/logs", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-protobuf")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return // VictoriaLogs ended.
	}
	_ = resp.Body.Close()
}
