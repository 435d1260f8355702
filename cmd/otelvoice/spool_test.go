// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	coltrace "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"github.com/voice-agents/telemetry/internal/spool"
	"github.com/voice-agents/telemetry/internal/testing/otlptest"
)

// command runs the command and returns what it prints.
func command(args ...string) (code int, stdout, stderr string) {
	var out, errs strings.Builder
	code = run(args, strings.NewReader(""), &out, &errs)
	return code, out.String(), errs.String()
}

// refusedSpans has a real collector refuse requests of three spans, so that they are dead letters.
func refusedSpans(t *testing.T, dir string, requests int) {
	t.Helper()
	r := otlptest.NewReceiver(t)
	r.Answer(http.StatusBadRequest)
	s, err := spool.New(spool.Config{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	put, err := s.Requests(spool.Traces, spool.Endpoint{URL: r.HTTPEndpoint() + "/v1/traces"})
	if err != nil {
		t.Fatal(err)
	}
	for range requests {
		b, err := proto.Marshal(&coltrace.ExportTraceServiceRequest{ResourceSpans: []*tracepb.ResourceSpans{
			{ScopeSpans: []*tracepb.ScopeSpans{{Spans: []*tracepb.Span{{Name: "a"}, {Name: "b"}, {Name: "c"}}}}},
		}})
		if err != nil {
			t.Fatal(err)
		}
		if err := put(b, 3); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Shutdown(t.Context()); err == nil {
		t.Fatal("nothing was refused")
	}
}

// Rejected requests are listed, sent again once when the collector is repaired, and then removed.
func TestDeadLettersAreSentAgainByTheCommand(t *testing.T) {
	dir := t.TempDir()
	refusedSpans(t, dir, 4)
	code, out, errs := command("spool", "list", dir)
	if code != exitOK || strings.Count(out, "dead letter") != 4 || !strings.Contains(out, "400 Bad Request") || errs != "" {
		t.Errorf("list: %d\n%s%s", code, out, errs)
	}
	code, out, _ = command("spool", "list", "-json", dir)
	lines := strings.Split(strings.TrimSpace(out), "\n")
	var entry spoolEntry
	if err := json.Unmarshal([]byte(lines[0]), &entry); code != exitOK || len(lines) != 4 || err != nil || entry.Kind != "dead_letter" || entry.Signal != "traces" || entry.Items != 3 {
		t.Errorf("list -json: %d, %v, %+v\n%s", code, err, entry, out)
	}

	r := otlptest.NewReceiver(t)
	code, out, errs = command("spool", "resend", "-endpoint", r.HTTPEndpoint(), "-header", "authorization=Bearer s3cret,x", dir)
	if code != exitOK || out != "sent 4 dead letters with 12 items again\n" || errs != "" {
		t.Errorf("resend: %d\n%s%s", code, out, errs)
	}
	if len(r.AllSpans()) != 12 || r.Requests()[0].Path != "/v1/traces" || r.Requests()[0].Header.Get("Authorization") != "Bearer s3cret,x" {
		t.Errorf("%d spans arrived, %+v", len(r.AllSpans()), r.Requests())
	}
	if code, out, _ = command("spool", "resend", "-endpoint", r.HTTPEndpoint(), dir); code != exitOK || len(r.AllSpans()) != 12 {
		t.Errorf("resend again: %d\n%s, %d spans", code, out, len(r.AllSpans()))
	}
	if _, out, _ = command("spool", "list", dir); !strings.Contains(out, "no dead letters") {
		t.Errorf("list: %s", out)
	}
}

// The variables of the service say where to send, too, over gRPC as well; headers are printed nowhere.
func TestResendUsesTheVariablesOfTheService(t *testing.T) {
	dir := t.TempDir()
	refusedSpans(t, dir, 1)
	r := otlptest.NewReceiver(t)
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1")
	t.Setenv("OTEL_EXPORTER_OTLP_HEADERS", "authorization=s3cret")
	t.Setenv("OTEL_TRACES_EXPORTER", "console")
	code, out, errs := command("spool", "resend", dir)
	if code != exitFail || !strings.Contains(errs, "http://127.0.0.1:1") || strings.Contains(out+errs, "s3cret") {
		t.Errorf("a collector that is away: %d\n%s%s", code, out, errs)
	}
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", r.GRPCEndpoint())
	t.Setenv("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")
	if code, out, errs = command("spool", "resend", dir); code != exitOK || len(r.AllSpans()) != 3 || r.Requests()[0].Header.Get("Authorization") != "s3cret" {
		t.Errorf("resend: %d\n%s%s", code, out, errs)
	}
}

func TestDeadLettersThatAreRejectedAgainStay(t *testing.T) {
	dir := t.TempDir()
	refusedSpans(t, dir, 2)
	r := otlptest.NewReceiver(t)
	r.Answer(http.StatusBadRequest)
	code, _, errs := command("spool", "resend", "-endpoint", r.HTTPEndpoint(), dir)
	if code != exitFail || !strings.Contains(errs, "collector rejected 2 dead letters again") {
		t.Errorf("resend: %d\n%s", code, errs)
	}
	if code, out, _ := command("spool", "drop", dir); code != exitOK || out != "deleted 2 dead letters with 6 items\n" {
		t.Errorf("drop: %d\n%s", code, out)
	}
}

func TestSpoolCommandsThatCannotWork(t *testing.T) {
	for _, name := range []string{"OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"} {
		t.Setenv(name, "")
	}
	dir := t.TempDir()
	refusedSpans(t, dir, 1)
	none := filepath.Join(dir, "none")
	for _, tt := range []struct {
		args []string
		code int
		want string
	}{
		{nil, exitUsage, "no command given"},
		{[]string{"frobnicate"}, exitUsage, `unknown command "frobnicate"`},
		{[]string{"list"}, exitUsage, "want one directory"},
		{[]string{"drop", dir, dir}, exitUsage, "want one directory"},
		{[]string{"list", "-x", dir}, exitUsage, "unknown shorthand flag"},
		{[]string{"list", none}, exitFail, none},
		{[]string{"resend", "-endpoint", "http://127.0.0.1:1", none}, exitFail, none},
		{[]string{"drop", none}, exitFail, none},
		{[]string{"resend", dir}, exitFail, "use -endpoint or OTEL_EXPORTER_OTLP_ENDPOINT"},
		{[]string{"resend", "-endpoint", "localhost", dir}, exitUsage, "OTEL_EXPORTER_OTLP_ENDPOINT"},
		{[]string{"resend", "-header", "s", dir}, exitUsage, "KEY=VALUE"},
	} {
		code, out, errs := command(append([]string{"spool"}, tt.args...)...)
		if code != tt.code || !strings.Contains(out+errs, tt.want) {
			t.Errorf("%v: %d, want %d and %q\n%s%s", tt.args, code, tt.code, tt.want, out, errs)
		}
	}
}
